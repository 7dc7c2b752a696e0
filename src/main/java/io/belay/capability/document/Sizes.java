package io.belay.capability.document;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * How much there is to read, for a plan.
 *
 * @param files number of existing legacy files
 * @param bytes of these files
 */
record Sizes(int files, long bytes) {

  static Sizes of(DocumentStoreTarget target) {
    int files = 0;
    long bytes = 0;
    for (String collection : target.collections()) {
      Path file = target.legacyFile(collection);
      try {
        if (Files.isRegularFile(file)) {
          files++;
          bytes += Files.size(file);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(file + " cannot be looked at", e);
      }
    }
    return new Sizes(files, bytes);
  }

  /** How long a migration of these bytes takes; null when no speed has been measured yet. */
  Duration migration() {
    return Throughput.duration(bytes);
  }

  @Override
  public String toString() {
    return "%d files, %,d bytes".formatted(files, bytes);
  }
}
