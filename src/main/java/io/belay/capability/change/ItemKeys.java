package io.belay.capability.change;

import java.util.List;
import java.util.Map;

/** The keys of one item, with their values as the file has them. */
record ItemKeys(Map<String, Object> all) {

  private static final int LONGEST = 2000;

  boolean has(String key) {
    return all.containsKey(key);
  }

  /** Empty when it is absent. */
  String text(String key) {
    Object value = all.get(key);
    require(
        !(value instanceof Map) && !(value instanceof List),
        "'%s' must be a single value".formatted(key));
    return bounded(key, value);
  }

  /** None when it is absent. */
  List<String> texts(String key) {
    Object value = all.get(key);
    if (value == null) {
      return List.of();
    }
    require(
        value instanceof List<?> list
            && list.stream().noneMatch(one -> one instanceof Map || one instanceof List),
        "'%s' must be a list of texts".formatted(key));
    return ((List<?>) value).stream().map(one -> bounded(key, one)).toList();
  }

  private static String bounded(String key, Object value) {
    String text = value == null ? "" : value.toString().strip();
    require(text.length() <= LONGEST, "'%s' is longer than %d characters".formatted(key, LONGEST));
    return text;
  }

  private static void require(boolean holds, String rule) {
    if (!holds) {
      throw new IllegalArgumentException(rule);
    }
  }
}
