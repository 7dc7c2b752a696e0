package io.belay.document;

import io.belay.target.DocumentStoreTarget;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * How far the migration of a store is, as its file in the target's {@code state} directory tells
 * it. Any node can read it; it stays as it is when the migration is killed.
 *
 * @param runId of the run that migrates
 * @param documents all documents that will be written
 * @param documentsDone written so far
 * @param bytes of the documents that will be written
 * @param bytesDone written so far
 * @param bytesPerSecond over the present attempt; 0 when not known yet
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

  /** What a migration does, in this order. */
  public enum Stage {
    /** Reads the legacy files to find each document's last line. */
    READING,
    /** Writes the new files under temporary names. */
    WRITING,
    /** Compares what was written, and whether the legacy files are as they were. */
    CHECKING,
    /** Puts the new files in place. */
    PLACING,
    /** Waits to be continued; its checkpoint is saved. */
    PAUSED,
    DONE
  }

  /**
   * One collection; {@code documents} and {@code bytes} are 0 until it was read.
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

  /** Empty when no migration was begun, or when it was taken back. */
  public static Optional<MigrationProgress> read(DocumentStoreTarget target) throws IOException {
    return StateFile.read(target.state().resolve("progress.json"), MigrationProgress.class);
  }

  /** 0 to 100, by bytes. */
  public double percentage() {
    return bytes == 0 ? (stage == Stage.DONE ? 100 : 0) : 100.0 * bytesDone / bytes;
  }
}
