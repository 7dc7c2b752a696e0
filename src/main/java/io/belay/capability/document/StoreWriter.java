package io.belay.capability.document;

import io.belay.capability.document.MigrationFiles.Part;
import io.belay.step.StepContext;
import io.belay.target.TargetException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Writes one new file under its temporary name, from the lines chosen in the legacy files. */
final class StoreWriter {

  private static final int CHUNK = 1_000;
  private static final long CHECKPOINT_NANOS = 2_000_000_000L;

  private final StoreScan scan;
  private final Path file;
  private final PartFile.Disk disk;
  private final ProgressFile progress;
  private final StepContext context;
  private Saver saver;
  private MigrationPause pause;
  private Map<String, Long> documents;
  private PartFile out;
  private long lastCheckpoint = System.nanoTime();

  /** Saves the progress of the part. */
  @FunctionalInterface
  interface Saver {
    void save(Part part) throws IOException;
  }

  /** Ends the reading of a file early. */
  private static final class Paused extends RuntimeException {
    Paused() {
      super("paused", null, false, false);
    }
  }

  StoreWriter(
      StoreScan scan, Path file, PartFile.Disk disk, ProgressFile progress, StepContext context) {
    this.scan = scan;
    this.file = file;
    this.disk = disk;
    this.progress = progress;
    this.context = context;
  }

  /**
   * @param from where to continue; null to start
   * @return false when it was paused
   */
  boolean write(MigrationPause whenToPause, Part from, Saver keep) throws IOException {
    saver = keep;
    pause = whenToPause;
    Part begin = from == null ? new Part(0, 0, 0, Map.of(), null) : from;
    documents = new LinkedHashMap<>(begin.documents());
    try (PartFile part = new PartFile(file, begin.length(), disk)) {
      out = part;
      for (CollectionScan done : scan.collections().subList(0, begin.collection())) {
        progress.finished(done.collection());
      }
      progress.speedBeginsHere();
      for (CollectionScan one :
          scan.collections().subList(begin.collection(), scan.collections().size())) {
        collection(one, one.number() == begin.collection() ? begin.next() : 0);
      }
      indexes();
      saver.save(new Part(part.force(), scan.collections().size(), 0, documents, part.sha256()));
      return true;
    } catch (Paused paused) {
      return false;
    }
  }

  private void collection(CollectionScan one, long first) throws IOException {
    long[] winners = one.winners();
    MigratedLine lines = new MigratedLine(one.collection());
    long[] next = {first};
    documents.put(one.collection(), first);
    breathe(one, first);
    if (first < winners.length) {
      NedbFile.read(
          one.file(),
          CollectionScan.offset(winners[(int) first]),
          null,
          offset -> progress.written(one.collection(), next[0], offset),
          (buffer, start, end, offset, number, complete) -> {
            int i = (int) next[0];
            if (i == winners.length || CollectionScan.offset(winners[i]) != offset) {
              return;
            }
            write(lines, one, winners[i], buffer, start, end);
            next[0]++;
            if (next[0] % CHUNK == 0) {
              breathe(one, next[0]);
            }
          });
    }
    if (next[0] != winners.length) {
      throw new TargetException(
          "%s was changed while it was migrated; nothing was put in place".formatted(one.file()));
    }
    documents.put(one.collection(), next[0]);
    progress.finished(one.collection());
    if (one.present()) {
      context.log("%s: %,d documents to %s", one.collection(), next[0], scan.store().name());
    }
  }

  private void write(
      MigratedLine lines, CollectionScan one, long winner, byte[] buffer, int start, int end)
      throws IOException {
    if (CollectionScan.is(CollectionScan.COLLIDES, winner)) {
      NedbLine line = new NedbLine();
      line.parse(buffer, start, end);
      lines.rewrite(buffer, start, end, scan.newId(one.collection(), line.id()), out);
    } else if (CollectionScan.is(CollectionScan.REWRITE, winner)) {
      lines.rewrite(buffer, start, end, null, out);
    } else {
      lines.copy(buffer, start, end, out);
    }
  }

  /** Between two chunks: stops, pauses, or saves the progress. */
  private void breathe(CollectionScan one, long next) throws IOException {
    context.cancellation().throwIfCancelled();
    boolean pausing = pause.requested(context.runId());
    long now = System.nanoTime();
    if (pausing || now - lastCheckpoint > CHECKPOINT_NANOS) {
      documents.put(one.collection(), next);
      saver.save(new Part(out.force(), one.number(), next, new LinkedHashMap<>(documents), null));
      lastCheckpoint = System.nanoTime();
    }
    if (pausing) {
      throw new Paused();
    }
  }

  private void indexes() throws IOException {
    StoreIndexes indexes = StoreIndexes.of(scan);
    for (NedbIndex index : indexes.indexes()) {
      byte[] line = MigratedLine.index(index);
      out.write(line, 0, line.length);
      out.endLine();
    }
    indexes.notes().forEach(note -> context.log("Warning: %s", note));
  }
}
