package io.belay.playground;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** The one directory in which a world keeps everything; only its owner can look into it. */
final class WorldDirectory {

  private WorldDirectory() {}

  static Path create() throws IOException {
    Path directory =
        Files.createTempDirectory(
                "belay-playground-",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")))
            .toRealPath();
    for (String name : List.of("run", "logs")) {
      Files.createDirectory(directory.resolve(name));
    }
    return directory;
  }

  /** Processes that were killed just now may still write; so it may take a second look. */
  static void remove(Path directory) {
    for (int attempt = 0; attempt < 20 && Files.exists(directory); attempt++) {
      try (Stream<Path> files = Files.walk(directory)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(file);
        }
      } catch (IOException | UncheckedIOException e) {
        LockSupport.parkNanos(50_000_000);
      }
    }
  }
}
