package io.belay.capability.check.comparison;

import java.util.Map;
import java.util.TreeMap;

/**
 * What one side answered in a stretch of time.
 *
 * @param errors requests that failed for their user, of all requests
 * @param rungs of the latencies: number of limits exceeded, to number of requests; may come from
 *     other requests than the errors, such as probes
 */
public record Counts(long requests, long errors, Map<Integer, Long> rungs) {

  static final Counts NONE = new Counts(0, 0, Map.of());

  public Counts {
    if (requests < 0
        || errors < 0
        || rungs.entrySet().stream()
            .anyMatch(
                rung ->
                    rung.getKey() < 0 || rung.getKey() > Ladder.LIMITS || rung.getValue() < 0)) {
      throw new IllegalArgumentException("counts are 0 or more, rungs 0 to " + Ladder.LIMITS);
    }
    // A router may count one failure twice.
    errors = Math.min(errors, requests);
    rungs = new TreeMap<>(rungs);
  }

  /**
   * @param latencyMs latency in milliseconds to number of requests
   */
  public static Counts of(long requests, long errors, Map<Double, Long> latencyMs) {
    Map<Integer, Long> rungs = new TreeMap<>();
    latencyMs.forEach((millis, count) -> rungs.merge(Ladder.rung(millis), count, Long::sum));
    return new Counts(requests, errors, rungs);
  }

  Counts plus(Counts other) {
    Map<Integer, Long> sum = new TreeMap<>(rungs);
    other.rungs.forEach((rung, count) -> sum.merge(rung, count, Long::sum));
    return new Counts(requests + other.requests, errors + other.errors, sum);
  }

  double errorRate() {
    return requests == 0 ? 0 : (double) errors / requests;
  }

  long timed() {
    long timed = 0;
    for (long count : rungs.values()) {
      timed += count;
    }
    return timed;
  }

  double[] byRung() {
    double[] counts = new double[Ladder.LIMITS + 1];
    rungs.forEach((rung, count) -> counts[rung] = count);
    return counts;
  }

  /** By limit: how many took longer. */
  long[] slower() {
    long[] slower = new long[Ladder.LIMITS];
    rungs.forEach(
        (rung, count) -> {
          for (int limit = 0; limit < rung; limit++) {
            slower[limit] += count;
          }
        });
    return slower;
  }

  long slowerThan(int limit) {
    return slower()[limit];
  }
}
