package io.belay.capability.check;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.belay.target.MetricsText;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * What a service says about itself: a JSON document, or Prometheus text.
 *
 * <table>
 *   <caption>Names that are read</caption>
 *   <tr><td>{@code requests}, {@code errors}</td><td>counters: answered, and with 5xx</td></tr>
 *   <tr><td>{@code messages_received}, {@code messages_processed}</td><td>counters</td></tr>
 *   <tr><td>{@code p50}, {@code p95}, {@code p99}</td><td>latencies in ms</td></tr>
 *   <tr><td>{@code pool_used}, {@code pool_max}</td><td>database connections</td></tr>
 *   <tr><td>{@code redis_up}</td><td>1 or true while Redis is connected</td></tr>
 *   <tr><td>{@code memory}, {@code cpu}, {@code disk}</td><td>used share, 0 to 1</td></tr>
 * </table>
 *
 * <p>In JSON, objects may nest and names may be in camel case: {@code {"pool":{"used":3}}} is
 * {@code pool_used}, {@code messagesProcessed} is {@code messages_processed}; {@code latency_p95},
 * {@code memory_usage} and the like are understood too. {@link PrometheusText} says what becomes of
 * series that differ in labels.
 */
final class ServiceMetrics {

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Pattern HUMP = Pattern.compile("([a-z0-9])([A-Z])");

  /** What {@link PrometheusText} makes of the pools. */
  static final String POOL_USAGE = "pool_usage";

  /** Beginning of the names of a latency histogram's buckets; the limit in ms follows. */
  static final String BUCKET = "latency_bucket_";

  private final Map<String, Double> values;
  private final String problem;

  private ServiceMetrics(Map<String, Double> values, String problem) {
    this.values = values;
    this.problem = problem;
  }

  /** Reads a document; one that is neither JSON nor Prometheus text has no values. */
  static ServiceMetrics parse(String document) {
    Map<String, Double> values = new HashMap<>();
    if (document.stripLeading().startsWith("{")) {
      try {
        flatten("", JSON.readTree(document), values);
        return new ServiceMetrics(values, null);
      } catch (JsonProcessingException e) {
        values.clear(); // a series without labels may begin with a brace, too
      }
    }
    try {
      return new ServiceMetrics(PrometheusText.read(document), null);
    } catch (MetricsText.NotUnderstood e) {
      return new ServiceMetrics(values, e.getMessage());
    }
  }

  /** Why the document has no values; null when it was understood. */
  String problem() {
    return problem;
  }

  /** NaN when the document does not have it. */
  double get(String name) {
    return values.getOrDefault(name, Double.NaN);
  }

  /** Limits in ms to the requests that took no longer, since the service started. */
  NavigableMap<Double, Double> buckets() {
    NavigableMap<Double, Double> buckets = new TreeMap<>();
    values.forEach(
        (name, count) -> {
          if (name.startsWith(BUCKET)) {
            buckets.put(Double.valueOf(name.substring(BUCKET.length())), count);
          }
        });
    return buckets;
  }

  /** Used share of the connection pool, of several the fullest; NaN when unknown. */
  double poolUsage() {
    double max = get("pool_max");
    return values.getOrDefault(POOL_USAGE, max > 0 ? get("pool_used") / max : Double.NaN);
  }

  private static void flatten(String prefix, JsonNode node, Map<String, Double> values) {
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      String snake = HUMP.matcher(entry.getKey()).replaceAll("$1_$2").toLowerCase(Locale.ROOT);
      String key = prefix + snake;
      JsonNode value = entry.getValue();
      if (value.isObject()) {
        flatten(key + "_", value, values);
      } else if (value.isBoolean()) {
        put(name(key), value.asBoolean() ? 1.0 : 0.0, values);
      } else if (value.isNumber()) {
        put(name(key), value.asDouble(), values);
      }
    }
  }

  private static void put(String name, double value, Map<String, Double> values) {
    values.merge(name, value, PrometheusText.worse(name)::applyAsDouble);
  }

  static String name(String key) {
    String name = key.replaceFirst("_total$", "");
    return switch (name) {
      case "latency_p50", "p50_ms", "latency_p50_ms" -> "p50";
      case "latency_p95", "p95_ms", "latency_p95_ms" -> "p95";
      case "latency_p99", "p99_ms", "latency_p99_ms" -> "p99";
      case "memory_usage", "cpu_usage", "disk_usage" -> name.replace("_usage", "");
      case "memory_ratio", "cpu_ratio", "disk_ratio" -> name.replace("_ratio", "");
      case "errors_5xx", "errors5xx" -> "errors";
      case "redis_connected" -> "redis_up";
      default -> name;
    };
  }
}
