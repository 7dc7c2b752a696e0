package io.belay.document;

import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Compares one new file with its legacy files, every document by the hash of its content, in about
 * 90 bytes of memory a document.
 */
final class StoreComparison {

  private static final int EXAMPLES = 20;
  private static final int CODE_BITS = 2;
  private static final int SAME = 0;
  private static final int DIFFERS = 1;
  private static final int REVIVED = 2;
  private static final int EXTRA = 3;

  private final NewFile store;
  private final ContentHash hash;
  private IdTable legacy = new IdTable();
  private IdTable found = new IdTable();
  private final IdTable writtenLater = new IdTable();
  private final Map<String, Integer> numbers = new HashMap<>();
  private final Map<String, Long> counts = new TreeMap<>();
  private final List<String> unreadable = new ArrayList<>();
  private final List<String> differentExamples = new ArrayList<>();
  private final List<String> revivedExamples = new ArrayList<>();
  private final List<String> extraExamples = new ArrayList<>();
  private final List<String> missingExamples = new ArrayList<>();
  private long unreadableLines;
  private long untagged;
  private long alive;
  private long missing;
  private long different;
  private long revived;
  private long extra;
  private long later;

  /** Takes each document of the new file, as it is read. */
  @FunctionalInterface
  interface Documents {
    void document(NedbLine line, byte[] buffer, int start, int end, long offset) throws IOException;
  }

  StoreComparison(NewFile store, ContentHash hash) {
    this.store = store;
    this.hash = hash;
    for (String collection : store.collections()) {
      numbers.put(collection, numbers.size());
    }
  }

  /** Takes each document and deletion of a legacy file, as it is read. */
  @FunctionalInterface
  interface LegacyLines {
    void line(String collection, NedbLine line, long offset);
  }

  /** Reads the legacy files. */
  void readLegacy(StoreScan.Watch watch, LegacyLines lines) throws IOException {
    NedbLine line = new NedbLine();
    for (int i = 0; i < store.collections().size(); i++) {
      int number = i;
      String collection = store.collections().get(i);
      if (FileState.attributes(store.target().legacyFile(collection)).isEmpty()) {
        continue;
      }
      NedbFile.read(
          store.target().legacyFile(collection),
          0,
          null,
          offset -> watch.at(collection, offset),
          (buffer, start, end, offset, at, complete) -> {
            line.parse(buffer, start, end);
            switch (line.kind()) {
              case DOCUMENT -> {
                legacy.set(legacy.place(line.id(), number), hash.legacy(buffer, start, end));
                lines.line(collection, line, offset);
              }
              case DELETION -> {
                legacy.set(legacy.place(line.id(), number), CollectionScan.DELETED);
                lines.line(collection, line, offset);
              }
              case UNREADABLE -> {
                if (complete) {
                  unreadable(collection + ".db", at, line.problem());
                }
              }
              default -> {
                // indexes hold no documents
              }
            }
          });
    }
  }

  private void unreadable(String file, long line, String problem) {
    unreadableLines++;
    if (unreadable.size() < EXAMPLES) {
      unreadable.add("%s line %d %s".formatted(file, line, problem));
    }
  }

  /**
   * Reads the new file.
   *
   * @param migrated bytes of it that the migration wrote; what is behind them was written by
   *     applications and is read, but not compared
   */
  void readNew(long migrated, StoreScan.Watch watch, Documents documents) throws IOException {
    NedbLine line = new NedbLine();
    NedbFile.read(
        store.path(),
        0,
        null,
        offset -> watch.at(store.name(), offset),
        (buffer, start, end, offset, at, complete) -> {
          line.parse(buffer, start, end);
          if (line.kind() == NedbLine.Kind.UNREADABLE) {
            unreadable(store.name(), at, line.problem());
          } else if (line.kind() == NedbLine.Kind.DOCUMENT
              || line.kind() == NedbLine.Kind.DELETION) {
            documents.document(line, buffer, start, end, offset);
            if (offset >= migrated) {
              later++;
              writtenLater.set(
                  writtenLater.place(line.id(), 0),
                  line.kind() == NedbLine.Kind.DOCUMENT ? EXTRA : CollectionScan.DELETED);
            } else {
              enter(line, buffer, start, end);
            }
          }
        });
    conclude();
  }

  private void enter(NedbLine line, byte[] buffer, int start, int end) throws IOException {
    int place = found.place(line.id(), 0);
    if (line.kind() == NedbLine.Kind.DELETION) {
      found.set(place, CollectionScan.DELETED);
      return;
    }
    int number = numbers.getOrDefault(line.collection(), -1);
    if (line.collection() == null) {
      untagged++;
    }
    long expected = number < 0 ? IdTable.ABSENT : legacy.value(line.originalId(), number);
    int code;
    if (expected == IdTable.ABSENT) {
      code = EXTRA;
      example(extraExamples, line);
    } else if (expected < 0) {
      code = REVIVED;
      example(revivedExamples, line);
    } else if (expected == hash.migrated(buffer, start, end, line.collection())) {
      code = SAME;
    } else {
      code = DIFFERS;
      example(differentExamples, line);
    }
    long legacyPlace = code == EXTRA ? 0 : legacy.place(line.originalId(), number);
    found.set(place, legacyPlace << CODE_BITS | code);
    if (number >= 0) {
      counts.merge(line.collection(), 1L, Long::sum);
    }
  }

  private static void example(List<String> examples, NedbLine line) {
    if (examples.size() < EXAMPLES) {
      examples.add("%s/%s".formatted(line.collection(), line.originalId()));
    }
  }

  private void conclude() throws IOException {
    BitSet seen = new BitSet(legacy.places());
    for (int place = 0; place < found.places(); place++) {
      if (found.owner(place) >= 0 && found.get(place) >= 0) {
        long value = found.get(place);
        switch ((int) value & ((1 << CODE_BITS) - 1)) {
          case DIFFERS -> different++;
          case REVIVED -> revived++;
          case EXTRA -> extra++;
          default -> {
            // as it was
          }
        }
        if ((value & ((1 << CODE_BITS) - 1)) <= DIFFERS) {
          seen.set((int) (value >> CODE_BITS));
        }
      }
    }
    for (int place = 0; place < legacy.places(); place++) {
      if (legacy.owner(place) >= 0 && legacy.get(place) >= 0) {
        alive++;
        missing += seen.get(place) ? 0 : 1;
      }
    }
    if (missing > 0) {
      findMissing(seen);
    }
  }

  /** The table has no ids, so the files are read once more. */
  private void findMissing(BitSet seen) throws IOException {
    NedbLine line = new NedbLine();
    for (int i = 0; i < store.collections().size(); i++) {
      int number = i;
      String collection = store.collections().get(i);
      if (FileState.attributes(store.target().legacyFile(collection)).isEmpty()
          || missingExamples.size() >= EXAMPLES) {
        continue;
      }
      NedbFile.read(
          store.target().legacyFile(collection),
          0,
          null,
          offset -> {},
          (buffer, start, end, offset, at, complete) -> {
            line.parse(buffer, start, end);
            if (line.kind() == NedbLine.Kind.DOCUMENT && missingExamples.size() < EXAMPLES) {
              int place = legacy.place(line.id(), number);
              String id = "%s/%s".formatted(collection, line.id());
              if (legacy.get(place) >= 0 && !seen.get(place) && !missingExamples.contains(id)) {
                missingExamples.add(id);
              }
            }
          });
    }
  }

  /** Whether nothing differs; a raw comparison that says no must be made again canonically. */
  boolean same() {
    return missing == 0 && different == 0 && revived == 0;
  }

  /** Gives its memory back, for a comparison that takes its place. */
  void release() {
    legacy = new IdTable();
    found = new IdTable();
  }

  boolean legacyHas(String collection, String id) {
    int number = numbers.getOrDefault(collection, -1);
    return number >= 0 && legacy.value(id, number) >= 0;
  }

  /** Whether the new file has a document of that id that no legacy file has. */
  boolean hasExtra(String id) {
    long value = found.value(id, 0);
    return (value >= 0 && (value & ((1 << CODE_BITS) - 1)) == EXTRA)
        || writtenLater.value(id, 0) >= 0;
  }

  NewFile store() {
    return store;
  }

  Map<String, Long> counts() {
    return counts;
  }

  List<String> unreadable() {
    return unreadable;
  }

  long unreadableLines() {
    return unreadableLines;
  }

  long untagged() {
    return untagged;
  }

  /** Documents of the legacy files. */
  long alive() {
    return alive;
  }

  long missing() {
    return missing;
  }

  long different() {
    return different;
  }

  long revived() {
    return revived;
  }

  long extra() {
    return extra;
  }

  /** Lines that applications wrote behind what the migration wrote. */
  long later() {
    return later;
  }

  List<String> missingExamples() {
    return missingExamples;
  }

  List<String> differentExamples() {
    return differentExamples;
  }

  List<String> revivedExamples() {
    return revivedExamples;
  }

  List<String> extraExamples() {
    return extraExamples;
  }
}
