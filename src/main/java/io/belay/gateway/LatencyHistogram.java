package io.belay.gateway;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Counts latencies in buckets whose bounds grow by 5 % from 0.1 ms to more than ten minutes. A
 * percentile is its bucket's upper bound: at most 5 % too high, never too low.
 */
final class LatencyHistogram {

  private static final double FIRST_MS = 0.1;
  private static final double GROWTH = Math.log(1.05);
  private static final int BUCKETS = 325;

  private final AtomicLongArray counts = new AtomicLongArray(BUCKETS);

  void record(double millis) {
    int index = (int) Math.ceil(Math.log(Math.max(millis, FIRST_MS) / FIRST_MS) / GROWTH);
    counts.incrementAndGet(Math.min(index, BUCKETS - 1));
  }

  long[] snapshot() {
    long[] copy = new long[BUCKETS];
    for (int i = 0; i < BUCKETS; i++) {
      copy[i] = counts.get(i);
    }
    return copy;
  }

  /** Upper bound of a bucket in milliseconds. */
  static double boundMs(int bucket) {
    double bound = FIRST_MS * Math.exp(bucket * GROWTH);
    return Math.round(bound * 1000) / 1000.0;
  }

  static long[] minus(long[] later, long[] earlier) {
    long[] difference = new long[later.length];
    for (int i = 0; i < later.length; i++) {
      difference[i] = later[i] - earlier[i];
    }
    return difference;
  }

  /**
   * @param share for example 0.95
   * @return milliseconds; null when nothing was counted
   */
  static Double percentileMs(long[] counts, double share) {
    long total = 0;
    for (long count : counts) {
      total += count;
    }
    if (total == 0) {
      return null;
    }
    long rank = (long) Math.ceil(share * total);
    long seen = 0;
    for (int i = 0; i < counts.length; i++) {
      seen += counts[i];
      if (seen >= rank) {
        return boundMs(i);
      }
    }
    return boundMs(counts.length - 1);
  }

  /** Non-empty buckets: count by upper bound in milliseconds. */
  static Map<Double, Long> sparse(long[] counts) {
    Map<Double, Long> filled = new TreeMap<>();
    for (int i = 0; i < counts.length; i++) {
      if (counts[i] > 0) {
        filled.put(boundMs(i), counts[i]);
      }
    }
    return filled;
  }
}
