package io.belay.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.belay.target.MetricsText.NotUnderstood;
import io.belay.target.MetricsText.Series;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The cases of the tests of Prometheus' parsers (prometheus/common, client_python) and of
 * OpenMetrics: each kind of line that these read or refuse.
 */
class MetricsTextTest {

  private record Case(String name, String document, String expected) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Stream<Case> cases(String file) throws IOException {
    String text = Files.readString(Path.of("src/test/resources/metrics", file));
    return Arrays.stream(text.split("(?m)^===")).skip(1).map(MetricsTextTest::parse);
  }

  private static Case parse(String text) {
    int title = text.indexOf('\n');
    String[] parts = text.substring(title + 1).split("(?m)^---\n", 2);
    return new Case(
        text.substring(0, title).strip(), parts[0], parts.length == 2 ? parts[1].strip() : "");
  }

  static Stream<Case> understood() throws IOException {
    return cases("understood.txt");
  }

  static Stream<Case> refused() throws IOException {
    return cases("refused.txt");
  }

  @ParameterizedTest
  @MethodSource
  void understood(Case one) throws NotUnderstood {
    List<String> expected = one.expected().lines().toList();
    assertThat(MetricsText.read(one.document()).stream().map(MetricsTextTest::shown))
        .containsExactlyElementsOf(expected);
  }

  private static String shown(Series series) {
    String labels =
        String.join(
            ",",
            series.labels().entrySet().stream()
                .map(label -> label.getKey() + "=" + label.getValue())
                .toList());
    double value = series.value();
    String number =
        Double.isFinite(value) && value < 1e30
            ? new BigDecimal(Double.toString(value)).stripTrailingZeros().toPlainString()
            : Double.toString(value).replace("E", "e");
    return "%s{%s} %s".formatted(series.name(), labels, number).replace('\n', '↵');
  }

  @ParameterizedTest
  @MethodSource
  void refused(Case one) {
    assertThatThrownBy(() -> MetricsText.read(one.document()))
        .isInstanceOf(NotUnderstood.class)
        .hasMessageContaining("is neither a comment nor a series");
  }

  @Test
  void longLines_areReadInNoTimeAndShownShortened() {
    String line = "a{l=\"" + "x".repeat(200_000) + "\"";
    assertThatThrownBy(() -> MetricsText.read(line + "} 1 z"))
        .isInstanceOf(NotUnderstood.class)
        .extracting(Throwable::getMessage)
        .satisfies(message -> assertThat(message).hasSizeLessThan(200));
    String many = "a{" + "l=\"x\",".repeat(20_000) + "!} 1";
    assertThatThrownBy(() -> MetricsText.read(many)).isInstanceOf(NotUnderstood.class);
  }
}
