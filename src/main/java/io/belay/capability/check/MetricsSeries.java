package io.belay.capability.check;

import io.belay.target.RouterStatistics;
import java.net.URI;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.DoubleBinaryOperator;
import java.util.function.ToDoubleFunction;

/**
 * What a service's metrics said over a window, at all its locations: growth of counters, worst and
 * mean of gauges. A value that is missing in one reading is missing: NaN.
 */
final class MetricsSeries {

  private static final List<String> COUNTERS =
      List.of("requests", "errors", "messages_received", "messages_processed");

  static final RouterStatistics.Side NOTHING = new RouterStatistics.Side(0, 0, 0, new TreeMap<>());

  private final Map<String, Double> grown = new HashMap<>();
  private final NavigableMap<Double, Double> latencies = new TreeMap<>();
  private String restart;
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
    ServiceMetrics before = last.put(location, metrics);
    if (before != null) {
      COUNTERS.forEach(counter -> grow(counter, before.get(counter), metrics.get(counter)));
      Map<Double, Double> earlier = before.buckets();
      boolean anew =
          metrics.buckets().entrySet().stream()
              .anyMatch(now -> now.getValue() < earlier.getOrDefault(now.getKey(), 0.0));
      metrics
          .buckets()
          .forEach(
              (limit, count) ->
                  latencies.merge(
                      limit, anew ? count : count - earlier.getOrDefault(limit, 0.0), Double::sum));
    }
    readings.merge(location, 1, Integer::sum);
    cpuReadings++;
    cpuSum += metrics.get("cpu");
    pool = Math.max(pool, metrics.poolUsage());
    memory = Math.max(memory, metrics.get("memory"));
    disk = Math.max(disk, metrics.get("disk"));
    redis = Math.min(redis, metrics.get("redis_up"));
  }

  /** A counter that went back began anew, as Prometheus' {@code increase} takes it. */
  private void grow(String counter, double before, double now) {
    if (now < before && restart == null) {
      restart = "its counter '%s' went from %.0f to %.0f".formatted(counter, before, now);
    }
    grown.merge(counter, now < before ? now : now - before, Double::sum);
  }

  /** What shows that the service restarted; null when nothing does. */
  synchronized String restart() {
    return restart;
  }

  /** Whether each location told its metrics twice at least, and every time it was asked. */
  synchronized boolean complete() {
    return !failed && !readings.isEmpty() && readings.values().stream().allMatch(n -> n >= 2);
  }

  /** What it answered since the first reading, by its own count. */
  synchronized RouterStatistics.Side answered() {
    NavigableMap<Double, Long> byLatency = new TreeMap<>();
    double below = 0;
    for (Map.Entry<Double, Double> bucket : latencies.entrySet()) {
      byLatency.put(bucket.getKey(), Math.round(bucket.getValue() - below));
      below = bucket.getValue();
    }
    byLatency.values().removeIf(count -> count == 0);
    return new RouterStatistics.Side(
        Math.round(grown.getOrDefault("requests", 0.0)),
        0,
        Math.round(grown.getOrDefault("errors", 0.0)),
        byLatency);
  }

  /** The sum of what it grew between the readings; NaN when it was not in each of them. */
  synchronized double growth(String counter) {
    return complete() ? grown.getOrDefault(counter, Double.NaN) : Double.NaN;
  }

  /**
   * A percentile of the window's latencies from the service's histogram: the bound of its bucket.
   * Without a histogram the highest of what the service says by that name; NaN for neither.
   */
  synchronized double latencyMs(String name, double share) {
    double all = latencies.isEmpty() ? 0 : latencies.lastEntry().getValue();
    if (all <= 0) {
      return highest(metrics -> metrics.get(name));
    }
    for (Map.Entry<Double, Double> bucket : latencies.entrySet()) {
      if (bucket.getValue() >= share * all) {
        return bucket.getKey();
      }
    }
    return Double.NaN;
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
