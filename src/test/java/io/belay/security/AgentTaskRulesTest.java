package io.belay.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.belay.step.AgentSettings.Agent;
import io.belay.step.RecordedEnds;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An agent tells the engine of a step's end what it told the journal, and nothing else. */
class AgentTaskRulesTest {

  private static final String SAME =
      """
      "verdict":{"value":"FAIL","type":"String"}, "samples":{"value":5,"type":"Integer"},
      "share":{"value":0.5,"type":"Double"}, "up":{"value":false,"type":"Boolean"},
      "missing":{"value":null,"type":"Null"}
      """;

  private final RecordedEnds ends = mock(RecordedEnds.class);
  private final AgentTaskRules rules = new AgentTaskRules(ends);

  @BeforeEach
  void journal() {
    Map<String, Object> result = new HashMap<>();
    result.put("verdict", "FAIL");
    result.put("samples", 5);
    result.put("share", 0.5);
    result.put("up", false);
    result.put("missing", null);
    when(ends.result("known")).thenReturn(Optional.of(result));
    when(ends.stop("known")).thenReturn(Optional.of("the disk is full"));
    when(ends.presentName(any(), any())).thenAnswer(call -> call.getArgument(1));
    when(ends.presentName("known", "oldVerdict")).thenReturn("verdict");
  }

  private void complete(String key, String variables) throws Exception {
    check(key + "/complete", "\"localVariables\":{" + variables + "}");
  }

  private void check(String request, String body) throws AgentTaskRules.Broken {
    try {
      rules.check(
          "eu",
          new Agent(Set.of("countSlowly"), Set.of("test")),
          "/engine-rest/external-task/" + request,
          new ObjectMapper().readTree("{\"workerId\":\"eu:1\"," + body + "}"));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }

  @Test
  void sameValues_complete() throws Exception {
    complete("known", SAME);
    complete("known", SAME.replace("\"verdict\"", "\"oldVerdict\""));
    complete("known", SAME.replace("0.5,\"type\":\"Double\"", "0.50"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"verdict\":{\"value\":\"PASS\",\"type\":\"String\"}",
        "\"verdict\":{\"value\":\"FAIL\",\"type\":\"Date\"}",
        "\"verdict\":{\"value\":null,\"type\":\"Null\"}",
        "\"oldVerdict\":{\"value\":\"PASS\"}",
        "\"samples\":{\"value\":6,\"type\":\"Integer\"}",
        "\"samples\":{\"value\":\"5\",\"type\":\"String\"}",
        "\"share\":{\"value\":0.51}",
        "\"up\":{\"value\":true}",
        "\"up\":{\"value\":\"false\"}",
        "\"missing\":{\"value\":\"\"}",
        "\"outcome\":{\"value\":\"passed\"}"
      })
  void otherValue_isRefused(String variable) {
    assertThatThrownBy(() -> complete("known", SAME + "," + variable))
        .isInstanceOf(AgentTaskRules.Broken.class)
        .hasMessageContaining("is not what the step's result in the journal says");
  }

  @Test
  void valueLeftOut_isRefused_becauseAGateWouldReadAnOlderOne() {
    assertThatThrownBy(() -> complete("known", "\"samples\":{\"value\":5}"))
        .isInstanceOf(AgentTaskRules.Broken.class)
        .hasMessageContaining("so [missing, share, up, verdict] too");
    assertThatThrownBy(() -> check("known/complete", "\"variables\":{}"))
        .isInstanceOf(AgentTaskRules.Broken.class);
  }

  @Test
  void endWithoutARecord_isRefused() {
    assertThatThrownBy(() -> complete("unknown", SAME))
        .hasMessageContaining("no result in the journal");
    assertThatThrownBy(() -> stop("unknown", "the disk is full"))
        .hasMessageContaining("no stop in the journal");
  }

  @Test
  void resultThatCannotBeRead_isNone() {
    when(ends.result("unreadable")).thenThrow(new IllegalArgumentException("payload: version 9"));

    assertThatThrownBy(() -> complete("unreadable", SAME))
        .isInstanceOf(AgentTaskRules.Broken.class)
        .hasMessageContaining("version 9");
  }

  @Test
  void reasonOfAStop_isThatOfTheJournal() throws Exception {
    stop("known", "the disk is full");
    stop("known", "the disk\\nis full");
    stop("known", "the disk…");
    check("known/bpmnError", "\"errorCode\":\"STOP\"");

    for (String other : new String[] {"all is well", "the disk is full, and more", "the dusk…"}) {
      assertThatThrownBy(() -> stop("known", other))
          .as(other)
          .isInstanceOf(AgentTaskRules.Broken.class)
          .hasMessageContaining("the reason differs");
    }
    assertThatThrownBy(
            () ->
                check(
                    "known/bpmnError",
                    "\"errorCode\":\"STOP\",\"errorMessage\":\"the disk is full\","
                        + "\"variables\":{\"reason\":{\"value\":\"all is well\"}}"))
        .hasMessageContaining("the reason differs");
  }

  private void stop(String key, String reason) throws Exception {
    check(
        key + "/bpmnError",
        "\"errorCode\":\"STOP\",\"errorMessage\":\"%s\"".formatted(reason)
            + ",\"variables\":{\"reason\":{\"value\":\"%s\"}}".formatted(reason));
  }

  @Test
  void workerIdOfAnother_isRefused() {
    assertThat(ends.result("known")).isPresent();
    assertThatThrownBy(
            () ->
                rules.check(
                    "us",
                    new Agent(Set.of("countSlowly"), Set.of("test")),
                    "/engine-rest/external-task/known/complete",
                    new ObjectMapper().readTree("{\"workerId\":\"eu:1\"}")))
        .hasMessageContaining("workerId must begin with 'us:'");
  }
}
