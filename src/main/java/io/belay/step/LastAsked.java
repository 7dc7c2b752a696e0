package io.belay.step;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * What was looked up last of something that never changes.
 *
 * @param <K> by what it is looked up
 * @param <V> what is found
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

  /** What {@code lookUp} returned for that key; what it throws is not kept. */
  V get(K key, Function<K, V> lookUp) {
    V known = found.get(key);
    if (known == null) {
      // Outside of the map's lock: others are not held up by the database.
      known = lookUp.apply(key);
      found.put(key, known);
    }
    return known;
  }
}
