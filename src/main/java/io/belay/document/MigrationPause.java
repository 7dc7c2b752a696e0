package io.belay.document;

import io.belay.target.DocumentStoreTarget;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The request that a migration pause after its current chunk. A file in the target's {@code state}
 * directory: it works from any node that can reach the store, and survives all of them. The
 * execution of the migration that goes on after a pause takes the request back.
 */
public final class MigrationPause {

  private final Path file;

  private MigrationPause(Path file) {
    this.file = file;
  }

  public static MigrationPause of(DocumentStoreTarget target) {
    return new MigrationPause(target.state().resolve("pause.json"));
  }

  /**
   * Asks for a pause; safe to repeat.
   *
   * @param by who asks, for people who look at the file
   */
  public void request(String by) throws IOException {
    StateFile.write(file, ("{\"by\":" + Json.quoted(by) + "}").getBytes(StandardCharsets.UTF_8));
  }

  /** Takes the request back; safe on nothing. */
  public void clear() throws IOException {
    Files.deleteIfExists(file);
  }

  public boolean requested() {
    return Files.exists(file);
  }
}
