package io.belay.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WeightTest {

  private final ObjectMapper json = new ObjectMapper();

  @ParameterizedTest
  @CsvSource({
    "25, 25",
    "025, 25",
    "25.00, 25",
    "+1, 1",
    "0.05, 0.05",
    "0.50, 0.5",
    "99.99, 99.99",
    "0, 0"
  })
  void isWrittenInPercent_aWholeOneWithoutDecimals(String given, String written) throws Exception {
    Weight weight = Weight.valueOf(given);
    assertThat(weight).hasToString(written);
    assertThat(json.writeValueAsString(weight)).isEqualTo(written);
    assertThat(json.readValue(written, Weight.class)).isEqualTo(weight);
  }

  @ParameterizedTest
  @CsvSource({
    "0.005, at most two decimals", "100.01, from 0 to 100", "-1, a number of percent",
    "1e1, a number of percent", "x, a number of percent", "'', a number of percent",
    "'0,5', a number of percent", "99999999999, a number of percent"
  })
  void whatIsNoStep_isRefusedByRule(String given, String rule) {
    assertThatThrownBy(() -> Weight.valueOf(given))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(rule);
  }

  @Test
  void storedJson_isCheckedToo() {
    assertThatThrownBy(() -> json.readValue("0.001", Weight.class))
        .hasMessageContaining("decimals");
    assertThatThrownBy(() -> json.readValue("-1", Weight.class)).hasMessageContaining("from 0");
  }

  @Test
  void ascends() {
    assertThat(Weight.valueOf("0.05")).isGreaterThan(Weight.NONE).isLessThan(Weight.of(1));
  }
}
