package io.belay.face.migration;

import io.belay.face.migration.MigrationStores.Store;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Calls that read a whole store: one at a time per store, so that repeating a call adds no load.
 */
final class LongReads {

  interface Read<T> {
    T read() throws IOException;
  }

  private final Set<String> reading = ConcurrentHashMap.newKeySet();

  <T> T alone(Store store, Read<T> read) throws IOException {
    String what = store.target().identity().orElseThrow();
    if (!reading.add(what)) {
      throw MigrationRefused.conflict(
          "This store is being read for another plan or validation; wait for its answer.");
    }
    try {
      return read.read();
    } finally {
      reading.remove(what);
    }
  }
}
