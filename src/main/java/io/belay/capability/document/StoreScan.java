package io.belay.capability.document;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The documents that the legacy files of one new file hold: for each id the offset of its last
 * line. Takes 36 to 72 bytes of memory per document, whatever its size.
 */
final class StoreScan {

  /**
   * Receives the progress of each file repeatedly, on the calling thread; throws to end the
   * reading.
   */
  @FunctionalInterface
  interface Watch {
    void at(String collection, long offset) throws IOException;
  }

  private final NewFile store;
  private final List<IdTable> ids = new ArrayList<>();
  private final List<CollectionScan> collections = new ArrayList<>();
  private long collisions;

  private StoreScan(NewFile store) {
    this.store = store;
    ids.add(new IdTable());
    while (ids.size() < Readers.COUNT) {
      ids.add(ids.get(0).sister());
    }
  }

  /** Reads all files of the store; a file's scan reports its problem. */
  static StoreScan of(NewFile store, Watch watch) throws IOException {
    StoreScan scan = new StoreScan(store);
    for (String collection : store.collections()) {
      scan.collections.add(
          new CollectionScan(
              collection,
              scan.collections.size(),
              store.target().legacyFile(collection),
              store.collections()));
    }
    scan.read(watch);
    scan.choose();
    return scan;
  }

  /** Reads the largest files first, so that the readers end at about the same time. */
  private void read(Watch watch) throws IOException {
    Map<CollectionScan, Long> sizes = new HashMap<>();
    for (CollectionScan one : collections) {
      sizes.put(one, Files.exists(one.file()) ? Files.size(one.file()) : 0L);
    }
    Map<String, Long> offsets = new ConcurrentHashMap<>();
    Readers.read(
        collections.stream().sorted(Comparator.comparing(sizes::get).reversed()).toList(),
        (one, reader, ending) ->
            one.read(
                ids.get(reader),
                offset -> {
                  ending.check();
                  offsets.put(one.collection(), offset);
                }),
        () -> {
          for (Map.Entry<String, Long> one : offsets.entrySet()) {
            watch.at(one.getKey(), one.getValue());
          }
        });
  }

  private void choose() {
    int[] counts = new int[collections.size()];
    for (IdTable table : ids) {
      for (int place = 0; place < table.places(); place++) {
        if (isWinner(table, place)) {
          counts[table.owner(place)]++;
          if (isTaken(table, place)) {
            table.set(place, table.get(place) | CollectionScan.COLLIDES);
            collisions++;
          }
        }
      }
    }
    long[][] winners = new long[counts.length][];
    for (int i = 0; i < counts.length; i++) {
      winners[i] = new long[counts[i]];
    }
    int[] filled = new int[counts.length];
    for (IdTable table : ids) {
      for (int place = 0; place < table.places(); place++) {
        if (isWinner(table, place)) {
          int owner = table.owner(place);
          winners[owner][filled[owner]++] = table.get(place);
        }
      }
    }
    for (int i = 0; i < counts.length; i++) {
      Arrays.sort(winners[i]);
      collections.get(i).winners(winners[i]);
    }
  }

  private static boolean isWinner(IdTable table, int place) {
    return table.owner(place) >= 0 && table.get(place) >= 0;
  }

  private boolean isTaken(IdTable table, int place) {
    for (IdTable one : ids) {
      if (one.hasBefore(table, place)) {
        return true;
      }
    }
    return false;
  }

  NewFile store() {
    return store;
  }

  List<CollectionScan> collections() {
    return collections;
  }

  long documents() {
    return collections.stream().mapToLong(scan -> scan.winners().length).sum();
  }

  /** Number of documents whose {@code _id} an earlier collection of the store has too. */
  long collisions() {
    return collisions;
  }

  /**
   * The new {@code _id} of a document whose own is taken: {@code <collection>/<id>}, with one slash
   * more than any id of the store has after that collection's name. So it is unique.
   */
  String newId(String collection, String id) {
    int most = collections.stream().mapToInt(one -> one.slashesBehind(collection)).max().orElse(0);
    return collection + "/".repeat(most + 1) + id;
  }

  /** The first collisions, read from the files. */
  List<IdCollision> collisions(int most) throws IOException {
    List<IdCollision> found = new ArrayList<>();
    NedbLine line = new NedbLine();
    for (CollectionScan scan : collections) {
      if (found.size() >= most || scan.winners().length == 0) {
        continue;
      }
      try (FileChannel channel = FileChannel.open(scan.file(), StandardOpenOption.READ)) {
        for (long winner : scan.winners()) {
          if (found.size() < most && CollectionScan.is(CollectionScan.COLLIDES, winner)) {
            byte[] bytes = NedbFile.line(channel, CollectionScan.offset(winner));
            line.parse(bytes, 0, bytes.length);
            found.add(
                new IdCollision(
                    store.name(),
                    scan.collection(),
                    line.id(),
                    newId(scan.collection(), line.id())));
          }
        }
      }
    }
    return found;
  }
}
