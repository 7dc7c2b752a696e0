package io.belay.check;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleBinaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the Prometheus and OpenMetrics text formats, as far as {@link ServiceMetrics} knows the
 * names. Series of one name that differ in labels are combined by what they mean: counters are
 * added, {@code redis_up} is the lowest, usages and latencies are the highest (two p95 have no
 * sum), and of several pools the fullest counts.
 */
final class PrometheusText {

  /** Name, labels (which may hold braces and escaped quotes), value, timestamp, exemplar. */
  private static final Pattern SERIES =
      Pattern.compile(
          "^([a-zA-Z_:][a-zA-Z0-9_:]*)\\s*(\\{(?:[^\"}]|\"(?:[^\"\\\\]|\\\\.)*\")*\\})?"
              + "\\s+([^\\s#]+)(?:\\s+[-+.0-9eE]+)?(?:\\s+#.*)?$");

  private static final Set<String> ADDED =
      Set.of("requests", "errors", "messages_received", "messages_processed");

  private PrometheusText() {}

  static Map<String, Double> read(String document) {
    Map<String, Map<String, Double>> byRawName = new HashMap<>();
    for (String line : document.split("\n")) {
      Matcher series = SERIES.matcher(line.strip());
      if (series.matches()) {
        double value = number(series.group(3));
        if (Double.isFinite(value)) {
          String labels = series.group(2) == null ? "" : series.group(2);
          byRawName.computeIfAbsent(series.group(1), key -> new HashMap<>()).put(labels, value);
        }
      }
    }
    Map<String, Double> values = new HashMap<>();
    byRawName.forEach(
        (raw, series) -> {
          String name = ServiceMetrics.name(raw);
          series.values().stream()
              .reduce((one, other) -> rule(name).applyAsDouble(one, other))
              // Two names of one figure, such as errors and errors_5xx: the worse counts.
              .ifPresent(value -> values.merge(name, value, spelling(name)::applyAsDouble));
        });
    pools(byRawName, values);
    return values;
  }

  private static DoubleBinaryOperator rule(String name) {
    return ADDED.contains(name) ? Double::sum : spelling(name);
  }

  private static DoubleBinaryOperator spelling(String name) {
    return name.equals("redis_up") ? Math::min : Math::max;
  }

  private static void pools(
      Map<String, Map<String, Double>> byRawName, Map<String, Double> values) {
    Map<String, Double> used = byRawName.getOrDefault("pool_used", Map.of());
    Map<String, Double> max = byRawName.getOrDefault("pool_max", Map.of());
    if (used.keySet().equals(max.keySet())) {
      used.forEach(
          (labels, connections) -> {
            if (max.get(labels) > 0) {
              values.merge(ServiceMetrics.POOL_USAGE, connections / max.get(labels), Math::max);
            }
          });
    }
  }

  /** Prometheus writes +Inf and NaN; neither is a measurement. */
  private static double number(String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }
}
