package io.belay.capability.backup;

import io.belay.artifact.Artifact;
import io.belay.artifact.Zstd;
import io.belay.command.Commands;
import io.belay.step.BusinessStop;
import io.belay.step.StepContext;
import io.belay.target.PostgresTarget;
import io.belay.target.ServerWatch;
import io.belay.target.TargetException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;

/**
 * Backs up a PostgreSQL database: pg_dump writes uncompressed, zstd compresses, and the artifact
 * store hashes and encrypts, all in one stream. Counts the rows of every table in the same snapshot
 * that is dumped. Changes nothing at the server. Returns an existing backup as it is; an
 * interrupted one leaves nothing and is taken again.
 *
 * <p>A dump contains no roles, no tablespaces and no settings of the database itself.
 *
 * @see PostgresRestore
 */
@Component
class PostgresBackup {

  private static final String LOCK_TIMEOUT = "--lock-wait-timeout=60000";

  private final PostgresTools tools;
  private final RestoreWays ways;

  PostgresBackup(PostgresTools tools, RestoreWays ways) {
    this.tools = tools;
    this.ways = ways;
  }

  /**
   * @param name of the target
   * @throws BusinessStop when pg_dump is older than the server
   * @throws TargetException when the server or pg_dump refuses; leaves no artifact
   */
  Artifact take(String name, PostgresTarget database, DumpFormat format, StepContext context)
      throws Exception {
    String file = "postgres-%s-%s.%s.zst".formatted(name, context.stepKey(), suffix(format));
    return context
        .artifacts()
        .write(
            context.runId(),
            file,
            PostgresManifest.KIND,
            out ->
                tools.watched(
                    database,
                    context.cancellation(),
                    "The database is unchanged, no backup was kept",
                    watch -> dump(name, database, format, file, out, context, watch)));
  }

  private static String suffix(DumpFormat format) {
    return format == DumpFormat.CUSTOM ? "dump" : "tar";
  }

  private Map<String, String> dump(
      String name,
      PostgresTarget database,
      DumpFormat format,
      String file,
      OutputStream out,
      StepContext context,
      ServerWatch watch)
      throws Exception {
    PostgresTools.Versions versions = tools.requireSuitable(database, watch);
    RestoreWays.Choice choice = ways.choose(database);
    try (PostgresSnapshot snapshot = PostgresSnapshot.of(tools.connectUnbounded(database, watch))) {
      context.progress().report(0, 0, "bytes", "counting the rows of " + database.describe());
      DatabaseContent content = snapshot.content(watch);
      String lsn = snapshot.lsn().orElse("not allowed to read");
      String system = snapshot.systemIdentifier().orElse("not allowed to read");
      long total = snapshot.databaseSize();
      ByteProgress progress = new ByteProgress(context, total, "dumping " + database.describe());
      try (OutputStream zipped = Zstd.compress(out)) {
        if (format == DumpFormat.CUSTOM) {
          dumpStream(database, snapshot, zipped, progress, watch);
        } else {
          dumpDirectory(database, snapshot, file, zipped, progress, context, watch);
        }
      }
      Map<String, String> details =
          new PostgresManifest(name, format, content, choice.way()).toDetails();
      details.put(PostgresManifest.WHY, choice.why());
      details.put("server", versions.server());
      details.put("pgDump", versions.pgDump());
      details.put("database", database.database());
      details.put("host", database.host() + ":" + database.port());
      details.put("plainBytes", Long.toString(progress.done()));
      details.put("lsn", lsn);
      details.put("systemIdentifier", system);
      details.put(StepContext.SOURCE, context.identity(name));
      details.put("restore", byHand(format, file, database));
      return details;
    } catch (SQLException e) {
      watch.throwIfCancelled();
      throw new TargetException(
          watch.blaming(
              "the backup of %s broke off: %s. The database is unchanged, no backup was kept; retry"
                  .formatted(database.describe(), e.getMessage())),
          e);
    }
  }

  private void dumpStream(
      PostgresTarget database,
      PostgresSnapshot snapshot,
      OutputStream zipped,
      ByteProgress progress,
      ServerWatch watch)
      throws Exception {
    Commands.Result result =
        tools.read(
            database,
            arguments(snapshot, "--format=custom"),
            watch,
            in -> progress.copy(in, zipped));
    requireSuccess(result, database, watch);
  }

  private void dumpDirectory(
      PostgresTarget database,
      PostgresSnapshot snapshot,
      String file,
      OutputStream zipped,
      ByteProgress progress,
      StepContext context,
      ServerWatch watch)
      throws Exception {
    Path work = context.artifacts().workDirectory(context.runId(), file + ".work");
    try {
      // pg_dump creates its directory itself
      Path dump = work.resolve("dump");
      List<String> arguments = arguments(snapshot, "--format=directory");
      arguments.add("--jobs=" + Runtime.getRuntime().availableProcessors());
      arguments.add("--verbose");
      arguments.add("--file=" + dump);
      Commands.Result result =
          tools.run(database, arguments, watch, line -> progress.at(PackedDirectory.size(dump)));
      requireSuccess(result, database, watch);
      PackedDirectory.pack(dump, zipped, watch);
    } finally {
      PackedDirectory.delete(work);
    }
  }

  private static List<String> arguments(PostgresSnapshot snapshot, String format) {
    return new ArrayList<>(
        List.of(
            "pg_dump",
            format,
            "--compress=0",
            "--no-password",
            "--snapshot=" + snapshot.id(),
            LOCK_TIMEOUT));
  }

  private static void requireSuccess(
      Commands.Result result, PostgresTarget database, ServerWatch watch) {
    if (!result.succeeded()) {
      throw new TargetException(
          watch.blaming(
              "pg_dump of %s ended with %d: %s. The database is unchanged, no backup was kept"
                  .formatted(database.describe(), result.exitCode(), result.output().strip())));
    }
  }

  /** The commands that restore the artifact without Belay. */
  static String byHand(DumpFormat format, String file, PostgresTarget database) {
    String source = "zstd -dc %s (decrypted first where encrypted)".formatted(file);
    String where =
        "--clean --if-exists -h %s -p %d -U %s -d %s"
            .formatted(database.host(), database.port(), database.username(), database.database());
    return format == DumpFormat.CUSTOM
        ? "%s | pg_restore --single-transaction %s".formatted(source, where)
        : "%s | tar -x -C dump && pg_restore --jobs=4 %s dump".formatted(source, where);
  }
}
