package io.belay.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpRequest;
import org.camunda.bpm.engine.RuntimeService;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** Models that would change a parameter of the run: the engine refuses it when they come to it. */
@WebTest
@Tag(OwnJvm.TAG)
class ParameterLawTest {

  private static final LawWorld WORLD = new LawWorld("parameter-law");

  @Autowired Caller caller;
  @Autowired RuntimeService runtime;

  @DynamicPropertySource
  static void models(DynamicPropertyRegistry properties) throws IOException {
    WORLD.copyAll(LawWorld.WEB, ".");
    var runbooks = LawWorld.WEB.resolve("processes/runbooks");
    WORLD.copy(
        runbooks.resolve("web-test.bpmn"),
        "processes/runbooks/writing.bpmn",
        "\"web-test\"",
        "\"writing\"",
        "Start web-test",
        "Start writing",
        "target=\"countingOutcome\" /><camunda:out source=\"reason\" target=\"reason\"",
        "target=\"countingOutcome\" /><camunda:out source=\"reason\" target=\"weights\"");
    WORLD.copy(
        runbooks.resolve("web-test.bpmn"),
        "processes/runbooks/asking.bpmn",
        "\"web-test\"",
        "\"asking\"",
        "Start web-test",
        "Start asking",
        "calledElement=\"deciding\"",
        "calledElement=\"asking-again\"");
    WORLD.copy(
        LawWorld.WEB.resolve("processes/phases/deciding.bpmn"),
        "processes/phases/asking-again.bpmn",
        "\"deciding\"",
        "\"asking-again\"",
        "formRef=\"decide\"",
        "formRef=\"decide-again\"");
    WORLD.copy(
        LawWorld.WEB.resolve("processes/forms/decide.form"),
        "processes/forms/decide-again.form",
        "\"id\": \"decide\"",
        "\"id\": \"decide-again\"",
        "\"key\": \"looked\"",
        "\"key\": \"pause\"");
    WORLD.use(properties);
  }

  private String start(String runbook) {
    return caller
        .post(
            "olga",
            "/api/runs",
            "{\"runbook\":\"%s\",\"parameters\":{\"environment\":\"test\"}}".formatted(runbook))
        .is(201)
        .body()
        .path("id")
        .asText();
  }

  private String incident(String run) {
    JsonNode view = caller.awaitStatus(run, "INCIDENT", "COMPLETED", "WAITING_FOR_PERSON");
    assertThat(view.path("status").asText()).isEqualTo("INCIDENT");
    return view.path("incidents").toString();
  }

  @Test
  void phaseWhoseResultWouldChangeAParameter_doesNotEnd_andTheParameterStays() {
    String run = start("writing");
    assertThat(incident(run))
        .contains("weights: is a parameter of the run, written once at its start");
    assertThat(runtime.getVariable(run, "weights")).isEqualTo("50,100");
    // Nor does it end by an abort, which would write it too.
    caller
        .send(
            "adam",
            HttpRequest.newBuilder(
                    caller.uri("/engine-rest/engine/parameterlaw/process-instance/" + run))
                .DELETE())
        .is(204);
  }

  @Test
  void formThatAsksForAParameter_isPutBeforeNobody() {
    String run = start("asking");
    assertThat(incident(run)).contains("pause", "the form of 'Task_Decide' asks for it");
    caller.end(run);
  }
}
