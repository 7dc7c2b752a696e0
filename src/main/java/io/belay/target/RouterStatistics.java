package io.belay.target;

import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * A router's counts of the users' requests since it started. The difference of two readings is what
 * happened between them.
 *
 * @param servers by the server's name, of both sides
 * @param weight share of the users' requests that the candidate is to get, in percent; in a
 *     difference, the larger of the two
 */
public record RouterStatistics(
    Side baseline, Side candidate, Map<String, Side> servers, double weight) {

  /** Reads the statistics of a router. */
  @FunctionalInterface
  public interface Reader {

    /**
     * @throws TargetException when the router cannot be asked
     */
    RouterStatistics read(RouterTarget router);
  }

  /**
   * What a router knows, when it is read, of requests that have no answer. Unlike the counters it
   * may fall, as requests in flight are answered or given up.
   *
   * @param begun requests begun, less those answered and those whose client left
   * @param failed how many of the failures in {@code status5xx} may be among these
   * @param inFlight how many of these may still get their answer
   * @param waitingMs requests in flight of which nothing is answered, by how many milliseconds they
   *     have waited at least; they are in none of the other figures
   */
  public record Unanswered(
      long begun, long failed, long inFlight, NavigableMap<Double, Long> waitingMs) {

    static final Unanswered NONE = new Unanswered(0, 0, 0, new TreeMap<>());

    private Unanswered plus(Unanswered other) {
      return new Unanswered(
          begun + other.begun,
          failed + other.failed,
          inFlight + other.inFlight,
          sum(waitingMs, other.waitingMs));
    }

    /** How many more wait than then. */
    private NavigableMap<Double, Long> moreSince(Unanswered earlier) {
      NavigableMap<Double, Long> more = new TreeMap<>(waitingMs);
      earlier.waitingMs.forEach((bound, count) -> more.merge(bound, -count, Long::sum));
      more.values().removeIf(count -> count <= 0);
      return more;
    }

    /** How many at least have got no answer since then, and will get none. */
    private long lostSince(Unanswered earlier) {
      return Math.max(0, begun - earlier.begun - inFlight);
    }
  }

  /**
   * @param requests that were answered, or else ended; in a difference also those of {@code
   *     unanswered} that were lost, or wait
   * @param status5xx answers with 5xx and other failures that the user sees: no connection, no
   *     answer, half an answer; not failures caused by the client or the router
   * @param latencyMs number of requests (not cumulative) by upper bound of their latency in
   *     milliseconds; empty when the router keeps none
   * @param unanswered nothing in a difference
   * @param clients none if the router does not tell clients apart
   */
  public record Side(
      long requests,
      long status4xx,
      long status5xx,
      NavigableMap<Double, Long> latencyMs,
      Unanswered unanswered,
      ClientGroups clients) {

    /** Of a router that counts every request that ended. */
    public Side(
        long requests, long status4xx, long status5xx, NavigableMap<Double, Long> latencyMs) {
      this(requests, status4xx, status5xx, latencyMs, Unanswered.NONE, ClientGroups.NONE);
    }

    /**
     * What was counted after {@code earlier}.
     *
     * @throws TargetException when the counters have gone back: the router was restarted meanwhile
     */
    public Side since(Side earlier) {
      NavigableMap<Double, Long> latency = new TreeMap<>(latencyMs);
      earlier.latencyMs.forEach((bound, count) -> latency.merge(bound, -count, Long::sum));
      latency.values().removeIf(count -> count == 0);
      if (requests < earlier.requests
          || status4xx < earlier.status4xx
          || status5xx < earlier.status5xx
          || latency.values().stream().anyMatch(count -> count < 0)) {
        throw new TargetException(
            "the router's counters have gone back: it was restarted during the measurement");
      }
      NavigableMap<Double, Long> waiting = unanswered.moreSince(earlier.unanswered);
      long late = waiting.values().stream().mapToLong(Long::longValue).sum();
      long lost = unanswered.lostSince(earlier.unanswered);
      long known = unanswered.failed - earlier.unanswered.failed;
      return new Side(
          requests - earlier.requests + lost + late,
          status4xx - earlier.status4xx,
          status5xx - earlier.status5xx + Math.max(0, lost - known),
          sum(latency, waiting),
          Unanswered.NONE,
          clients.since(earlier.clients));
    }

    /** Both together. */
    public Side plus(Side other) {
      return new Side(
          requests + other.requests,
          status4xx + other.status4xx,
          status5xx + other.status5xx,
          sum(latencyMs, other.latencyMs),
          unanswered.plus(other.unanswered),
          clients.plus(other.clients));
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

  private static NavigableMap<Double, Long> sum(Map<Double, Long> one, Map<Double, Long> other) {
    NavigableMap<Double, Long> sum = new TreeMap<>(one);
    other.forEach((bound, count) -> sum.merge(bound, count, Long::sum));
    return sum;
  }

  public RouterStatistics since(RouterStatistics earlier) {
    Map<String, Side> since = new TreeMap<>();
    servers.forEach(
        (name, side) -> {
          Side before = earlier.servers.get(name);
          since.put(name, before == null ? side : side.since(before));
        });
    return new RouterStatistics(
        baseline.since(earlier.baseline),
        candidate.since(earlier.candidate),
        since,
        Math.max(weight, earlier.weight));
  }
}
