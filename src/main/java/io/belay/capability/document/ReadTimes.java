package io.belay.capability.document;

import io.belay.target.Cancellation;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How long reads of the same documents by id take from the legacy and from the new files: both in
 * turn, several times; takes the fastest read of each document, and the median of all documents.
 */
final class ReadTimes {

  private static final int MOST = 300;
  private static final int ROUNDS = 5;

  private final DocumentStoreTarget target;
  private final long every;
  private final Map<String, long[]> offsets = new HashMap<>();

  /**
   * @param documents approximate number of documents
   */
  ReadTimes(DocumentStoreTarget target, long documents) {
    this.target = target;
    this.every = Math.max(1, documents / (MOST / 2));
  }

  private boolean chosen(String id) {
    return Long.remainderUnsigned(IdTable.mix(id.hashCode()), every) == 0;
  }

  void legacy(String collection, NedbLine line, long offset) {
    if (chosen(line.id()) && (offsets.size() < MOST || has(collection, line.id()))) {
      at(collection, line.id())[0] = line.kind() == NedbLine.Kind.DOCUMENT ? offset : -1;
    }
  }

  void migrated(NedbLine line, long offset) {
    if (line.kind() == NedbLine.Kind.DOCUMENT
        && line.collection() != null
        && has(line.collection(), line.originalId())) {
      at(line.collection(), line.originalId())[1] = offset;
    }
  }

  private boolean has(String collection, String id) {
    return offsets.containsKey(collection + "/" + id);
  }

  private long[] at(String collection, String id) {
    return offsets.computeIfAbsent(collection + "/" + id, key -> new long[] {-1, -1});
  }

  /**
   * The new files' time as a multiple of the legacy files'; empty when there is nothing to read.
   */
  Optional<Double> slowdown(Cancellation cancellation) throws IOException {
    offsets.values().removeIf(both -> both[0] < 0 || both[1] < 0);
    if (offsets.isEmpty()) {
      return Optional.empty();
    }
    Map<Path, FileChannel> channels = new HashMap<>();
    try {
      long[][] best = new long[2][offsets.size()];
      Arrays.fill(best[0], Long.MAX_VALUE);
      Arrays.fill(best[1], Long.MAX_VALUE);
      for (int round = 0; round < ROUNDS; round++) {
        int i = 0;
        for (Map.Entry<String, long[]> one : offsets.entrySet()) {
          cancellation.throwIfCancelled();
          String collection = one.getKey().substring(0, one.getKey().indexOf('/'));
          FileChannel legacy = open(target.legacyFile(collection), channels);
          FileChannel migrated = open(target.newFile(collection), channels);
          best[0][i] = Math.min(best[0][i], read(legacy, one.getValue()[0]));
          best[1][i] = Math.min(best[1][i], read(migrated, one.getValue()[1]));
          i++;
        }
      }
      return Optional.of((double) median(best[1]) / Math.max(1, median(best[0])));
    } finally {
      for (FileChannel channel : channels.values()) {
        channel.close();
      }
    }
  }

  private static FileChannel open(Path file, Map<Path, FileChannel> channels) throws IOException {
    FileChannel channel = channels.get(file);
    if (channel == null) {
      channel = FileChannel.open(file, StandardOpenOption.READ);
      channels.put(file, channel);
    }
    return channel;
  }

  private static long read(FileChannel channel, long offset) throws IOException {
    long began = System.nanoTime();
    byte[] line = NedbFile.line(channel, offset);
    if (!Json.MAPPER.readTree(line).isObject()) {
      throw new IOException("the document at %d is not there any more".formatted(offset));
    }
    return System.nanoTime() - began;
  }

  private static long median(long[] values) {
    long[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
