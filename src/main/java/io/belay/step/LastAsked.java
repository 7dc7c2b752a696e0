package io.belay.step;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * Caches the last look-ups of values that never change.
 *
 * @param <K> the key
 * @param <V> the value
 */
final class LastAsked<K, V> {

  private static final int KEPT = 1000;

  private final Map<K, V> found =
      Collections.synchronizedMap(
          new LinkedHashMap<>(16, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
              return size() > KEPT;
            }
          });

  /** The value that {@code lookUp} returned for that key; exceptions are not cached. */
  V get(K key, Function<K, V> lookUp) {
    V known = found.get(key);
    if (known == null) {
      // Outside of the map's lock, so that the database does not block others.
      known = lookUp.apply(key);
      found.put(key, known);
    }
    return known;
  }
}
