package io.belay.capability.document;

import io.belay.capability.document.MigrationProgress.Stage;
import io.belay.target.Progress;
import io.belay.target.TargetException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes {@link MigrationProgress} about twice a second while a migration works. */
final class ProgressFile {

  private static final Logger LOG = LoggerFactory.getLogger(ProgressFile.class);
  private static final long PAUSE_NANOS = 400_000_000;

  private final Path file;
  private final String runId;
  private final Instant startedAt;
  private final Progress progress;
  private final Map<String, Row> rows = new LinkedHashMap<>();
  private final long began = System.nanoTime();
  private Stage stage = Stage.READING;
  private String now = "";
  private long doneBefore = -1;
  private long last;

  private static final class Row {
    private final String store;
    private final long bytes;
    private long documents;
    private long documentsDone;
    private long bytesDone;

    Row(String store, long bytes) {
      this.store = store;
      this.bytes = bytes;
    }
  }

  ProgressFile(DocumentStoreTarget target, String runId, Instant startedAt, Progress progress)
      throws IOException {
    this.file = target.state().resolve("progress.json");
    this.runId = runId;
    this.startedAt = startedAt;
    this.progress = progress;
    for (NewFile store : NewFile.of(target)) {
      for (String collection : store.collections()) {
        long bytes =
            FileState.attributes(target.legacyFile(collection)).map(FileState::size).orElse(0L);
        rows.put(collection, new Row(store.name(), bytes));
      }
    }
  }

  void stage(Stage next, String what) throws IOException {
    stage = next;
    now = what;
    write();
  }

  /** Sets how many documents a collection has. */
  void documents(String collection, long documents) {
    rows.get(collection).documents = documents;
  }

  void written(String collection, long documents, long offset) throws IOException {
    Row row = rows.get(collection);
    row.documentsDone = documents;
    row.bytesDone = Math.min(offset, row.bytes);
    now = "writing " + collection + " to " + row.store;
    tick();
  }

  void finished(String collection) {
    Row row = rows.get(collection);
    row.documentsDone = row.documents;
    row.bytesDone = row.bytes;
  }

  /** Starts the measurement of speed, which excludes what earlier attempts did. */
  void speedBeginsHere() {
    doneBefore = bytesDone();
  }

  void tick() throws IOException {
    if (System.nanoTime() - last > PAUSE_NANOS) {
      write();
    }
  }

  private long bytesDone() {
    return rows.values().stream().mapToLong(row -> row.bytesDone).sum();
  }

  private void write() throws IOException {
    last = System.nanoTime();
    List<MigrationProgress.Collection> collections = new ArrayList<>();
    long documents = 0;
    long documentsDone = 0;
    long bytes = 0;
    for (Map.Entry<String, Row> entry : rows.entrySet()) {
      Row row = entry.getValue();
      documents += row.documents;
      documentsDone += row.documentsDone;
      bytes += row.bytes;
      collections.add(
          new MigrationProgress.Collection(
              entry.getKey(),
              row.store,
              row.documents,
              row.documentsDone,
              row.bytes,
              row.bytesDone));
    }
    long done = bytesDone();
    double seconds = (System.nanoTime() - began) / 1e9;
    double speed = doneBefore < 0 || seconds <= 0 ? 0 : (done - doneBefore) / seconds;
    byte[] content =
        Json.MAPPER.writeValueAsBytes(
            new MigrationProgress(
                runId,
                stage,
                startedAt,
                Instant.now(),
                collections,
                documents,
                documentsDone,
                bytes,
                done,
                speed,
                speed <= 0 ? -1 : Math.round((bytes - done) / speed)));
    try {
      StateFile.replace(file, content);
    } catch (TargetException e) {
      LOG.debug("the progress cannot be written, which ends no work: {}", e.getMessage());
    }
    progress.report(done, bytes, "bytes", now);
  }
}
