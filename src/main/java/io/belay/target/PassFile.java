package io.belay.target;

import io.belay.file.PrivateFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A password file for pg_dump, pg_restore and psql ({@code PGPASSFILE}), which exists until closed:
 * readable by its owner only, in a directory of its own. It covers every database of the server, so
 * scratch databases too.
 *
 * <pre>{@code
 * try (PassFile pass = PassFile.of(target)) {
 *   commands.run(pgDump, connections.postgresEnvironment(target, pass.path()), …);
 * }
 * }</pre>
 */
public final class PassFile implements AutoCloseable {

  private final Path path;

  private PassFile(Path path) {
    this.path = path;
  }

  /**
   * @throws TargetException when this format cannot express the password (it contains a line break)
   */
  public static PassFile of(PostgresTarget target) {
    String password = target.password().reveal();
    if (password.indexOf('\n') >= 0 || password.indexOf('\r') >= 0) {
      throw new TargetException(
          "the password for %s contains a line break, which no password file can hold"
              .formatted(target.describe()));
    }
    String line =
        "%s:%d:*:%s:%s%n"
            .formatted(
                escaped(target.host()),
                target.port(),
                escaped(target.username()),
                escaped(password));
    try {
      Path directory = PrivateFiles.temporaryDirectory("belay-pass-");
      Path file = directory.resolve("pgpass");
      file.toFile().deleteOnExit();
      PrivateFiles.create(file, line.getBytes(StandardCharsets.UTF_8));
      return new PassFile(file);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "no password file for %s could be written".formatted(target.describe()), e);
    }
  }

  private static String escaped(String field) {
    return field.replace("\\", "\\\\").replace(":", "\\:");
  }

  public Path path() {
    return path;
  }

  /** Deletes the file and its directory; may be called twice. */
  @Override
  public void close() {
    try {
      Files.deleteIfExists(path);
      Files.deleteIfExists(path.getParent());
    } catch (IOException e) {
      throw new UncheckedIOException("password file %s could not be deleted".formatted(path), e);
    }
  }
}
