package io.belay.capability.check;

import io.belay.target.RouterStatistics;

/**
 * Weighs what the router saw of the users' requests against what our own probes saw: the worse of
 * the two counts, since healthy probes must not hide what users suffer, nor the other way round.
 */
final class UserTraffic {

  /** Below this many requests a percentile is an accident. */
  private static final long ENOUGH_FOR_LATENCY = 20;

  private UserTraffic() {}

  static double worst4xx(double probed, RouterStatistics.Side routed) {
    return higher(probed, routed == null ? Double.NaN : rate(routed.status4xx(), routed));
  }

  static double worst5xx(double probed, RouterStatistics.Side routed) {
    return higher(probed, routed == null ? Double.NaN : rate(routed.status5xx(), routed));
  }

  /**
   * @param share of the percentile in milliseconds
   */
  static double worst(double probed, RouterStatistics.Side routed, double share) {
    boolean tells = routed != null && routed.requests() >= ENOUGH_FOR_LATENCY;
    return higher(probed, tells ? routed.percentileMs(share) : Double.NaN);
  }

  private static double rate(long some, RouterStatistics.Side routed) {
    return routed.requests() == 0
        ? Double.NaN
        // A router may count one failure twice.
        : Math.min(1, (double) some / routed.requests());
  }

  /** The higher of the two that are known. */
  static double higher(double one, double other) {
    if (Double.isNaN(one)) {
      return other;
    }
    return Double.isNaN(other) ? one : Math.max(one, other);
  }
}
