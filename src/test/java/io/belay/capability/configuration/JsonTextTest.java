package io.belay.capability.configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.belay.target.TargetException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonTextTest {

  private static final String FILE =
      "{\r\n  \"flags\": {\n\t\"a\" :{ \"x\":1.50, \"s\": \"é\\u00e9}\" ,\"l\":[{\"x\":2}, {}] } ,\n  \"e\":{}}, \"z\":1e3 }\n";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/flags/a | x | 1.50",
        "/flags/a | s | \"é\\u00e9}\"",
        "/flags/a | l | [{\"x\":2}, {}]",
        "/flags/a/l/0 | x | 2",
        "/flags | e | {}",
        "'' | z | 1e3",
        "/flags/a | y |"
      })
  void value_isTheTextThatStandsThere(String at, String key, String value) {
    assertThat(JsonText.of(FILE, at).value(key)).isEqualTo(value);
  }

  /** Put in and taken out, or changed and changed back: each character is where it was. */
  @Test
  void whatIsTakenBack_leavesNothingBehind() {
    for (String at :
        List.of("", "/flags", "/flags/a", "/flags/e", "/flags/a/l/0", "/flags/a/l/1")) {
      JsonText with = JsonText.of(FILE, at).with("new \"one\"", "{\"n\":[1]}");
      assertThat(with.value("new \"one\"")).isEqualTo("{\"n\":[1]}");
      assertThat(with.with("new \"one\"", null)).hasToString(FILE);
    }
    for (String key : List.of("x", "s", "l")) {
      JsonText with = JsonText.of(FILE, "/flags/a").with(key, "true");
      assertThat(with.with(key, JsonText.of(FILE, "/flags/a").value(key))).hasToString(FILE);
    }
    assertThat(JsonText.of(FILE.getBytes(StandardCharsets.UTF_8), "").bytes())
        .isEqualTo(FILE.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void changes_touchNothingElse() {
    assertThat(JsonText.of("{\n  \"a\": 1,\n  \"b\": 2\n}", "").with("c", "3"))
        .hasToString("{\n  \"c\": 3,\n  \"a\": 1,\n  \"b\": 2\n}");
    assertThat(JsonText.of("{\"a\": 1, \"b\": 2, \"c\":3}", "").with("b", null))
        .hasToString("{\"a\": 1, \"c\":3}");
    assertThat(JsonText.of("{\"a\": 1, \"b\": 2 }", "").with("b", null)).hasToString("{\"a\": 1 }");
    assertThat(JsonText.of("{ \"a\": 1 }", "").with("a", null)).hasToString("{  }");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"a\":1,\"s3cret\":{\"s3cret\":1,\"s3cret\":2}} | has a name twice (line 1, column",
        "{\"a\":1} {} | no JSON",
        "{\"a\":1 | (line 1, column",
        "{\"b\":[]} | no object at '/a'",
        "{\"a\":[]} | no object at '/a'",
        "s3cret: {} | no JSON or has a name twice (line 1, column"
      })
  void whatCannotBeChangedSafely_isRefused(String text, String why) {
    assertThatThrownBy(() -> JsonText.of(text, "/a"))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining(why)
        .hasNoCause()
        .hasMessageNotContaining("s3cret");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "true | true | true",
        "25 | 25 | 25",
        "{\"a\": 1} | {\"a\": 1} | {\"a\": 1}",
        "new | \"new\" | new",
        "say \"hi\" | \"say \\\"hi\\\"\" | say \"hi\"",
        "`` | \"\" | ``",
        "1 2 | \"1 2\" | 1 2"
      })
  void value_isJson_orAString(String value, String stored, String plain) {
    assertThat(JsonText.stored(value)).isEqualTo(stored);
    assertThat(JsonText.plain(stored)).isEqualTo(plain);
  }

  /** A failure's causes are in the journal, too. */
  @Test
  void valueThatIsNoJson_isNotQuoted() {
    for (ThrowingCallable read :
        List.<ThrowingCallable>of(
            () -> JsonText.canonical("s3cret"), () -> JsonText.plain("s3cret"))) {
      assertThatThrownBy(read)
          .isInstanceOf(TargetException.class)
          .hasMessageContaining("a value is no JSON")
          .hasMessageNotContaining("s3cret")
          .hasNoCause();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"b\": [1.0, 100.0], \"a\": null} | {\"a\":null,\"b\":[1,100]}",
        "1.50 | 1.5",
        "\"x\" | \"x\"",
        "null | null"
      })
  void theSameValue_writtenInAnotherWay_isTheSame(String json, String canonical) {
    assertThat(JsonText.canonical(json)).isEqualTo(canonical);
  }
}
