package io.belay.capability.backup;

import io.belay.artifact.Artifact;
import io.belay.command.Commands;
import io.belay.step.StepContext;
import io.belay.target.PostgresTarget;
import io.belay.target.RestoreWay;
import io.belay.target.ServerWatch;
import io.belay.target.TargetException;
import java.io.OutputStream;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;

/**
 * Rehearses the restore of a backup in a scratch database on the same server, compares the result
 * with what was backed up, and drops it, including one that a killed attempt of the same step left.
 * Needs the right to create databases, and room at the server for a second copy.
 *
 * <p>Side by side: everything up to the swap, and what the swap does to the new database. In place:
 * the scratch database gets the schema and the large objects of the present one; then the restore's
 * own transaction clears and fills it.
 */
@Component
class PostgresRehearsal {

  private static final List<String> SCHEMA =
      List.of("pg_dump", "--schema-only", "--no-subscriptions", "--no-password");

  private final PostgresTools tools;
  private final RestoreWays ways;
  private final RestoredCopy copy;
  private final RestoreInPlace inPlace;

  PostgresRehearsal(
      PostgresTools tools, RestoreWays ways, RestoredCopy copy, RestoreInPlace inPlace) {
    this.tools = tools;
    this.ways = ways;
    this.copy = copy;
    this.inPlace = inPlace;
  }

  /**
   * @return what fails or differs, or empty when the restore works and the copy is faithful
   * @throws TargetException when the rehearsal is impossible
   */
  Optional<String> difference(Artifact artifact, PostgresTarget database, StepContext context)
      throws Exception {
    String name = scratchName(context.stepKey());
    ScratchDatabase scratch = new ScratchDatabase(tools, database, name);
    RestoreWay way = ways.of(artifact, database).way();
    try {
      Optional<String> difference =
          tools.watched(
              database,
              context.cancellation(),
              "The database itself is untouched",
              watch ->
                  way == RestoreWay.BESIDE
                      ? rehearseBeside(artifact, database, scratch, context, watch)
                      : rehearseInPlace(artifact, database, scratch, context, watch));
      scratch.drop();
      return difference.map(what -> "its rehearsal fails: " + what);
    } catch (Exception e) {
      scratch.dropAfter(e);
      throw e;
    }
  }

  /** The same for all attempts of a step. */
  static String scratchName(String stepKey) {
    return ScratchDatabase.name("belay_rehearsal_", stepKey);
  }

  private Optional<String> rehearseBeside(
      Artifact artifact,
      PostgresTarget database,
      ScratchDatabase scratch,
      StepContext context,
      ServerWatch watch)
      throws Exception {
    scratch.create(PostgresManifest.of(artifact).content().publicSchema(), true, watch);
    String name = scratch.target().database();
    try {
      copy.fill(artifact, scratch.target(), context, watch);
    } catch (TargetException e) {
      watch.throwIfCancelled();
      return Optional.of(e.getMessage());
    }
    try (DatabaseSwap swap =
        new DatabaseSwap(tools, database, name, scratchName(context.stepKey() + "_swapped"))) {
      return swap.rehearse(watch);
    }
  }

  private Optional<String> rehearseInPlace(
      Artifact artifact,
      PostgresTarget database,
      ScratchDatabase scratch,
      StepContext context,
      ServerWatch watch)
      throws Exception {
    scratch.create(hasPublicSchema(database), true, watch);
    Optional<String> failure = copySchema(database, scratch.target(), watch);
    if (failure.isPresent()) {
      return failure;
    }
    copyLargeObjects(database, scratch.target(), watch);
    PostgresManifest manifest = PostgresManifest.of(artifact);
    Commands.Result result =
        inPlace.runInOneTransaction(
            artifact, manifest, scratch.target(), context, transaction -> {}, watch);
    if (!result.succeeded()) {
      watch.throwIfCancelled();
      return Optional.of("the restore ended with: " + result.output().strip());
    }
    try (Connection connection = tools.connectUnbounded(scratch.target(), watch)) {
      connection.setAutoCommit(false);
      return manifest
          .content()
          .difference(DatabaseContent.of(connection, watch))
          .map(difference -> "after the restore " + difference);
    }
  }

  private boolean hasPublicSchema(PostgresTarget database) throws SQLException {
    try (Connection connection = tools.connect(database);
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("select from pg_namespace where nspname = 'public'")) {
      return row.next();
    }
  }

  private Optional<String> copySchema(
      PostgresTarget database, PostgresTarget scratch, ServerWatch watch) throws Exception {
    Commands.Result[] dumped = new Commands.Result[1];
    Commands.Result loaded =
        tools.filter(
            scratch,
            RestoreInPlace.PSQL,
            watch,
            stdin ->
                dumped[0] =
                    tools.read(
                        database,
                        SCHEMA,
                        watch,
                        sql -> {
                          sql.transferTo(stdin);
                          stdin.flush();
                        }),
            stdout -> stdout.transferTo(OutputStream.nullOutputStream()));
    for (Commands.Result result : List.of(loaded, dumped[0] == null ? loaded : dumped[0])) {
      if (!result.succeeded()) {
        watch.throwIfCancelled();
        return Optional.of(
            "the present schema cannot be copied into a scratch database: "
                + result.output().strip());
      }
    }
    return Optional.empty();
  }

  /** Copies large objects without their content, which is enough to rehearse the clearing. */
  private void copyLargeObjects(PostgresTarget database, PostgresTarget scratch, ServerWatch watch)
      throws SQLException {
    try (Connection from = tools.connectUnbounded(database, watch);
        Connection to = tools.connectUnbounded(scratch, watch);
        Statement ask = from.createStatement();
        PreparedStatement create =
            to.prepareStatement("select count(lo_create(oid)) from unnest(?) as present(oid)")) {
      try (ResultSet row =
          ask.executeQuery(
              "select array(select oid from pg_largeobject_metadata order by oid)::oid[]")) {
        row.next();
        Array oids = to.createArrayOf("oid", (Object[]) row.getArray(1).getArray());
        create.setArray(1, oids);
        create.executeQuery().close();
      }
    }
  }
}
