package io.belay.capability.document;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The progress of a store's migration, from a file in the target's {@code state} directory. Any
 * node can read it; it remains when the migration is killed.
 *
 * @param runId of the run that migrates
 * @param documents number of documents that will be written in all
 * @param documentsDone written so far
 * @param bytes of the documents that will be written
 * @param bytesDone written so far
 * @param bytesPerSecond in the current attempt; 0 when not known yet
 * @param secondsLeft -1 when not known yet
 */
public record MigrationProgress(
    String runId,
    Stage stage,
    Instant startedAt,
    Instant updatedAt,
    List<Collection> collections,
    long documents,
    long documentsDone,
    long bytes,
    long bytesDone,
    double bytesPerSecond,
    long secondsLeft) {

  /** The stages of a migration, in order. */
  public enum Stage {
    /** Reads the legacy files to find each document's last line. */
    READING,
    /** Writes the new files under temporary names. */
    WRITING,
    /** Checks what was written, and that the legacy files are unchanged. */
    CHECKING,
    /** Puts the new files in place. */
    PLACING,
    /** Waits to be resumed; its checkpoint is saved. */
    PAUSED,
    DONE
  }

  /**
   * One collection; {@code documents} and {@code bytes} are 0 until it has been read.
   *
   * @param store {@code admin.db} or {@code application.db}
   */
  public record Collection(
      String collection,
      String store,
      long documents,
      long documentsDone,
      long bytes,
      long bytesDone) {}

  /** Reads the progress; empty when no migration was started, or when it was reverted. */
  public static Optional<MigrationProgress> read(DocumentStoreTarget target) throws IOException {
    return StateFile.read(target.state().resolve("progress.json"), MigrationProgress.class);
  }

  /** Progress by bytes, 0 to 100. */
  public double percentage() {
    return bytes == 0 ? (stage == Stage.DONE ? 100 : 0) : 100.0 * bytesDone / bytes;
  }
}
