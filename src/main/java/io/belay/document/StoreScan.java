package io.belay.document;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The documents that the legacy files of one new file hold: for each id the offset of its last
 * line. Takes about 50 bytes of memory a document, whatever its size.
 */
final class StoreScan {

  /** Is told what is read; throws what must end it. */
  @FunctionalInterface
  interface Watch {
    void at(String collection, long offset) throws IOException;
  }

  private final NewFile store;
  private final IdTable ids = new IdTable();
  private final List<CollectionScan> collections = new ArrayList<>();
  private long collisions;

  private StoreScan(NewFile store) {
    this.store = store;
  }

  /** Reads all files of the store; what is wrong with one is told by its scan. */
  static StoreScan of(NewFile store, Watch watch) throws IOException {
    StoreScan scan = new StoreScan(store);
    for (String collection : store.collections()) {
      CollectionScan one =
          new CollectionScan(
              collection, scan.collections.size(), store.target().legacyFile(collection));
      scan.collections.add(one);
      one.read(scan.ids, offset -> watch.at(collection, offset));
    }
    scan.choose();
    return scan;
  }

  private void choose() {
    int[] counts = new int[collections.size()];
    for (int place = 0; place < ids.places(); place++) {
      int owner = ids.owner(place);
      if (owner >= 0 && ids.get(place) >= 0) {
        counts[owner]++;
        if (ids.hasBefore(place)) {
          ids.set(place, ids.get(place) | CollectionScan.COLLIDES);
          collisions++;
        }
      }
    }
    long[][] winners = new long[counts.length][];
    for (int i = 0; i < counts.length; i++) {
      winners[i] = new long[counts[i]];
    }
    int[] filled = new int[counts.length];
    for (int place = 0; place < ids.places(); place++) {
      int owner = ids.owner(place);
      if (owner >= 0 && ids.get(place) >= 0) {
        winners[owner][filled[owner]++] = ids.get(place);
      }
    }
    for (int i = 0; i < counts.length; i++) {
      Arrays.sort(winners[i]);
      collections.get(i).winners(winners[i]);
    }
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

  /** Documents whose {@code _id} an earlier collection of the store has, too. */
  long collisions() {
    return collisions;
  }

  /**
   * The {@code _id} of a document whose own is taken: {@code <collection>/<id>}, with as many
   * slashes as it takes to be the only one.
   */
  String newId(String collection, String id) {
    StringBuilder separator = new StringBuilder("/");
    while (ids.hasBefore(collection + separator + id, Integer.MAX_VALUE)) {
      separator.append('/');
    }
    return collection + separator + id;
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
