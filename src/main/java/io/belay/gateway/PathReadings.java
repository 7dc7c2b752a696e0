package io.belay.gateway;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The paths that a backend may understand a raw path as. The gateway forwards a path as it came, so
 * if two of its readings lead to different routes, it is unknown which one the backend will serve.
 */
final class PathReadings {

  /** Twice, for a backend behind a framework that decodes again. */
  private static final int MOST_DECODINGS = 2;

  private PathReadings() {}

  /**
   * @return the raw path first; then decoded once or twice, with and without dot segments, path
   *     parameters and repeated slashes
   * @throws IllegalArgumentException when the path has a {@code %} that starts no encoding
   */
  static Set<String> of(String raw) {
    Set<String> readings = new LinkedHashSet<>();
    readings.add(raw);
    if (isPlain(raw)) {
      return readings;
    }
    for (int bits = 0; bits < 8; bits++) {
      String reading = raw;
      for (int decodings = 0; decodings <= MOST_DECODINGS; decodings++) {
        if (decodings > 0) {
          reading = decoded(reading, decodings == 1);
        }
        String path = (bits & 1) == 0 ? reading : reading.replaceAll(";[^/]*", "");
        path = (bits & 2) == 0 ? path : path.replace('\\', '/').replaceAll("/{2,}", "/");
        path = (bits & 4) == 0 ? path : withoutDots(path);
        readings.add(path);
      }
    }
    return readings;
  }

  private static boolean isPlain(String raw) {
    return raw.indexOf('%') < 0
        && raw.indexOf(';') < 0
        && raw.indexOf('\\') < 0
        && !raw.contains("//")
        && !raw.contains("/.");
  }

  private static String decoded(String path, boolean strict) {
    try {
      return URLDecoder.decode(path.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      if (strict) {
        throw e;
      }
      return path;
    }
  }

  private static String withoutDots(String path) {
    Deque<String> kept = new ArrayDeque<>();
    String[] segments = path.split("/", -1);
    for (int i = 1; i < segments.length; i++) {
      boolean last = i == segments.length - 1;
      switch (segments[i]) {
        case "." -> addEmpty(kept, last);
        case ".." -> {
          kept.pollLast();
          addEmpty(kept, last);
        }
        default -> kept.addLast(segments[i]);
      }
    }
    return "/" + String.join("/", kept);
  }

  private static void addEmpty(Deque<String> kept, boolean last) {
    if (last) {
      kept.addLast("");
    }
  }
}
