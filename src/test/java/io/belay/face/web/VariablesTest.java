package io.belay.face.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.belay.face.web.Caller.Answer;
import io.belay.model.Refusal;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.camunda.bpm.engine.ExternalTaskService;
import org.camunda.bpm.engine.FormService;
import org.camunda.bpm.engine.IdentityService;
import org.camunda.bpm.engine.RuntimeService;
import org.camunda.bpm.engine.TaskService;
import org.camunda.bpm.engine.externaltask.ExternalTask;
import org.camunda.bpm.engine.variable.Variables;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;

/** What the engine lets be written into the variables of a run, behind all doors. */
@WebTest
class VariablesTest {

  private static final String ANSWER =
      "{\"decision\":{\"value\":\"go\"},\"looked\":{\"value\":true},\"reason\":{\"value\":\"counted"
          + " well\"}%s}";

  private static final Object OBJECT =
      Variables.serializedObjectValue("{\"x\":1,\"y\":2}")
          .objectTypeName("java.awt.Point")
          .serializationDataFormat("application/json")
          .create();

  @Autowired Caller caller;
  @Autowired RuntimeService runtime;
  @Autowired TaskService tasks;
  @Autowired FormService forms;
  @Autowired ExternalTaskService external;
  @Autowired IdentityService identity;

  private String run;

  @BeforeEach
  void start() {
    run = caller.startUntilDecision();
  }

  @AfterEach
  void end() {
    identity.clearAuthentication();
    caller.end(run);
  }

  private static String answer(String more) {
    return "{\"variables\":" + ANSWER.formatted(more) + "}";
  }

  private String phase() {
    return tasks
        .createTaskQuery()
        .taskId(caller.openTask(run))
        .singleResult()
        .getProcessInstanceId();
  }

  @Test
  void object_isRefusedByTheEngineItself() {
    String task = caller.openTask(run);
    Map<String, Object> variables = new HashMap<>(Map.of("zz", OBJECT));
    identity.setAuthentication("anna", List.of("approver"));
    isRefused(() -> tasks.complete(task, variables), "java.awt.Point");
    identity.clearAuthentication();
    isRefused(() -> runtime.setVariables(run, variables), "java.awt.Point");
    isRefused(() -> runtime.setVariables(phase(), variables), "java.awt.Point");
    identity.setAuthentication("olga", List.of("operator"));
    isRefused(
        () ->
            runtime
                .createMessageCorrelation("Start web-test")
                .setVariable("environment", "other")
                .setVariables(variables)
                .correlateStartMessage(),
        "java.awt.Point");
    assertThat(runtime.createVariableInstanceQuery().variableName("zz").count()).isZero();
    assertThat(caller.openTask(run)).isEqualTo(task);
  }

  private static void isRefused(ThrowingCallable write, String why) {
    assertThatThrownBy(write).isInstanceOf(Refusal.class).hasMessageContaining(why);
  }

  @Test
  void textThatIsTooLong_is400_andTheTaskStaysOpen() {
    String task = caller.openTask(run);
    Answer refused =
        caller.post(
            "anna",
            "/engine-rest/task/" + task + "/complete",
            answer(",\"more\":{\"value\":\"" + "x".repeat(4001) + "\"}"));
    assertThat(refused.status()).as(refused.text()).isEqualTo(400);
    assertThat(refused.text()).contains("4,001 characters", "at most 4,000");
    assertThat(caller.openTask(run)).isEqualTo(task);
  }

  // ------------------------------------------------------------------ parameters

  enum Write {
    ANSWER,
    FORM,
    RESOLVE,
    TO_THE_TASK,
    TO_THE_PHASE,
    TO_THE_RUN,
    REMOVAL,
    REMOVAL_FROM_THE_RUN,
    MESSAGE,
    MODIFICATION
  }

  private void write(Write way, String name, Object value) {
    String task = caller.openTask(run);
    String phase = phase();
    Map<String, Object> variables = new HashMap<>();
    variables.put(name, value);
    identity.setAuthentication("anna", List.of("approver"));
    switch (way) {
      case ANSWER -> tasks.complete(task, variables);
      case FORM -> forms.submitTaskForm(task, variables);
      default -> identity.clearAuthentication();
    }
    switch (way) {
      case RESOLVE -> tasks.resolveTask(task, variables);
      case TO_THE_TASK -> tasks.setVariables(task, variables);
      case TO_THE_PHASE -> runtime.setVariables(phase, variables);
      case TO_THE_RUN -> runtime.setVariables(run, variables);
      case REMOVAL -> runtime.removeVariable(phase, name);
      case REMOVAL_FROM_THE_RUN -> runtime.removeVariable(run, name);
      case MESSAGE ->
          runtime
              .createMessageCorrelation("Abort")
              .processInstanceId(phase)
              .setVariables(variables)
              .correlate();
      case MODIFICATION ->
          runtime
              .createProcessInstanceModification(phase)
              .startBeforeActivity("Task_Decide")
              .setVariable(name, value)
              .execute();
      default -> {}
    }
  }

  @ParameterizedTest
  @CsvSource({"weights, 100", "pause, PT5S", "deadline, P300D", "environment, other"})
  void parameter_isWrittenOnce_howeverItIsWrittenAgain(String name, String value) {
    for (Write way : Write.values()) {
      isRefused(
          () -> write(way, name, value),
          name + ": is a parameter of the run, written once at its start");
    }
    assertThat(
            runtime.createVariableInstanceQuery().variableValueEquals(name, value).list().stream()
                .filter(written -> written.getProcessInstanceId().equals(run)))
        .isEmpty();
  }

  @Test
  void parameterThatTheStartDidNotGive_isNotGivenLater() {
    assertThat(runtime.getVariables(run)).doesNotContainKey("note");
    for (Write way : Write.values()) {
      if (!way.name().startsWith("REMOVAL")) {
        isRefused(() -> write(way, "note", "late"), "note: is a parameter of the run");
      }
    }
  }

  @Test
  void parameterInAnAnswer_is400_throughEngineRestAndTheWebapps() throws Exception {
    String task = caller.openTask(run);
    String more = answer(",\"pause\":{\"value\":\"PT5S\"}");
    for (String act : List.of("complete", "submit-form")) {
      Answer refused = caller.post("anna", "/engine-rest/task/" + task + "/" + act, more);
      assertThat(refused.status()).as(refused.text()).isEqualTo(400);
      assertThat(refused.text()).contains("pause: is a parameter of the run");

      Session browser = new Session(caller);
      browser.login("anna", "anna");
      HttpResponse<String> webapps =
          browser.webapps("POST", "/engine/engine/default/task/" + task + "/" + act, more);
      assertThat(webapps.statusCode()).as(webapps.body()).isEqualTo(400);
      assertThat(webapps.body()).contains("pause: is a parameter of the run");
    }
    assertThat(caller.openTask(run)).isEqualTo(task);
  }

  // ------------------------------------------------------------------ undeclared variables

  @Test
  void variableThatNothingDeclares_isRefused_howeverItIsWritten() {
    for (Write way : Write.values()) {
      if (!way.name().startsWith("REMOVAL")) {
        isRefused(() -> write(way, "decidingOutcome", "passed"), "decidingOutcome: is unknown");
      }
    }
  }

  @Test
  void variableThatTheFormDoesNotDeclare_is400_throughEngineRestAndTheWebapps() throws Exception {
    String task = caller.openTask(run);
    String more = answer(",\"zz\":{\"value\":\"a\"}");
    for (String act : List.of("complete", "submit-form")) {
      Answer refused = caller.post("anna", "/engine-rest/task/" + task + "/" + act, more);
      assertThat(refused.status()).as(refused.text()).isEqualTo(400);
      assertThat(refused.text())
          .contains("zz: is unknown where the run waits (Task_Decide)")
          .contains("known are [decision, looked, reason]");

      Session browser = new Session(caller);
      browser.login("anna", "anna");
      HttpResponse<String> webapps =
          browser.webapps("POST", "/engine/engine/default/task/" + task + "/" + act, more);
      assertThat(webapps.statusCode()).as(webapps.body()).isEqualTo(400);
      assertThat(webapps.body()).contains("zz: is unknown");
    }
    assertThat(caller.openTask(run)).isEqualTo(task);
    assertThat(runtime.createVariableInstanceQuery().variableName("zz").count()).isZero();
  }

  @Test
  void evidence_isNotForged() {
    String task = caller.openTask(run);
    Object shown = tasks.getVariable(task, "evidence");
    isRefused(() -> tasks.setVariableLocal(task, "evidence", "all is well"), "evidence: is");
    isRefused(() -> tasks.setVariable(task, "evidence", "all is well"), "evidence: is");
    assertThat(tasks.getVariable(task, "evidence")).isEqualTo(shown);
  }

  @Test
  void answerThatStoodThereBefore_countsForNothing() {
    String task = caller.openTask(run);
    tasks.setVariables(task, Map.of("decision", "go", "looked", true, "reason", "from before"));
    Answer refused =
        caller.post("anna", "/engine-rest/task/" + task + "/complete", "{\"variables\":{}}");
    assertThat(refused.status()).as(refused.text()).isEqualTo(400);
    assertThat(refused.text()).contains("decision: is required", "looked: is required");
  }

  @Test
  void step_returnsOnlyWhatItDeclares_toItselfOnly() {
    caller.end(run);
    run = caller.start("\"count\":100,\"pause\":\"PT1S\"");
    ExternalTask step =
        await()
            .atMost(Duration.ofSeconds(20))
            .until(
                () -> external.createExternalTaskQuery().activityId("Task_Count").locked().list(),
                locked -> locked.size() == 1)
            .get(0);
    String id = step.getId();
    String worker = step.getWorkerId();
    for (String name : List.of("zz", "verdict", "countingOutcome", "weights", "pause")) {
      Map<String, Object> more = Map.of(name, "PASS");
      isRefused(
          () -> external.complete(id, worker, null, more),
          name + ": is unknown where the run waits (Task_Count)");
      isRefused(() -> external.complete(id, worker, more), name + ": is ");
      isRefused(() -> external.handleFailure(id, worker, "m", "d", 1, 0, more, null), name);
      assertThatThrownBy(() -> external.handleBpmnError(id, worker, "STOP", "m", more))
          .rootCause()
          .isInstanceOf(Refusal.class)
          .hasMessageContaining(name);
    }
    assertThat(runtime.createVariableInstanceQuery().variableName("zz").count()).isZero();
  }
}
