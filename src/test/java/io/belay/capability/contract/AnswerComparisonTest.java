package io.belay.capability.contract;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Status, headers and bodies of any kind. */
class AnswerComparisonTest {

  private static List<String> compare(Rules rules, Answer baseline, Answer candidate) {
    return Rules.sentences(rules.found(baseline, candidate));
  }

  private static Answer text(String body) {
    return Rules.answer(200, "text/plain", body.getBytes(UTF_8));
  }

  private static Answer with(Map<String, List<String>> headers) {
    return new Answer(200, headers, "", new byte[0]);
  }

  @Test
  void anotherStatus_breaks_andNothingElseIsTold() {
    assertThat(compare(Rules.ALL, Rules.json(200, "{\"a\":1}"), Rules.json(404, "{}")))
        .containsExactly("status 404 instead of 200");
    assertThat(compare(Rules.ALL, Rules.json(404, "{}"), Rules.json(400, "{}")))
        .containsExactly("status 400 instead of 404");
  }

  @Test
  void bodiesOfErrors_areComparedAsOthersAre() {
    Answer old = Rules.json(404, "{\"error\":{\"code\":\"NOT_FOUND\",\"message\":\"no order 0\"}}");
    assertThat(compare(Rules.ALL, old, Rules.json(404, "{\"message\":\"no order 0\"}")))
        .containsExactly("/error is missing", "(added) /message is new");
    assertThat(compare(Rules.ALL, old, Rules.answer(404, "application/problem+json", old.body())))
        .containsExactly("header content-type has another value");
  }

  @ParameterizedTest
  @CsvSource({
    "application/json, application/json; charset=utf-8",
    "application/json, Application/JSON;charset=\"UTF-8\"",
    "text/html; charset=utf-8, text/html;charset=UTF-8"
  })
  void sameMediaType_isTheSame(String one, String other) {
    byte[] body = "[]".getBytes(UTF_8);
    assertThat(compare(Rules.ALL, Rules.answer(200, one, body), Rules.answer(200, other, body)))
        .isEmpty();
  }

  @Test
  void charsetOfAText_counts() {
    assertThat(
            compare(
                Rules.ALL,
                Rules.answer(200, "text/plain; charset=utf-8", new byte[0]),
                Rules.answer(200, "text/plain; charset=iso-8859-1", new byte[0])))
        .containsExactly("header content-type has another value");
  }

  @Test
  void chosenHeaders_areCompared_othersAreNot() {
    Rules rules = Rules.ALL.headers("ETag", "Cache-Control", "allow").varying("ETag");
    Answer old =
        with(
            Map.of(
                "etag", List.of("1"), "cache-control", List.of("no-store"), "date", List.of("x")));
    assertThat(compare(rules, old, with(Map.of("etag", List.of("2"), "allow", List.of("GET")))))
        .containsExactlyInAnyOrder(
            "header cache-control is missing", "(added) header allow is new");
    assertThat(
            compare(
                rules,
                old,
                with(Map.of("etag", List.of("2"), "cache-control", List.of("private")))))
        .containsExactly("header cache-control has another value");
  }

  @Test
  void headersThatNobodyRecorded_areNotCompared() {
    assertThat(
            compare(
                Rules.ALL,
                new Answer(200, null, "", new byte[0]),
                with(Map.of("etag", List.of("2")))))
        .isEmpty();
  }

  @Test
  void cookies_areComparedWithoutBeingShown() {
    List<Difference> found =
        Rules.ALL
            .headers("set-cookie")
            .found(
                with(Map.of("set-cookie", List.of("sid=1"))),
                with(Map.of("set-cookie", List.of("sid=2"))));
    assertThat(found)
        .containsExactly(
            new Difference(Difference.Kind.VALUE, "header set-cookie", "******", "******"));
  }

  @Test
  void otherBodies_areComparedByteByByte() {
    byte[] latin = "é".getBytes(ISO_8859_1); // both are no UTF-8, so both read as U+FFFD
    byte[] other = "è".getBytes(ISO_8859_1);
    assertThat(
            compare(
                Rules.ALL,
                Rules.answer(200, "text/plain", latin),
                Rules.answer(200, "text/plain", other)))
        .containsExactly("the body has another value");
    assertThat(compare(Rules.ALL, text("ok"), text("ok"))).isEmpty();
    assertThat(compare(Rules.ALL.structure(), text("ok"), text("OK"))).isEmpty();
    assertThat(compare(Rules.ALL.varying("/**"), text("ok"), text("OK"))).isEmpty();
    assertThat(compare(Rules.ALL.ignored("/**"), text("ok"), text(""))).isEmpty();
  }

  @Test
  void longOrBinaryBody_isShownByItsHash() {
    Difference found = Rules.ALL.found(text("x".repeat(300)), text("no")).get(0);
    assertThat(found.baseline()).matches("300 bytes, SHA-256 [0-9a-f]{64}");
    assertThat(found.candidate()).isEqualTo("no");
  }

  @Test
  void emptyBodies_areTheSame_andOneThatIsGoneBreaks() {
    Answer empty = Rules.json(200, "");
    assertThat(compare(Rules.ALL, empty, empty)).isEmpty();
    assertThat(compare(Rules.ALL, Rules.json(200, "{}"), empty))
        .containsExactly("the body is missing");
    assertThat(compare(Rules.ALL, empty, Rules.json(200, "{}")))
        .containsExactly("(added) the body is new");
  }

  @Test
  void jsonThatBecameSomethingElse_breaks() {
    Answer json = Rules.json(200, "{\"a\":1}");
    for (String broken : List.of("<html>", "{\"a\":1", "{\"a\":1} x", "{'a':1}", " ", "NaN")) {
      assertThat(compare(Rules.ALL, json, Rules.json(200, broken)))
          .as(broken)
          .containsExactly("the body is no JSON instead of JSON");
    }
    assertThat(compare(Rules.ALL, Rules.json(200, "oops"), json))
        .containsExactly("the body is JSON instead of no JSON");
    assertThat(compare(Rules.ALL, Rules.json(200, "oops"), Rules.json(200, "oops"))).isEmpty();
  }

  @Test
  void untypedBody_isJsonIfItIsAnObjectOrAnArray() {
    Answer one = Rules.answer(200, "", "{\"a\":1}".getBytes(UTF_8));
    Answer other = Rules.answer(200, "", "{\"a\": 1.0}".getBytes(UTF_8));
    assertThat(compare(Rules.ALL, one, other)).isEmpty();
    assertThat(
            compare(
                Rules.ALL,
                Rules.answer(200, "", "1".getBytes(UTF_8)),
                Rules.answer(200, "", "1.0".getBytes(UTF_8))))
        .containsExactly("the body has another value");
  }

  @Test
  void encodingsOfJson_areRead() {
    assertThat(
            compare(
                Rules.ALL,
                Rules.json(200, "{\"a\":\"é\"}"),
                Rules.answer(200, "application/json", "{\"a\":\"é\"}".getBytes(UTF_16))))
        .isEmpty();
    assertThat(compare(Rules.ALL, Rules.json(200, "\uFEFF[1]"), Rules.json(200, "[1]"))).isEmpty();
  }
}
