package io.belay.capability.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SeriesTest {

  private static final String DOCUMENT =
      """
      errors_total{code="500"} 3
      errors_total{code="503"} 4
      redis_up{node="a"} 1
      redis_up{node="b"} 0
      latency{quantile="0.95",path="/a"} 0.2
      latency{quantile="0.95",path="/b"} 0.3
      latency_count{path="/a"} 10
      latency_count{path="/b"} 20
      queue_length 12
      """;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        "errors_total | 7",
        "errors_total{code=\"503\"} | 4",
        "latency_count | 30",
        "queue_length | 12",
        "redis_up{node=\"b\"} | 0",
        "latency{quantile=\"0.95\",path=\"/b\"} | 0.3"
      })
  void oneSeries_isItsValue_andCountersHaveASum(String series, double value) throws Exception {
    assertThat(Series.valueOf(series).valueIn(DOCUMENT)).hasValue(value);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '^',
      value = {"redis_up", "latency{quantile=\"0.95\"}"})
  void severalGauges_haveNoSum(String series) {
    assertThatThrownBy(() -> Series.valueOf(series).valueIn(DOCUMENT))
        .hasMessageContaining("there are 2 such series")
        .hasMessageContaining("name the labels of one");
  }

  @Test
  void seriesThatIsNotThere_orIsNoNumber_hasNoValue() throws Exception {
    assertThat(Series.valueOf("absent_total").valueIn(DOCUMENT)).isEmpty();
    assertThat(Series.valueOf("a_total").valueIn("a_total NaN\n")).isEmpty();
  }
}
