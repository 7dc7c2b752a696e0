package io.belay.check;

import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.DoubleBinaryOperator;
import java.util.function.ToDoubleFunction;

/**
 * What a service's metrics said over a window, at all its locations: growth of counters, worst and
 * mean of gauges. A value that is missing in one reading is missing: NaN.
 */
final class MetricsSeries {

  private final Map<URI, ServiceMetrics> first = new LinkedHashMap<>();
  private final Map<URI, ServiceMetrics> last = new LinkedHashMap<>();
  private final Map<URI, Integer> readings = new LinkedHashMap<>();
  private boolean failed;
  private int cpuReadings;
  private double cpuSum;
  private double pool = Double.NEGATIVE_INFINITY;
  private double memory = Double.NEGATIVE_INFINITY;
  private double disk = Double.NEGATIVE_INFINITY;
  private double redis = Double.POSITIVE_INFINITY;

  /**
   * @param metrics null when the service did not tell
   */
  synchronized void add(URI location, ServiceMetrics metrics) {
    if (metrics == null) {
      failed = true;
      return;
    }
    first.putIfAbsent(location, metrics);
    last.put(location, metrics);
    readings.merge(location, 1, Integer::sum);
    cpuReadings++;
    cpuSum += metrics.get("cpu");
    pool = Math.max(pool, metrics.poolUsage());
    memory = Math.max(memory, metrics.get("memory"));
    disk = Math.max(disk, metrics.get("disk"));
    redis = Math.min(redis, metrics.get("redis_up"));
  }

  /** Whether each location told its metrics twice at least, and every time it was asked. */
  synchronized boolean complete() {
    return !failed && !readings.isEmpty() && readings.values().stream().allMatch(n -> n >= 2);
  }

  /** NaN when the counter is unknown or has gone back (the service was restarted). */
  synchronized double growth(String counter) {
    double sum = complete() ? 0 : Double.NaN;
    for (Map.Entry<URI, ServiceMetrics> entry : last.entrySet()) {
      double growth = entry.getValue().get(counter) - first.get(entry.getKey()).get(counter);
      sum += growth < 0 ? Double.NaN : growth;
    }
    return sum;
  }

  /** The newest value, of several locations the highest. */
  synchronized double highest(ToDoubleFunction<ServiceMetrics> value) {
    return newest(value, Math::max);
  }

  /** The newest value, of several locations the lowest. */
  synchronized double lowest(ToDoubleFunction<ServiceMetrics> value) {
    return newest(value, Math::min);
  }

  private double newest(ToDoubleFunction<ServiceMetrics> value, DoubleBinaryOperator choose) {
    return last.values().stream().mapToDouble(value).reduce(choose).orElse(Double.NaN);
  }

  /** The mean. */
  synchronized double cpu() {
    return cpuReadings == 0 ? Double.NaN : cpuSum / cpuReadings;
  }

  /** The highest, as of memory and disk; infinite when there was no reading. */
  synchronized double pool() {
    return pool;
  }

  synchronized double memory() {
    return memory;
  }

  synchronized double disk() {
    return disk;
  }

  /** 1 when Redis was up in every reading, 0 when not; infinite when there was no reading. */
  synchronized double redisUp() {
    return redis;
  }
}
