package io.belay.capability.measure;

import io.belay.target.MetricsText;
import io.belay.target.MetricsText.NotUnderstood;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.regex.Pattern;

/**
 * A series of Prometheus' text format, by its name and some of its labels.
 *
 * @param labels that it must have; it may have more
 */
record Series(String name, Map<String, String> labels) {

  private static final Pattern COUNTED = Pattern.compile(".*_(total|count|sum|bucket)");

  /**
   * @throws IllegalArgumentException when the text is no name with labels
   */
  static Series valueOf(String text) {
    try {
      List<MetricsText.Series> read = MetricsText.read(text.strip() + " 0 0");
      if (read.size() == 1 && !text.contains("\n")) {
        return new Series(read.get(0).name(), read.get(0).labels());
      }
    } catch (NotUnderstood e) {
      // said below, without the value and the time that were added
    }
    throw new IllegalArgumentException(
        "'%s' is no series such as errors_total{code=\"500\"}".formatted(text.strip()));
  }

  /**
   * Its value in a document, of several the sum; empty when there is none, or one is not finite.
   *
   * @throws NotUnderstood when the document is not of that format
   * @throws IllegalArgumentException when there are several that have no sum: gauges, quantiles
   */
  OptionalDouble valueIn(String document) throws NotUnderstood {
    List<MetricsText.Series> found =
        MetricsText.read(document).stream()
            .filter(series -> series.name().equals(name))
            .filter(series -> series.labels().entrySet().containsAll(labels.entrySet()))
            .toList();
    if (found.size() > 1 && !COUNTED.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "there are %d such series, and only series that count (names with _total, _count, _sum or _bucket) have a sum; name the labels of one"
              .formatted(found.size()));
    }
    double sum = found.stream().mapToDouble(MetricsText.Series::value).sum();
    return !found.isEmpty() && Double.isFinite(sum)
        ? OptionalDouble.of(sum)
        : OptionalDouble.empty();
  }
}
