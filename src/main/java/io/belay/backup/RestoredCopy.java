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
 * Fills a new database from a backup, over several connections, and compares it with what was
 * backed up. A restore side by side and its rehearsal do the same here.
 */
@Component
class RestoredCopy {

  private static final int CONNECTIONS =
      Math.max(2, Math.min(4, Runtime.getRuntime().availableProcessors()));

  private final PostgresTools tools;

  RestoredCopy(PostgresTools tools) {
    this.tools = tools;
  }

  /**
   * @param scratch empty, and used by nobody else
   * @throws TargetException when the server refuses, or the copy is not faithful
   */
  void fill(Artifact artifact, PostgresTarget scratch, StepContext context, ServerWatch watch)
      throws Exception {
    load(artifact, scratch, context, watch);
    check(PostgresManifest.of(artifact).content(), scratch, watch);
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
}
