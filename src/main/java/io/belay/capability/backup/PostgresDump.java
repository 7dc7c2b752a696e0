package io.belay.capability.backup;

import io.belay.artifact.Artifact;
import io.belay.artifact.Zstd;
import io.belay.command.Commands;
import io.belay.file.PrivateFiles;
import io.belay.step.StepContext;
import io.belay.target.PostgresTarget;
import io.belay.target.TargetException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.springframework.stereotype.Component;

/**
 * Reads a backup of either format through pg_restore, as SQL or as its table of contents, with no
 * effect on any database. Reads the whole artifact each time, so that damage anywhere is noticed.
 */
@Component
class PostgresDump {

  private final PostgresTools tools;

  PostgresDump(PostgresTools tools) {
    this.tools = tools;
  }

  /**
   * Passes what {@code pg_restore <arguments>} prints to {@code out}.
   *
   * @param database whose programs are used
   * @throws TargetException when pg_restore cannot read the backup
   */
  void read(
      Artifact artifact,
      PostgresTarget database,
      List<String> arguments,
      StepContext context,
      Commands.Pipe<InputStream> out)
      throws Exception {
    List<String> command = new ArrayList<>(List.of("pg_restore"));
    command.addAll(arguments);
    Commands.Result result =
        PostgresManifest.of(artifact).format() == DumpFormat.CUSTOM
            ? readStream(artifact, database, command, context, out)
            : readDirectory(artifact, database, command, context, out);
    if (!result.succeeded()) {
      throw unreadable(artifact, result);
    }
  }

  private static TargetException unreadable(Artifact artifact, Commands.Result result) {
    return new TargetException(
        "pg_restore cannot read backup %s, it ended with %d: %s. Nothing was changed"
            .formatted(artifact.id(), result.exitCode(), result.output().strip()));
  }

  private Commands.Result readStream(
      Artifact artifact,
      PostgresTarget database,
      List<String> command,
      StepContext context,
      Commands.Pipe<InputStream> out)
      throws Exception {
    long plainBytes = PostgresManifest.plainBytes(artifact);
    return tools.convert(
        database,
        command,
        context.cancellation(),
        stdin -> {
          try (InputStream plain = Zstd.decompress(context.artifacts().open(artifact))) {
            new ByteProgress(context, plainBytes, "reading " + artifact.name()).feed(plain, stdin);
          }
        },
        out);
  }

  private Commands.Result readDirectory(
      Artifact artifact,
      PostgresTarget database,
      List<String> command,
      StepContext context,
      Commands.Pipe<InputStream> out)
      throws Exception {
    Path work = context.artifacts().workDirectory(context.runId(), artifact.name() + ".unpacked");
    try {
      command.add(unpack(artifact, context, work).toString());
      return tools.convert(database, command, context.cancellation(), stdin -> {}, out);
    } finally {
      PackedDirectory.delete(work);
    }
  }

  /** What pg_dump wrote, from the start. */
  static InputStream open(Artifact artifact, StepContext context) throws IOException {
    return Zstd.decompress(context.artifacts().open(artifact));
  }

  /** Unpacks the directory that pg_dump wrote in {@code work}. */
  static Path unpack(Artifact artifact, StepContext context, Path work) throws IOException {
    Path dump = PrivateFiles.createDirectory(work.resolve("dump"));
    try (InputStream plain = open(artifact, context)) {
      PackedDirectory.unpack(plain, dump, context.cancellation());
    }
    return dump;
  }
}
