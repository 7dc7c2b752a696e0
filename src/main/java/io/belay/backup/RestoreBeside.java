package io.belay.backup;

import io.belay.file.PrivateFiles;
import io.belay.step.StepContext;
import io.belay.target.Artifact;
import io.belay.target.Commands;
import io.belay.target.PostgresTarget;
import io.belay.target.ServerWatch;
import io.belay.target.TargetException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/**
 * Restores into a new database, over several connections, and gives it the old one's name when it
 * was found to hold exactly what the backup holds. Until then the old one is read as before; who
 * wants to write there, waits. Killed at any moment, the name belongs to the old database or to the
 * restored one, and the saved object ids tell which.
 *
 * @see RestoreInPlace
 */
@Component
class RestoreBeside {

  /** Name of the checkpoint that holds the databases' object ids. */
  static final String CHECKPOINT = "beside";

  private static final int CONNECTIONS =
      Math.max(2, Math.min(4, Runtime.getRuntime().availableProcessors()));

  private final PostgresTools tools;

  RestoreBeside(PostgresTools tools) {
    this.tools = tools;
  }

  /**
   * @param artifact backup id
   * @param replaced object id of the database that is to be replaced
   * @param restored of the new one; 0 before it is made
   */
  record Beside(String artifact, long replaced, long restored) {}

  /** Whether an earlier attempt began it. */
  boolean wasTried(StepContext context) {
    return context.saved(CHECKPOINT, Beside.class).isPresent();
  }

  /**
   * Whether an earlier attempt has done it already; removes what it left. An attempt that is still
   * in progress cannot do it any more, for its new database is gone.
   *
   * @throws TargetException when the name belongs to neither of the two databases
   */
  boolean isDone(Artifact artifact, PostgresTarget database, StepContext context) throws Exception {
    Optional<Beside> earlier = context.saved(CHECKPOINT, Beside.class);
    if (earlier.isEmpty()) {
      return false;
    }
    scratch(database, context).drop();
    try (Connection connection = tools.connect(database)) {
      long now = DatabaseSwap.id(connection, database.database());
      if (now == earlier.get().replaced()) {
        return false;
      } else if (now != earlier.get().restored()) {
        throw new TargetException(
            "%s is neither the database that an earlier attempt was to replace nor the one it restored: somebody has made another. Look whether its tables hold what the backup holds, then skip this step or start it with a new run"
                .formatted(database.describe()));
      }
    }
    dropReplaced(database, context);
    return earlier.get().artifact().equals(artifact.id());
  }

  /**
   * Does it, after {@link #isDone} said no.
   *
   * @throws TargetException when the artifact is damaged or the server refuses; the database is
   *     unchanged then
   */
  void restore(Artifact artifact, PostgresTarget database, StepContext context) throws Exception {
    tools.watched(
        database,
        context.cancellation(),
        "The database is as it was before or wholly restored, the next attempt finds out which",
        watch -> {
          restore(artifact, database, context, watch);
          return null;
        });
    dropReplaced(database, context);
  }

  private void restore(
      Artifact artifact, PostgresTarget database, StepContext context, ServerWatch watch)
      throws Exception {
    ScratchDatabase scratch = scratch(database, context);
    String name = scratch.target().database();
    try (DatabaseSwap swap = new DatabaseSwap(tools, database, name, replaced(context))) {
      swap.holdWriters(watch);
      long replaced = id(database, database.database());
      context.save(CHECKPOINT, new Beside(artifact.id(), replaced, 0));
      DatabaseContent content = PostgresManifest.of(artifact).content();
      scratch.create(content.publicSchema(), true, watch);
      long restored = id(database, name);
      load(artifact, scratch.target(), context, watch);
      check(content, scratch.target(), watch);
      context.save(CHECKPOINT, new Beside(artifact.id(), replaced, restored));
      context.announceDatabase(PostgresManifest.of(artifact).target(), restored);
      swap.swap(replaced, restored, watch);
    } catch (Exception e) {
      scratch.dropAfter(e);
      throw e;
    }
  }

  private void load(
      Artifact artifact, PostgresTarget scratch, StepContext context, ServerWatch watch)
      throws Exception {
    hasten(scratch);
    Path work = context.artifacts().workDirectory(context.runId(), artifact.name() + ".contents");
    try {
      Path archive =
          PostgresManifest.of(artifact).format() == DumpFormat.CUSTOM
              ? loadStream(artifact, scratch, work, context, watch)
              : loadDirectory(artifact, scratch, work, context, watch);
      context.progress().report(0, 0, "", "building the indexes of " + scratch.describe());
      pgRestore(scratch, watch, "--section=post-data", jobs(), archive.toString());
    } finally {
      PackedDirectory.delete(work);
    }
  }

  private static String jobs() {
    return "--jobs=" + CONNECTIONS;
  }

  private Path loadDirectory(
      Artifact artifact, PostgresTarget scratch, Path work, StepContext context, ServerWatch watch)
      throws Exception {
    Path archive = PostgresDump.unpack(artifact, context, work);
    pgRestore(scratch, watch, "--section=pre-data", archive.toString());
    pgRestore(scratch, watch, "--section=data", jobs(), archive.toString());
    return archive;
  }

  /**
   * Rows go from the artifact to the server, never to a disk of Belay's. For all else pg_restore
   * wants a file, for which the table of contents is enough.
   */
  private Path loadStream(
      Artifact artifact, PostgresTarget scratch, Path work, StepContext context, ServerWatch watch)
      throws Exception {
    ByteProgress progress =
        new ByteProgress(
            context, PostgresManifest.plainBytes(artifact), "reading " + artifact.name());
    try (InputStream plain = progress.counting(PostgresDump.open(artifact, context))) {
      CustomArchive archive = CustomArchive.open(plain);
      Path contents = work.resolve("contents.dump");
      PrivateFiles.write(contents, archive.beginning());
      Path entries = work.resolve("contents.list");
      PrivateFiles.write(
          entries,
          archive.entriesWithoutData().stream()
              .map(number -> number + ";\n")
              .collect(Collectors.joining())
              .getBytes(StandardCharsets.US_ASCII));
      pgRestore(
          scratch,
          watch,
          "--section=pre-data",
          "--section=data",
          "--use-list=" + entries,
          contents.toString());
      try (DataSessions sessions = new DataSessions(CONNECTIONS, tools, scratch, watch)) {
        sessions.fill(archive);
      }
      PrivateFiles.write(contents, archive.beginningWithSizes());
      return contents;
    } catch (IOException e) {
      watch.throwIfCancelled(); // which has cut the sessions
      throw new TargetException(
          "backup %s cannot be restored into %s: %s. The database itself is as it was before"
              .formatted(artifact.id(), scratch.describe(), e.getMessage()),
          e);
    } catch (Exception e) {
      watch.throwIfCancelled();
      throw e;
    }
  }

  private void pgRestore(PostgresTarget scratch, ServerWatch watch, String... arguments)
      throws Exception {
    List<String> command = new ArrayList<>(List.of("pg_restore", "--exit-on-error"));
    command.add("--no-password");
    command.addAll(List.of(arguments));
    Commands.Result result = tools.run(scratch, command, watch, line -> {});
    if (!result.succeeded()) {
      watch.throwIfCancelled();
      throw new TargetException(
          "pg_restore into %s ended with %d: %s. The database itself is as it was before"
              .formatted(scratch.describe(), result.exitCode(), result.output().strip()));
    }
  }

  /** Nothing of it counts before the swap, which is written to disk with all that came before. */
  private void hasten(PostgresTarget scratch) throws SQLException {
    try (Connection connection = tools.connect(scratch);
        Statement statement = connection.createStatement()) {
      String database = "alter database \"%s\" set ".formatted(scratch.database());
      statement.execute(database + "synchronous_commit = off");
      statement.execute(database + "maintenance_work_mem = " + RestoreScript.INDEX_KILOBYTES);
      // several indexes are built at once already: workers for each cost more than they help
      statement.execute(database + "max_parallel_maintenance_workers = 0");
    }
  }

  /** Statistics before the swap too: the first queries would be planned badly without them. */
  private void check(DatabaseContent backup, PostgresTarget scratch, ServerWatch watch)
      throws SQLException {
    CompletableFuture<Void> analyzed = TableStatistics.gather(CONNECTIONS, tools, scratch, watch);
    try (Connection connection = tools.connectUnbounded(scratch, watch)) {
      connection.setAutoCommit(false);
      Optional<String> difference = backup.difference(DatabaseContent.of(connection, watch));
      if (difference.isPresent()) {
        throw new TargetException(
            "after the restore into %s %s. The database itself is as it was before"
                .formatted(scratch.describe(), difference.get()));
      }
      analyzed.join();
    } catch (SQLException e) {
      watch.throwIfCancelled();
      throw e;
    } catch (CompletionException e) {
      watch.throwIfCancelled();
      throw e.getCause() instanceof TargetException failed ? failed : e;
    }
  }

  private long id(PostgresTarget database, String name) throws SQLException {
    try (Connection connection = tools.connect(database)) {
      return DatabaseSwap.id(connection, name);
    }
  }

  /** It has served its purpose; that it is left is no reason to fail. */
  private void dropReplaced(PostgresTarget database, StepContext context) throws Exception {
    String name = replaced(context);
    try {
      tools.watched(
          database,
          context.cancellation(),
          "%s is restored".formatted(database.describe()),
          watch -> {
            new ScratchDatabase(tools, database, name).drop(watch);
            return null;
          });
    } catch (TargetException e) {
      context.log(
          "%s is restored, but what it replaced is left as database %s: %s. Drop it by hand",
          database.describe(), name, e.getMessage());
    }
  }

  private ScratchDatabase scratch(PostgresTarget database, StepContext context) {
    return new ScratchDatabase(tools, database, name("belay_restored_", context));
  }

  private static String replaced(StepContext context) {
    return name("belay_replaced_", context);
  }

  private static String name(String prefix, StepContext context) {
    return ScratchDatabase.name(prefix, context.runId() + "_" + context.stepKey());
  }
}
