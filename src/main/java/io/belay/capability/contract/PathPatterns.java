package io.belay.capability.contract;

import java.util.Arrays;
import java.util.List;

/**
 * Paths into a JSON document: JSON pointers in which {@code *} stands for any one step and {@code
 * **} for any number of them, none included.
 */
final class PathPatterns {

  private static final String ANY_NUMBER = "**";

  private final List<List<String>> patterns;

  private PathPatterns(List<List<String>> patterns) {
    this.patterns = patterns;
  }

  /**
   * @param written those that are no patterns are left out
   */
  static PathPatterns of(List<String> written) {
    return new PathPatterns(
        written.stream().filter(PathPatterns::isPattern).map(PathPatterns::steps).toList());
  }

  static boolean isPattern(String written) {
    return written.matches("(/([^/~]|~[01])*)+");
  }

  private static List<String> steps(String pattern) {
    return Arrays.stream(pattern.substring(1).split("/", -1))
        .map(step -> step.replace("~1", "/").replace("~0", "~"))
        .toList();
  }

  /** Whether one of them matches the whole path. */
  boolean match(List<String> path) {
    return patterns.stream().anyMatch(pattern -> matches(pattern, path));
  }

  /** As with wildcards in file names: goes back to the last {@code **} and lets it take more. */
  private static boolean matches(List<String> pattern, List<String> path) {
    int at = 0;
    int anyNumber = -1;
    int taken = 0;
    for (int step = 0; step < path.size(); step++) {
      if (at < pattern.size() && pattern.get(at).equals(ANY_NUMBER)) {
        anyNumber = at++;
        taken = step--;
      } else if (at < pattern.size()
          && (pattern.get(at).equals("*") || pattern.get(at).equals(path.get(step)))) {
        at++;
      } else if (anyNumber >= 0) {
        at = anyNumber + 1;
        step = taken++;
      } else {
        return false;
      }
    }
    return pattern.subList(at, pattern.size()).stream().allMatch(ANY_NUMBER::equals);
  }
}
