package io.belay.capability.measure;

import io.belay.target.MetricsText;
import io.belay.target.MetricsText.NotUnderstood;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * A series of Prometheus' text format, by its name and some of its labels.
 *
 * @param labels that it must have; it may have more
 */
record Series(String name, Map<String, String> labels) {

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
   * The sum of the series in a document; empty when there is none, or one is not finite.
   *
   * @throws NotUnderstood when the document is not of that format
   */
  OptionalDouble sumIn(String document) throws NotUnderstood {
    double sum = 0;
    boolean found = false;
    for (MetricsText.Series series : MetricsText.read(document)) {
      if (series.name().equals(name) && series.labels().entrySet().containsAll(labels.entrySet())) {
        found = true;
        sum += series.value();
      }
    }
    return found && Double.isFinite(sum) ? OptionalDouble.of(sum) : OptionalDouble.empty();
  }
}
