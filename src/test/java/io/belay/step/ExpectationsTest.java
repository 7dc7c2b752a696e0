package io.belay.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.belay.step.Expectations.Answer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExpectationsTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "exit 0 | 0 | x",
        "exit 1, 3 | 3 | x",
        "status 2xx | 204 | x",
        "status 404,3xx | 302 | x",
        "empty | 0 | \" \n\"",
        "not empty | 0 | x",
        "is OK | 0 | \"OK\n\"",
        "contains ready | 0 | all ready now",
        "without error | 0 | all ready",
        "matches ^2 rows$ | 0 | \"head\n2 rows\ntail\"",
        "number <= 5 | 0 | 5.0",
        "number > -1 | 0 | \" 9223372036854775807 \"",
        "number = 0.1 | 0 | 1e-1",
        "lines = 2 | 0 | \"a\n\nb\n\"",
        "json /a/0/b = READY | 0 | {\"a\":[{\"b\":\"READY\"}]}",
        "json /n >= 9007199254740993 | 0 | {\"n\":9007199254740993}",
        "json /n present | 0 | {\"n\":false}",
        "json /n absent | 0 | {\"n\":null}",
      })
  void whatIsAsExpected_isMet(String expectation, int code, String output) {
    assertThat(Expectations.valueOf(expectation).unmet(new Answer(code, output, true))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "exit 0 | 10 | x | exit code 10",
        "exit 1 | 10 | x | exit code 10",
        "status 2xx | 302 | x | status 302",
        "empty | 0 | x | 'x' (code 0)",
        "not empty | 3 | \" \" | no output (code 3)",
        "is OK | 0 | NOT OK | 'NOT OK'",
        "without error | 0 | an error | 'an error'",
        "number <= 5 | 0 | 6 | '6'",
        "number <= 5 | 0 | \"\" | no output",
        "number != 5 | 0 | none | 'none'",
        "number < 5 | 0 | NaN | 'NaN'",
        "json /n >= 9007199254740993 | 0 | {\"n\":9007199254740992} | 9007199254740992",
        "json /n = 1 | 0 | {} | no such value",
        "json /n != 1 | 0 | {} | no such value",
        "json /n absent | 0 | oops | no JSON: 'oops'",
        "json /n absent | 0 | \"\" | no JSON: no output",
      })
  void whatIsNot_isSaidWithWhatWasSeen(String expectation, int code, String output, String seen) {
    assertThat(Expectations.valueOf(expectation).unmet(new Answer(code, output, true)))
        .singleElement()
        .asString()
        .startsWith("expected '%s', saw ".formatted(expectation))
        .contains(seen);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"empty", "without x", "is x", "number = 1", "lines = 1", "json /a absent"})
  void whatOnlyTheWholeOutputCouldTell_isNotMetByAPart(String expectation) {
    assertThat(Expectations.valueOf(expectation).unmet(new Answer(0, "1", false)))
        .singleElement()
        .asString()
        .contains("too long to be read whole");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "exit zero",
        "exit",
        "status 999",
        "not ready",
        "is",
        "matches (",
        "number 5",
        "number < x",
        "json a = 1",
        "json /a",
        "json /a < b",
        "ok",
        "empty please"
      })
  void anythingElse_isRefused_namingTheLine(String line) {
    assertThatThrownBy(() -> Expectations.valueOf("exit 0\n" + line))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'%s'".formatted(line));
  }

  @Test
  void everyLine_isAnExpectation() {
    Expectations both = Expectations.valueOf("exit 0\n  \n is OK ");

    assertThat(both.describe()).isEqualTo("exit 0; is OK");
    assertThat(both.unmet(new Answer(1, "no", true))).hasSize(2);
    assertThat(both.judgeCode()).isTrue();
  }
}
