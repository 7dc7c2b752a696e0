package io.belay.backup;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;

import io.belay.step.StepContext;
import io.belay.target.Artifact;
import io.belay.target.Commands;
import io.belay.target.PostgresTarget;
import io.belay.target.TargetException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.springframework.stereotype.Component;

/**
 * Reads a backup of either format back through pg_restore, as SQL or as its table of contents, with
 * no effect on any database. All of the artifact is read each time, so that a damaged one is
 * noticed wherever the damage is.
 */
@Component
class PostgresDump {

  /** Bytes; a schema of a few tables. */
  private static final int SMALLEST_CONTENTS = 16 << 10;

  private final PostgresTools tools;

  PostgresDump(PostgresTools tools) {
    this.tools = tools;
  }

  /**
   * Hands what {@code pg_restore <arguments>} prints to {@code out}.
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

  private static Path unpack(Artifact artifact, StepContext context, Path work) throws IOException {
    Path dump = Files.createDirectory(work.resolve("dump"));
    try (InputStream plain = Zstd.decompress(context.artifacts().open(artifact))) {
      PackedDirectory.unpack(plain, dump, context.cancellation());
    }
    return dump;
  }

  /**
   * An archive in {@code work} from which pg_restore can make everything but rows on several
   * connections, for which it wants a file. Of a stream that is its beginning, the table of
   * contents; of a directory, all.
   *
   * @throws TargetException when pg_restore cannot read it
   */
  Path contents(Artifact artifact, PostgresTarget database, StepContext context, Path work)
      throws Exception {
    if (PostgresManifest.of(artifact).format() == DumpFormat.DIRECTORY) {
      return unpack(artifact, context, work);
    }
    Path beginning = work.resolve("contents.dump");
    try (InputStream plain = Zstd.decompress(context.artifacts().open(artifact));
        FileChannel file = FileChannel.open(beginning, CREATE_NEW, WRITE)) {
      int enough = 0;
      Commands.Result read;
      do {
        byte[] more = plain.readNBytes(Math.max(SMALLEST_CONTENTS, enough));
        file.write(ByteBuffer.wrap(more));
        enough += more.length;
        read = list(beginning, database, context);
        if (!read.succeeded() && more.length == 0) {
          throw unreadable(artifact, read);
        }
      } while (!read.succeeded());
      if (artifact.encrypted()) {
        cut(file, enough, beginning, database, context);
      }
    }
    return beginning;
  }

  /**
   * Rows of an encrypted backup have no business in a plain file: less than 1 KiB of them stays.
   */
  private void cut(
      FileChannel file, int enough, Path beginning, PostgresTarget database, StepContext context)
      throws Exception {
    byte[] bytes = Files.readAllBytes(beginning);
    int tooFew = 0;
    while (enough - tooFew > 1024) {
      int middle = (enough + tooFew) / 2;
      file.truncate(middle);
      if (list(beginning, database, context).succeeded()) {
        enough = middle;
      } else {
        tooFew = middle;
        file.write(ByteBuffer.wrap(bytes, middle, enough - middle), middle);
      }
    }
    file.truncate(enough);
  }

  private Commands.Result list(Path archive, PostgresTarget database, StepContext context)
      throws Exception {
    return tools.convert(
        database,
        List.of("pg_restore", "--list", archive.toString()),
        context.cancellation(),
        stdin -> {},
        list -> list.transferTo(OutputStream.nullOutputStream()));
  }
}
