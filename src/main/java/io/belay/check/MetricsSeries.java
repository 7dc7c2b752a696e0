package io.belay.check;

import java.util.function.ToDoubleFunction;

/** What a service's metrics said over a window: growth of counters, worst and mean of gauges. */
final class MetricsSeries {

  private ServiceMetrics first;
  private ServiceMetrics last;
  private int readings;
  private int failed;
  private double cpuSum;
  private double poolWorst = Double.NaN;
  private double memoryWorst = Double.NaN;
  private double diskWorst = Double.NaN;
  private double redisWorst = Double.NaN;

  /**
   * @param metrics null when the service did not tell
   */
  synchronized void add(ServiceMetrics metrics) {
    if (metrics == null) {
      failed++;
      return;
    }
    first = first == null ? metrics : first;
    last = metrics;
    readings++;
    cpuSum += metrics.get("cpu");
    poolWorst = worst(poolWorst, metrics.poolUsage(), true);
    memoryWorst = worst(memoryWorst, metrics.get("memory"), true);
    diskWorst = worst(diskWorst, metrics.get("disk"), true);
    redisWorst = worst(redisWorst, metrics.get("redis_up"), false);
  }

  /** A value that is missing in one reading is missing in all: NaN stays NaN. */
  private double worst(double before, double now, boolean highest) {
    if (readings == 1) {
      return now;
    }
    return highest ? Math.max(before, now) : Math.min(before, now);
  }

  /** Whether the service told its metrics twice at least, and every time it was asked. */
  synchronized boolean complete() {
    return readings >= 2 && failed == 0;
  }

  /** NaN when the counter is unknown or has gone back (the service was restarted). */
  synchronized double growth(String counter) {
    if (readings < 2) {
      return Double.NaN;
    }
    double growth = last.get(counter) - first.get(counter);
    return growth < 0 ? Double.NaN : growth;
  }

  synchronized double latest(ToDoubleFunction<ServiceMetrics> value) {
    return last == null ? Double.NaN : value.applyAsDouble(last);
  }

  synchronized double cpu() {
    return readings == 0 ? Double.NaN : cpuSum / readings;
  }

  synchronized double pool() {
    return poolWorst;
  }

  synchronized double memory() {
    return memoryWorst;
  }

  synchronized double disk() {
    return diskWorst;
  }

  /** 1 when Redis was up in every reading, 0 when not, NaN when unknown. */
  synchronized double redisUp() {
    return redisWorst;
  }
}
