package io.belay.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.belay.process.Refusal;
import io.belay.web.Caller.Answer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.camunda.bpm.engine.ExternalTaskService;
import org.camunda.bpm.engine.IdentityService;
import org.camunda.bpm.engine.RuntimeService;
import org.camunda.bpm.engine.TaskService;
import org.camunda.bpm.engine.variable.Variables;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
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
}
