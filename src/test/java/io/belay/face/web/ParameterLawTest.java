package io.belay.face.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpRequest;
import org.camunda.bpm.engine.RuntimeService;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.annotation.Import;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/**
 * Models that would change a parameter of the run, or a phase's copy of one: the engine refuses it
 * when they come to it.
 */
@WebTest
@Import(WithoutLint.class)
@OwnBelay
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
    WORLD.copy(
        runbooks.resolve("web-test.bpmn"),
        "processes/runbooks/hiding.bpmn",
        "\"web-test\"",
        "\"hiding\"",
        "Start web-test",
        "Start hiding",
        "<camunda:in variables=\"all\" /><camunda:out source=\"outcome\" target=\"countingOutcome\" />",
        "<camunda:inputOutput><camunda:inputParameter name=\"weights\">100</camunda:inputParameter></camunda:inputOutput>"
            + "<camunda:in variables=\"all\" /><camunda:out source=\"outcome\" target=\"countingOutcome\" />");
    overwriting("its-copy", "<camunda:in variables=\"all\" />", "weights");
    overwriting("its-own", "<camunda:in variables=\"all\" />", "note");
    overwriting(
        "its-input",
        "<camunda:in source=\"count\" target=\"count\" /><camunda:in source=\"pause\" target=\"pause\" />"
            + "<camunda:in source=\"fail\" target=\"fail\" /><camunda:in source=\"deadline\" target=\"deadline\" />"
            + "<camunda:in source=\"weights\" target=\"shares\" />",
        "shares");
    WORLD.use(properties);
  }

  /** A runbook whose first phase declares no inputs, and writes one of the variables passed. */
  private static void overwriting(String name, String passed, String written) {
    String call =
        "<camunda:in variables=\"all\" /><camunda:out source=\"outcome\" target=\"countingOutcome\" />";
    WORLD.copy(
        LawWorld.WEB.resolve("processes/runbooks/web-test.bpmn"),
        "processes/runbooks/" + name + ".bpmn",
        "\"web-test\"",
        "\"" + name + "\"",
        "Start web-test",
        "Start " + name,
        "calledElement=\"counting\"",
        "calledElement=\"counting-" + name + "\"",
        call,
        call.replace("<camunda:in variables=\"all\" />", passed));
    WORLD.copy(
        LawWorld.WEB.resolve("processes/phases/counting.bpmn"),
        "processes/phases/counting-" + name + ".bpmn",
        "\"counting\"",
        "\"counting-" + name + "\"",
        "<camunda:outputParameter name=\"samples\">",
        "<camunda:outputParameter name=\"" + written + "\">");
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
    delete(run); // an abort, which would write it too, does not end it
  }

  private void delete(String run) {
    caller
        .send(
            "adam",
            HttpRequest.newBuilder(
                    caller.uri("/engine-rest/engine/parameterlaw/process-instance/" + run))
                .DELETE())
        .is(204);
  }

  @Test
  void callThatWouldHideAParameter_doesNotBegin() {
    String run = start("hiding");
    assertThat(incident(run))
        .contains("weights: is a parameter of the run", "'Phase_Counting' may not hide it");
    delete(run); // an abort waits for the phase, which cannot begin
  }

  @ParameterizedTest
  @CsvSource({"its-copy, weights", "its-input, shares"})
  void phaseWhoseStepWouldChangeWhatTheCallPassed_doesNotGoOn(String runbook, String variable) {
    String run = start(runbook);
    assertThat(incident(run))
        .contains(variable + ": is an input of the phase, written once at its start");
    assertThat(
            runtime
                .createVariableInstanceQuery()
                .variableName(variable)
                .variableValueEquals(variable, "50,100")
                .list())
        .anyMatch(copy -> !copy.getProcessInstanceId().equals(run));
    caller.end(run);
  }

  @Test
  void phaseThatWouldGiveAParameterThatTheStartDidNot_doesNotGoOn() {
    String run = start("its-own");
    assertThat(incident(run))
        .contains("note: is a parameter of the run, written once at its start");
    caller.end(run);
  }

  @Test
  void formThatAsksForAParameter_isPutBeforeNobody() {
    String run = start("asking");
    assertThat(incident(run)).contains("pause", "the form of 'Task_Decide' asks for it");
    caller.end(run);
  }
}
