package io.belay.capability.document;

import io.belay.capability.document.DocumentValidation.History;
import java.io.IOException;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Compares one new file with its legacy files, every document by the hash of its content, in about
 * 80 bytes of memory per document.
 */
final class StoreComparison {

  private static final int CODE_BITS = 2;
  private static final int CODE = (1 << CODE_BITS) - 1;
  private static final int SAME = 0;
  private static final int DIFFERS = 1;
  private static final int REVIVED = 2;
  private static final int EXTRA = 3;

  private final NewFile store;
  private final History history;
  private final long migrated;
  private final ContentHash hash;
  private final NedbLine line = new NedbLine();
  private IdTable legacy = new IdTable();
  private IdTable found = new IdTable();
  private final IdTable writtenLater = new IdTable();
  private final Map<String, Integer> numbers = new HashMap<>();
  private final long[] counts;
  private final Tally unreadable = new Tally();
  private final Tally missing = new Tally();
  private final Tally different = new Tally();
  private final Tally revived = new Tally();
  private final Tally extra = new Tally();
  private long untagged;
  private long later;

  /** Receives each document of the new file, as it is read. */
  @FunctionalInterface
  interface Documents {
    void document(NedbLine line, byte[] buffer, int start, int end, long offset) throws IOException;
  }

  /** Receives each document and deletion of a legacy file, as it is read. */
  @FunctionalInterface
  interface LegacyLines {
    void line(String collection, NedbLine line, long offset);
  }

  /**
   * @param history of the new file
   * @param migrated number of bytes that the migration wrote; applications wrote what follows,
   *     which is read but not compared
   */
  StoreComparison(NewFile store, History history, long migrated, ContentHash hash) {
    this.store = store;
    this.history = history;
    this.migrated = migrated;
    this.hash = hash;
    for (String collection : store.collections()) {
      numbers.put(collection, numbers.size());
    }
    this.counts = new long[numbers.size()];
  }

  /** The same comparison by another hash. */
  StoreComparison by(ContentHash another) {
    legacy = new IdTable(); // frees the memory
    found = new IdTable();
    return new StoreComparison(store, history, migrated, another);
  }

  /** Reads the legacy files. */
  void readLegacy(StoreScan.Watch watch, LegacyLines lines) throws IOException {
    for (String collection : store.collections()) {
      int owner = numbers.get(collection);
      eachLine(
          collection,
          watch,
          (buffer, start, end, offset, number, complete) -> {
            switch (line.kind()) {
              case DOCUMENT -> {
                legacy.set(legacy.place(line.id(), owner), hash.legacy(buffer, start, end));
                lines.line(collection, line, offset);
              }
              case DELETION -> {
                legacy.set(legacy.place(line.id(), owner), CollectionScan.DELETED);
                lines.line(collection, line, offset);
              }
              case UNREADABLE -> {
                if (complete || !line.isBeginning()) {
                  unreadable.add("%s.db line %d %s".formatted(collection, number, line.problem()));
                }
              }
              default -> {
                // indexes hold no documents
              }
            }
          });
    }
  }

  /** Passes on each line of a legacy file, parsed; none when there is no file. */
  private void eachLine(String collection, StoreScan.Watch watch, NedbFile.Lines lines)
      throws IOException {
    Path file = store.target().legacyFile(collection);
    if (FileState.attributes(file).isPresent()) {
      NedbFile.read(
          file,
          0,
          null,
          offset -> watch.at(collection, offset),
          (buffer, start, end, offset, number, complete) -> {
            line.parse(buffer, start, end);
            lines.line(buffer, start, end, offset, number, complete);
          });
    }
  }

  /** Reads the new file. */
  void readNew(StoreScan.Watch watch, Documents documents) throws IOException {
    NedbFile.read(
        store.path(),
        0,
        null,
        offset -> watch.at(store.name(), offset),
        (buffer, start, end, offset, number, complete) -> {
          line.parse(buffer, start, end);
          if (line.kind() == NedbLine.Kind.UNREADABLE) {
            unreadable.add("%s line %d %s".formatted(store.name(), number, line.problem()));
          } else if (line.kind() == NedbLine.Kind.DOCUMENT
              || line.kind() == NedbLine.Kind.DELETION) {
            documents.document(line, buffer, start, end, offset);
            if (offset >= migrated) {
              later++;
              writtenLater.set(
                  writtenLater.place(line.id(), 0),
                  line.kind() == NedbLine.Kind.DOCUMENT ? EXTRA : CollectionScan.DELETED);
            } else {
              enter(buffer, start, end);
            }
          }
        });
    conclude();
  }

  private void enter(byte[] buffer, int start, int end) throws IOException {
    int place = found.place(line.id(), 0);
    if (line.kind() == NedbLine.Kind.DELETION) {
      found.set(place, CollectionScan.DELETED);
      return;
    }
    if (line.collection() == null) {
      untagged++;
    }
    int number = numbers.getOrDefault(line.collection(), -1);
    int was = number < 0 ? -1 : legacy.find(line.originalId(), number);
    if (number >= 0) {
      counts[number]++;
    }
    int code;
    if (was < 0) {
      code = EXTRA;
      extra.example(name());
    } else if (legacy.get(was) < 0) {
      code = REVIVED;
      revived.example(name());
    } else if (legacy.get(was) == hash.migrated(buffer, start, end, line.collection())) {
      code = SAME;
    } else {
      code = DIFFERS;
      different.example(name());
    }
    found.set(place, (long) Math.max(was, 0) << CODE_BITS | code);
  }

  private String name() {
    return "%s/%s".formatted(line.collection(), line.originalId());
  }

  private void conclude() throws IOException {
    BitSet seen = new BitSet(legacy.places());
    for (int place = 0; place < found.places(); place++) {
      if (found.owner(place) >= 0 && found.get(place) >= 0) {
        long value = found.get(place);
        switch ((int) value & CODE) {
          case DIFFERS -> different.add();
          case REVIVED -> revived.add();
          case EXTRA -> extra.add();
          default -> {
            // as it was
          }
        }
        if ((value & CODE) <= DIFFERS) {
          seen.set((int) (value >> CODE_BITS));
        }
      }
    }
    for (int place = 0; place < legacy.places(); place++) {
      if (legacy.owner(place) >= 0 && legacy.get(place) >= 0 && !seen.get(place)) {
        missing.add();
      }
    }
    if (missing.count() > 0) {
      findMissing(seen);
    }
  }

  /** Reads the files again for examples, since the table has no ids. */
  private void findMissing(BitSet seen) throws IOException {
    for (String collection : store.collections()) {
      int owner = numbers.get(collection);
      if (missing.isFull()) {
        return;
      }
      eachLine(
          collection,
          (name, offset) -> {},
          (buffer, start, end, offset, number, complete) -> {
            if (line.kind() == NedbLine.Kind.DOCUMENT && !missing.isFull()) {
              int place = legacy.find(line.id(), owner);
              if (place >= 0 && legacy.get(place) >= 0 && !seen.get(place)) {
                missing.example("%s/%s".formatted(collection, line.id()));
              }
            }
          });
    }
  }

  /** Whether nothing differs; if a raw comparison differs, it must be repeated canonically. */
  boolean same() {
    return missing.count() == 0 && different.count() == 0 && revived.count() == 0;
  }

  boolean legacyHas(String collection, String id) {
    int number = numbers.getOrDefault(collection, -1);
    return number >= 0 && legacy.value(id, number) >= 0;
  }

  /** Whether the new file has a document of that id that no legacy file has. */
  boolean hasExtra(String id) {
    long value = found.value(id, 0);
    return (value >= 0 && (value & CODE) == EXTRA) || writtenLater.value(id, 0) >= 0;
  }

  NewFile store() {
    return store;
  }

  History history() {
    return history;
  }

  /** Number of documents of the new file by collection, if any. */
  Map<String, Long> counts() {
    Map<String, Long> byName = new TreeMap<>();
    numbers.forEach(
        (collection, number) -> {
          if (counts[number] > 0) {
            byName.put(collection, counts[number]);
          }
        });
    return byName;
  }

  /** Unreadable lines of both sides. */
  Tally unreadable() {
    return unreadable;
  }

  long untagged() {
    return untagged;
  }

  Tally missing() {
    return missing;
  }

  Tally different() {
    return different;
  }

  Tally revived() {
    return revived;
  }

  Tally extra() {
    return extra;
  }

  /** Number of lines that applications wrote after the migrated ones. */
  long later() {
    return later;
  }
}
