package io.belay.run;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/** A guide's estimate for a phase. */
final class Estimates {

  private Estimates() {}

  /**
   * @param estimate {@code shortest/longest}, ISO 8601; null gives an empty list
   */
  static List<Duration> parse(String estimate) {
    return estimate == null
        ? List.of()
        : Arrays.stream(estimate.split("/")).map(Duration::parse).toList();
  }
}
