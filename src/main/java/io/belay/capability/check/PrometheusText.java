package io.belay.capability.check;

import io.belay.target.MetricsText;
import io.belay.target.MetricsText.NotUnderstood;
import io.belay.target.MetricsText.Series;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleBinaryOperator;

/**
 * Finds the figures that {@link ServiceMetrics} knows by name among the series of a document.
 * Series of one name that differ in labels are combined by what they mean: counters are added,
 * {@code redis_up} is the lowest, usages and latencies are the highest (two p95 have no sum), and
 * of several pools the fullest counts. Of a histogram of latencies the buckets are added, so that
 * percentiles can be had from them; of summaries the slowest counts, since quantiles have no mean.
 * A figure of which one series is no number is not known; latencies of no requests (NaN) are left
 * out.
 */
final class PrometheusText {

  private static final Set<String> ADDED =
      Set.of("requests", "errors", "messages_received", "messages_processed");

  private static final Set<String> BETTER_WHEN_HIGH =
      Set.of("redis_up", "requests", "messages_processed", "pool_max");

  private static final Map<Double, String> PERCENTILES =
      Map.of(0.5, "p50", 0.95, "p95", 0.99, "p99");

  /** Histograms and summaries of how long requests take, in seconds where the name says so. */
  private static final Set<String> LATENCIES =
      Set.of(
          "latency_ms",
          "latency_seconds",
          "request_duration_seconds",
          "http_request_duration_seconds",
          "http_server_requests_seconds");

  private PrometheusText() {}

  /** The figures by name. */
  static Map<String, Double> read(String document) throws NotUnderstood {
    Map<String, Map<Map<String, String>, Double>> byRawName = new HashMap<>();
    for (Series one : MetricsText.read(document)) {
      byRawName.computeIfAbsent(one.name(), name -> new HashMap<>()).put(one.labels(), one.value());
    }
    Map<String, Double> values = new HashMap<>();
    byRawName.forEach(
        (raw, series) -> {
          String name = ServiceMetrics.name(raw);
          series.values().stream()
              .filter(value -> !value.isNaN() || !PERCENTILES.containsValue(name))
              .reduce((one, other) -> rule(name).applyAsDouble(one, other))
              // Two names of one figure, such as errors and errors_5xx: the worse counts.
              .ifPresent(value -> values.merge(name, value, worse(name)::applyAsDouble));
        });
    pools(byRawName, values);
    LATENCIES.forEach(
        name -> {
          buckets(name, byRawName.getOrDefault(name + "_bucket", Map.of()), values);
          quantiles(name, byRawName.getOrDefault(name, Map.of()), values);
        });
    values.values().removeIf(value -> !Double.isFinite(value));
    return values;
  }

  private static DoubleBinaryOperator rule(String name) {
    return ADDED.contains(name) ? Double::sum : worse(name);
  }

  /** Of two values of one figure, the one that says worse of the service. */
  static DoubleBinaryOperator worse(String name) {
    return BETTER_WHEN_HIGH.contains(name) ? Math::min : Math::max;
  }

  private static void pools(
      Map<String, Map<Map<String, String>, Double>> byRawName, Map<String, Double> values) {
    Map<Map<String, String>, Double> used = byRawName.getOrDefault("pool_used", Map.of());
    Map<Map<String, String>, Double> max = byRawName.getOrDefault("pool_max", Map.of());
    if (used.keySet().equals(max.keySet())) {
      used.forEach(
          (labels, connections) -> {
            if (max.get(labels) > 0) {
              values.merge(ServiceMetrics.POOL_USAGE, connections / max.get(labels), Math::max);
            }
          });
    }
  }

  /** Histograms whose series have other bounds than each other have no sum. */
  private static void buckets(
      String name, Map<Map<String, String>, Double> series, Map<String, Double> values) {
    Map<Double, Double> counts = new HashMap<>();
    Map<Double, Integer> seen = new HashMap<>();
    series.forEach(
        (labels, count) -> {
          double limit = MetricsText.number(labels.getOrDefault("le", ""));
          counts.merge(limit * unit(name), count, Double::sum);
          seen.merge(limit * unit(name), 1, Integer::sum);
        });
    if (seen.values().stream().distinct().count() == 1
        && seen.containsKey(Double.POSITIVE_INFINITY)
        && counts.keySet().stream().noneMatch(limit -> limit.isNaN())
        && counts.values().stream().allMatch(Double::isFinite)) {
      counts.forEach(
          (limit, count) -> values.merge(ServiceMetrics.BUCKET + limit, count, Double::sum));
    }
  }

  private static void quantiles(
      String name, Map<Map<String, String>, Double> series, Map<String, Double> values) {
    series.forEach(
        (labels, latency) -> {
          String percentile =
              PERCENTILES.get(MetricsText.number(labels.getOrDefault("quantile", "")));
          if (percentile != null && !latency.isNaN()) {
            values.merge(percentile, latency * unit(name), Math::max);
          }
        });
  }

  private static double unit(String name) {
    return name.endsWith("_seconds") ? 1000 : 1;
  }
}
