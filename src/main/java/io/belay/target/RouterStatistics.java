package io.belay.target;

import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * What a router counted of the users' requests since it started. The difference of two readings is
 * what happened between them.
 */
public record RouterStatistics(Side baseline, Side candidate) {

  /** Reads the statistics of a router. */
  @FunctionalInterface
  public interface Reader {

    /**
     * @throws TargetException when the router cannot be asked
     */
    RouterStatistics read(RouterTarget router);
  }

  /**
   * @param latencyMs upper bound of a latency in milliseconds to number of requests (not
   *     cumulative); empty when the router keeps none
   */
  public record Side(
      long requests, long status4xx, long status5xx, NavigableMap<Double, Long> latencyMs) {

    /**
     * What was counted after {@code earlier}.
     *
     * @throws TargetException when the counters have gone back: the router was restarted meanwhile
     */
    public Side since(Side earlier) {
      NavigableMap<Double, Long> latency = new TreeMap<>(latencyMs);
      earlier.latencyMs.forEach((bound, count) -> latency.merge(bound, -count, Long::sum));
      latency.values().removeIf(count -> count == 0);
      Side difference =
          new Side(
              requests - earlier.requests,
              status4xx - earlier.status4xx,
              status5xx - earlier.status5xx,
              latency);
      if (difference.requests < 0 || difference.status4xx < 0 || difference.status5xx < 0) {
        throw new TargetException(
            "the router's counters have gone back: it was restarted during the measurement");
      }
      return difference;
    }

    /**
     * @param share for example 0.95
     * @return milliseconds, by nearest rank; NaN when nothing was counted
     */
    public double percentileMs(double share) {
      long total = latencyMs.values().stream().mapToLong(Long::longValue).sum();
      long rank = (long) Math.ceil(share * total);
      long seen = 0;
      for (Map.Entry<Double, Long> bucket : latencyMs.entrySet()) {
        seen += bucket.getValue();
        if (seen >= rank) {
          return bucket.getKey();
        }
      }
      return Double.NaN;
    }
  }

  public RouterStatistics since(RouterStatistics earlier) {
    return new RouterStatistics(
        baseline.since(earlier.baseline), candidate.since(earlier.candidate));
  }
}
