package io.belay.backup;

import io.belay.step.StepContext;
import io.belay.target.Artifact;
import io.belay.target.Commands;
import io.belay.target.PostgresTarget;
import io.belay.target.ServerWatch;
import io.belay.target.TargetException;
import java.io.InputStream;
import java.io.OutputStream;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;

/**
 * Restores a backup into a scratch database on the same server, compares structure and row counts
 * with what was backed up, and drops it again, also the one that a killed attempt of the same step
 * left behind. Needs the right to create databases, and room at the server for a second copy.
 */
@Component
class PostgresRehearsal {

  private static final List<String> SCRIPT =
      List.of("--no-publications", "--no-subscriptions", "--file=-");

  private final PostgresTools tools;
  private final PostgresDump dump;

  PostgresRehearsal(PostgresTools tools, PostgresDump dump) {
    this.tools = tools;
    this.dump = dump;
  }

  /**
   * @return what differs, or empty when the copy is faithful
   * @throws TargetException when the rehearsal cannot be held
   */
  Optional<String> difference(Artifact artifact, PostgresTarget database, StepContext context)
      throws Exception {
    ScratchDatabase scratch = new ScratchDatabase(tools, database, scratchName(context.stepKey()));
    try {
      Optional<String> difference =
          tools.watched(
              database,
              context.cancellation(),
              "The database itself is untouched",
              watch -> rehearse(artifact, scratch, context, watch));
      scratch.drop();
      return difference;
    } catch (Exception e) {
      scratch.dropAfter(e);
      throw e;
    }
  }

  private Optional<String> rehearse(
      Artifact artifact, ScratchDatabase scratch, StepContext context, ServerWatch watch)
      throws Exception {
    DatabaseContent content = PostgresManifest.of(artifact).content();
    scratch.create(content.publicSchema(), false, watch);
    Optional<String> failure = restore(artifact, scratch.target(), context, watch);
    return failure.isPresent() ? failure : compare(content, scratch.target(), watch);
  }

  /** Stable over attempts of a step. */
  static String scratchName(String stepKey) {
    return ScratchDatabase.name("belay_rehearsal_", stepKey);
  }

  private Optional<String> restore(
      Artifact artifact, PostgresTarget scratch, StepContext context, ServerWatch watch)
      throws Exception {
    Commands.Result result =
        tools.filter(
            scratch,
            RestoreInPlace.PSQL,
            watch,
            stdin -> dump.read(artifact, scratch, SCRIPT, context, sql -> transfer(sql, stdin)),
            stdout -> stdout.transferTo(OutputStream.nullOutputStream()));
    return result.succeeded()
        ? Optional.empty()
        : Optional.of("its restore fails: " + result.output().strip());
  }

  private static void transfer(InputStream sql, OutputStream stdin) throws Exception {
    sql.transferTo(stdin);
    stdin.flush();
  }

  private Optional<String> compare(
      DatabaseContent backup, PostgresTarget scratch, ServerWatch watch) throws SQLException {
    try (Connection connection = tools.connectUnbounded(scratch, watch)) {
      connection.setAutoCommit(false);
      DatabaseContent restored = DatabaseContent.of(connection, watch);
      return backup.difference(restored).map(difference -> "after a trial restore " + difference);
    }
  }
}
