package io.belay.gateway;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32C;

/**
 * Decides the side of a request. A key always falls into the same of 10,000 buckets, and the
 * candidate owns the buckets below its weight: as the weight grows, a key moves from baseline to
 * candidate at most once, and never back. Requests without a key are spread by the additive
 * golden-ratio sequence, which keeps to the weight even over a few dozen requests.
 */
final class Splitter {

  private static final int BUCKETS = 10_000;

  /** The fractional part of the golden ratio, as a 64-bit fraction. */
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private final Map<String, AtomicLong> turns = new ConcurrentHashMap<>();

  /**
   * @param key what keeps the user on one side; null or empty when the request has none
   */
  Side side(Route route, String key) {
    if (route.weight() <= 0) {
      return Side.BASELINE;
    }
    if (route.weight() >= 100) {
      return Side.CANDIDATE;
    }
    int bucket = key == null || key.isEmpty() ? nextBucket(route) : bucket(key);
    return bucket < route.weight() * (BUCKETS / 100) ? Side.CANDIDATE : Side.BASELINE;
  }

  private static int bucket(String key) {
    CRC32C checksum = new CRC32C();
    checksum.update(key.getBytes(StandardCharsets.UTF_8));
    return scale(mix(checksum.getValue()));
  }

  private int nextBucket(Route route) {
    AtomicLong turn = turns.computeIfAbsent(route.path(), path -> new AtomicLong());
    return scale(turn.addAndGet(GOLDEN));
  }

  private static int scale(long fraction) {
    return (int) Math.multiplyHigh(fraction >>> 1, 2L * BUCKETS);
  }

  /** SplitMix64's finalizer: neighbouring checksums must not fall into neighbouring buckets. */
  private static long mix(long value) {
    long mixed = (value + GOLDEN) * 0xBF58476D1CE4E5B9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
    return mixed ^ (mixed >>> 31);
  }
}
