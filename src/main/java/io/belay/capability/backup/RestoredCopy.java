package io.belay.capability.backup;

import io.belay.artifact.Artifact;
import io.belay.command.Commands;
import io.belay.file.PrivateFiles;
import io.belay.step.StepContext;
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
 * backed up. Used by the restore side by side and its rehearsal.
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
   * @param scratch an empty database that nobody else uses
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
    tuneForBulkLoad(scratch);
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
   * Rows go from the artifact to the server, never to Belay's disk. For all else pg_restore needs a
   * file, for which the table of contents is enough.
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
      watch.throwIfCancelled(); // the watch has cut the sessions
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

  /** The data need not be durable before the swap, which writes them all to disk. */
  private void tuneForBulkLoad(PostgresTarget scratch) throws SQLException {
    try (Connection connection = tools.connect(scratch);
        Statement statement = connection.createStatement()) {
      String database = "alter database \"%s\" set ".formatted(scratch.database());
      statement.execute(database + "synchronous_commit = off");
      statement.execute(database + "maintenance_work_mem = " + RestoreScript.INDEX_KILOBYTES);
      // several indexes are built at once already: parallel workers for each would not help
      statement.execute(database + "max_parallel_maintenance_workers = 0");
    }
  }

  /**
   * Compares the copy with the backup, and gathers statistics, without which the first queries
   * after the swap would be planned badly.
   */
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
