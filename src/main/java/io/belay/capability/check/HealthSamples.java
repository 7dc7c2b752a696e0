package io.belay.capability.check;

import io.belay.step.Sample;
import io.belay.target.RouterStatistics;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The points of a gate's plots: what came in between two looks. */
final class HealthSamples {

  private HealthSamples() {}

  /**
   * @param routed what the router counted between the looks; null when unknown
   */
  static List<Sample> of(
      Instant at,
      String subject,
      WatchedService service,
      ProbeSeries.Stretch probes,
      RouterStatistics.Side routed) {
    MetricsSeries metrics = service.metrics();
    Map<String, Double> points = new LinkedHashMap<>();
    points.put("p50Ms", UserTraffic.worst(probes.percentileMs(0.50), routed, 0.50));
    points.put("p95Ms", UserTraffic.worst(probes.percentileMs(0.95), routed, 0.95));
    points.put("p99Ms", UserTraffic.worst(probes.percentileMs(0.99), routed, 0.99));
    points.put("errorRate4xx", UserTraffic.worst4xx(probes.rate4xx(), routed));
    points.put("errorRate5xx", UserTraffic.worst5xx(probes.rate5xx(), routed));
    points.put("poolUsage", metrics.highest(ServiceMetrics::poolUsage));
    points.put("memoryUsage", metrics.highest(latest -> latest.get("memory")));
    points.put("cpuUsage", metrics.highest(latest -> latest.get("cpu")));
    points.put("diskUsage", metrics.highest(latest -> latest.get("disk")));
    points.put("redisUp", metrics.lowest(latest -> latest.get("redis_up")));
    points.put("integrationsDown", (double) service.integrationsDown());
    points.put("errorLines", (double) service.errorLines());
    return points.entrySet().stream()
        .filter(point -> Double.isFinite(point.getValue()))
        .map(point -> new Sample(at, point.getKey(), subject, point.getValue()))
        .toList();
  }
}
