package io.belay.capability.backup;

import io.belay.artifact.Artifact;
import io.belay.command.Commands;
import io.belay.step.StepContext;
import io.belay.target.PostgresTarget;
import io.belay.target.ServerWatch;
import io.belay.target.TargetException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongConsumer;
import org.springframework.stereotype.Component;

/**
 * Restores a database to exactly what its backup holds, in one transaction: later objects are
 * dropped, changed ones are recreated. After a kill at any moment, the database is as before or as
 * in the backup, never in between. The transaction's id is saved before anything is changed, so
 * that a second attempt knows whether the first one was committed, and does not restore twice
 * (which would lose what was written in between).
 *
 * <p>{@code COMMIT} is the last line sent to psql, after pg_restore succeeded, the artifact's
 * checksum was correct and the rows were counted: the server rolls back a stream that is cut off.
 * (psql's own {@code --single-transaction} would commit at the end of such a stream.)
 *
 * <p>Not restored, since not in a dump: roles, tablespaces, settings of the database itself.
 *
 * @see RestoreBeside
 */
@Component
class RestoreInPlace {

  /** Name of the checkpoint that holds the transaction's id. */
  static final String CHECKPOINT = "restore";

  static final List<String> PSQL =
      List.of(
          "psql",
          "--no-psqlrc",
          "--no-password",
          "--quiet",
          "--tuples-only",
          "--no-align",
          "--set=ON_ERROR_STOP=1",
          "--set=SHOW_CONTEXT=never",
          "--file=-");

  private static final List<String> SCRIPT = List.of("--single-transaction", "--file=-");
  private static final Duration LOGIN = Duration.ofMinutes(1);

  private final PostgresTools tools;
  private final PostgresDump dump;

  RestoreInPlace(PostgresTools tools, PostgresDump dump) {
    this.tools = tools;
    this.dump = dump;
  }

  /**
   * @param artifact backup id
   * @param transaction id at the server, before its effect
   */
  record Restore(String artifact, long transaction) {}

  /**
   * Whether an earlier attempt has completed the restore. Ends one still in progress, whose node is
   * paused or cut off.
   */
  boolean isDone(Artifact artifact, PostgresTarget database, StepContext context) {
    RestoreTransaction transactions = new RestoreTransaction(tools, database);
    context
        .saved(CHECKPOINT, Restore.class)
        .ifPresent(earlier -> transactions.endEarlier(earlier.transaction()));
    return isCommitted(artifact, transactions, context);
  }

  private static boolean isCommitted(
      Artifact artifact, RestoreTransaction transactions, StepContext context) {
    Restore earlier = context.saved(CHECKPOINT, Restore.class).orElse(null);
    return earlier != null
        && earlier.artifact().equals(artifact.id())
        && transactions.isCommitted(earlier.transaction(), context.cancellation());
  }

  /**
   * Restores the database. Call it only after {@link #isDone} has returned false.
   *
   * @throws TargetException when the artifact is damaged or the server refuses; the database is
   *     then unchanged
   */
  void restore(Artifact artifact, PostgresTarget database, StepContext context) throws Exception {
    PostgresManifest manifest = PostgresManifest.of(artifact);
    tools.watched(
        database,
        context.cancellation(),
        "The database is as it was before or wholly restored, the next attempt finds out which",
        watch -> {
          Commands.Result result =
              runInOneTransaction(
                  artifact,
                  manifest,
                  database,
                  context,
                  id -> context.save(CHECKPOINT, new Restore(artifact.id(), id)),
                  watch);
          requireCommitted(result, artifact, database, context, watch);
          return null;
        });
    analyze(database, context);
  }

  private void requireCommitted(
      Commands.Result result,
      Artifact artifact,
      PostgresTarget database,
      StepContext context,
      ServerWatch watch) {
    if (!result.succeeded()
        || !isCommitted(artifact, new RestoreTransaction(tools, database), context)) {
      throw new TargetException(
          watch.blaming(
              "the restore of %s from %s was rolled back, psql ended with %d: %s. The database is as it was before; remove the cause (sessions that hold locks, rights of the login), then retry"
                  .formatted(
                      database.describe(),
                      artifact.id(),
                      result.exitCode(),
                      result.output().strip())));
    }
  }

  /**
   * Clears, restores and commits.
   *
   * @param begun receives the transaction's id before anything is changed
   */
  Commands.Result runInOneTransaction(
      Artifact artifact,
      PostgresManifest manifest,
      PostgresTarget database,
      StepContext context,
      LongConsumer begun,
      ServerWatch watch)
      throws Exception {
    CompletableFuture<Optional<Long>> transaction = new CompletableFuture<>();
    return tools.filter(
        database,
        PSQL,
        watch,
        stdin -> {
          write(stdin, RestoreScript.open());
          Optional<Long> id = awaitTransaction(transaction, database);
          if (id.isEmpty()) {
            return; // psql could not log in, and says so itself
          }
          begun.accept(id.get());
          write(stdin, RestoreScript.clear(manifest.content().publicSchema()));
          AtomicBoolean complete = new AtomicBoolean();
          dump.read(
              artifact,
              database,
              SCRIPT,
              context,
              sql -> complete.set(WithoutCommit.copy(sql, stdin)));
          if (!complete.get()) {
            throw new TargetException(
                "the script that pg_restore made of %s has no end. %s is as it was before"
                    .formatted(artifact.id(), database.describe()));
          }
          write(stdin, RestoreScript.check(manifest.content()));
          watch.throwIfCancelled();
          write(stdin, "COMMIT;\n");
        },
        stdout -> {
          BufferedReader lines =
              new BufferedReader(new InputStreamReader(stdout, StandardCharsets.UTF_8));
          String first = lines.readLine();
          transaction.complete(Optional.ofNullable(first).map(String::strip).map(Long::valueOf));
          lines.transferTo(Writer.nullWriter());
        });
  }

  private static Optional<Long> awaitTransaction(
      CompletableFuture<Optional<Long>> transaction, PostgresTarget database) throws Exception {
    try {
      return transaction.get(LOGIN.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new TargetException(
          "psql has not begun a transaction at %s within %d s; the database is as it was before. Retry when the server answers"
              .formatted(database.describe(), LOGIN.toSeconds()),
          e);
    }
  }

  private static void write(OutputStream stdin, String sql) throws IOException {
    stdin.write(sql.getBytes(StandardCharsets.UTF_8));
    stdin.flush();
  }

  /** Gathers statistics, which restored tables lack and without which queries are planned badly. */
  private void analyze(PostgresTarget database, StepContext context) {
    try (Connection connection = tools.connect(database);
        Statement statement = connection.createStatement()) {
      statement.execute("analyze");
    } catch (SQLException | TargetException e) {
      context.log(
          "%s is restored, but ANALYZE failed (%s): autovacuum will do it, queries may be slow until then",
          database.describe(), e.getMessage());
    }
  }
}
