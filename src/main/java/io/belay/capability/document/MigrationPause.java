package io.belay.capability.document;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The request that a run's migration pause after its current chunk. A file in the target's {@code
 * state} directory: it works from any node that can reach the store, and survives them all. The
 * execution that resumes after a pause withdraws the request; a request that came too late for its
 * run does not affect the next.
 */
public final class MigrationPause {

  private record Request(String run, String by) {}

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
   * @param by who asks, for people who read the file
   */
  public void request(String runId, String by) throws IOException {
    StateFile.write(file, new Request(runId, by));
  }

  /** Withdraws the request, if there is one. */
  public void clear() throws IOException {
    Files.deleteIfExists(file);
  }

  public boolean requested(String runId) throws IOException {
    return Files.exists(file)
        && StateFile.read(file, Request.class)
            .filter(request -> runId.equals(request.run()))
            .isPresent();
  }
}
