package io.belay.gateway;

import io.belay.split.Bucketing;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Decides the side of a request. On a route a key always falls into the same of 10,000 buckets, and
 * the candidate owns the buckets below its weight: as the weight grows, a key moves from baseline
 * to candidate at most once, and never back. Requests without a key follow the additive
 * golden-ratio sequence, which keeps to the weight even over a few dozen requests.
 */
final class Splitter {

  private final boolean shared;
  private final Map<String, AtomicLong> turns = new ConcurrentHashMap<>();

  /**
   * @param shared whether a key falls into the same bucket on every route
   */
  Splitter(boolean shared) {
    this.shared = shared;
  }

  /**
   * @param key that keeps the user on one side; null or empty when the request has none
   */
  Side side(Route route, String key) {
    int share = route.hundredths();
    if (share <= 0) {
      return Side.BASELINE;
    }
    if (share >= Bucketing.BUCKETS) {
      return Side.CANDIDATE;
    }
    int bucket = key == null || key.isEmpty() ? nextBucket(route) : bucket(route, key);
    return bucket < share ? Side.CANDIDATE : Side.BASELINE;
  }

  int bucket(Route route, String key) {
    return Bucketing.BELAY_1.bucket(shared ? "" : route.path(), key);
  }

  private int nextBucket(Route route) {
    AtomicLong turn = turns.computeIfAbsent(route.path(), path -> new AtomicLong());
    return Bucketing.bucket(turn.addAndGet(Bucketing.GOLDEN));
  }
}
