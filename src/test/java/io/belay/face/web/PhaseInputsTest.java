package io.belay.face.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.camunda.bpm.engine.ExternalTaskService;
import org.camunda.bpm.engine.HistoryService;
import org.camunda.bpm.engine.RuntimeService;
import org.camunda.bpm.engine.externaltask.ExternalTask;
import org.camunda.bpm.engine.history.HistoricVariableInstance;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.annotation.Import;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** A phase that declares its inputs: a part of it, too, gets what the runbook's call passes. */
@WebTest
@OwnBelay
@Import(WithoutLint.class)
class PhaseInputsTest {

  private static final LawWorld WORLD = new LawWorld("phase-inputs");

  private static final String START = "<bpmn:startEvent id=\"Start\" name=\"Counting wanted\">";
  private static final String FIELDS =
      START
          + """
          <bpmn:extensionElements><camunda:formData>
            <camunda:formField id="store" label="Store" type="string">
              <camunda:properties><camunda:property id="type" value="target:redis" /></camunda:properties>
            </camunda:formField>
            <camunda:formField id="count" label="Count" type="long" defaultValue="2" />
            <camunda:formField id="pause" label="Pause" type="string" defaultValue="10ms">
              <camunda:properties><camunda:property id="type" value="duration" /></camunda:properties>
            </camunda:formField>
            <camunda:formField id="fail" label="Fail" type="boolean" defaultValue="false" />
            <camunda:formField id="others" label="Others" type="string">
              <camunda:properties><camunda:property id="type" value="targets:redis" /></camunda:properties>
            </camunda:formField>
            <camunda:formField id="deadline" label="Deadline" type="string" defaultValue="1h">
              <camunda:properties><camunda:property id="type" value="duration" /></camunda:properties>
            </camunda:formField>
          </camunda:formData></bpmn:extensionElements>
          """;
  private static final String ALL = "<camunda:in variables=\"all\" />";

  @Autowired Caller caller;
  @Autowired HistoryService history;
  @Autowired RuntimeService runtime;
  @Autowired ExternalTaskService externalTasks;

  @DynamicPropertySource
  static void models(DynamicPropertyRegistry properties) throws IOException {
    WORLD.copyAll(LawWorld.WEB, ".");
    phase("declared", "x", "x");
    phase(
        "writing",
        "<camunda:outputParameter name=\"samples\">",
        "<camunda:outputParameter name=\"count\">");
    runbook("good", "declared", "<camunda:in sourceExpression=\"cache\" target=\"store\" />");
    runbook(
        "chosen",
        "declared",
        "<camunda:in source=\"note\" target=\"store\" /><camunda:in sourceExpression=\"7\" target=\"count\" />");
    runbook("lost", "declared", "<camunda:in sourceExpression=\"queue\" target=\"store\" />");
    runbook("over", "writing", "<camunda:in sourceExpression=\"cache\" target=\"store\" />");
    runbook(
        "slow",
        "declared",
        "<camunda:in sourceExpression=\"cache\" target=\"store\" /><camunda:in sourceExpression=\"PT30S\" target=\"pause\" />");
    runbook("asking", "counting", ALL);
    WORLD.copy(
        WORLD.directory().resolve("processes/runbooks/asking.bpmn"),
        "processes/runbooks/asking.bpmn",
        "calledElement=\"deciding\"",
        "calledElement=\"asking-its-input\"",
        ALL + "<camunda:out source=\"outcome\" target=\"decidingOutcome\" />",
        "<camunda:out source=\"outcome\" target=\"decidingOutcome\" />");
    WORLD.copy(
        LawWorld.WEB.resolve("processes/phases/deciding.bpmn"),
        "processes/phases/asking-its-input.bpmn",
        "\"deciding\"",
        "\"asking-its-input\"",
        "name=\"Decision wanted\">",
        """
        name="Decision wanted">
          <bpmn:extensionElements><camunda:formData>
            <camunda:formField id="looked" label="Looked" type="boolean" defaultValue="false" />
            <camunda:formField id="deadline" label="Deadline" type="string" defaultValue="1h">
              <camunda:properties><camunda:property id="type" value="duration" /></camunda:properties>
            </camunda:formField>
          </camunda:formData></bpmn:extensionElements>
        """);
    Files.writeString(
        WORLD.directory().resolve("environments/both.yml"),
        """
        targets:
          cache: {type: redis, host: 127.0.0.1, port: 21}
          queue: {type: redis, host: 127.0.0.1, port: 22}
        """);
    WORLD.use(properties);
  }

  private static void phase(String name, String old, String replacement) {
    WORLD.copy(
        LawWorld.WEB.resolve("processes/phases/counting.bpmn"),
        "processes/phases/" + name + ".bpmn",
        "\"counting\"",
        "\"" + name + "\"",
        START,
        FIELDS,
        "<camunda:inputParameter name=\"to\">",
        "<camunda:inputParameter name=\"cache\">${store}</camunda:inputParameter><camunda:inputParameter name=\"to\">",
        old,
        replacement);
  }

  /** Its first phase is that one, and it is given that. */
  private static void runbook(String name, String phase, String passed) {
    String call =
        "<camunda:property name=\"estimate\" value=\"PT2S/PT10S\" /></camunda:properties><camunda:in businessKey=\"#{execution.processBusinessKey}\" />";
    WORLD.copy(
        LawWorld.WEB.resolve("processes/runbooks/web-test.bpmn"),
        "processes/runbooks/" + name + ".bpmn",
        "\"web-test\"",
        "\"" + name + "\"",
        "Start web-test",
        "Start " + name,
        "calledElement=\"counting\"",
        "calledElement=\"" + phase + "\"",
        call + ALL + "<camunda:out source=\"outcome\" target=\"countingOutcome\" />",
        call + passed + "<camunda:out source=\"outcome\" target=\"countingOutcome\" />");
  }

  private Object variable(String run, String name) {
    return history.createHistoricVariableInstanceQuery().variableName(name).list().stream()
        .filter(variable -> variable.getProcessDefinitionKey().equals("declared"))
        .filter(
            variable ->
                history
                    .createHistoricProcessInstanceQuery()
                    .processInstanceId(variable.getProcessInstanceId())
                    .singleResult()
                    .getRootProcessInstanceId()
                    .equals(run))
        .findFirst()
        .map(HistoricVariableInstance::getValue)
        .orElse(null);
  }

  @Test
  void inputs_areConvertedAndCompleted_andNothingElseIsPassed() {
    String run = caller.start("good", "\"count\":5");
    caller.awaitStatus(run, "WAITING_FOR_PERSON");

    assertThat(variable(run, "count")).isEqualTo(2);
    assertThat(variable(run, "pause")).isEqualTo("PT0.01S");
    assertThat(variable(run, "fail")).isEqualTo(false);
    assertThat(variable(run, "others")).isEqualTo("");
    assertThat(variable(run, "weights")).isNull();
    caller.end(run);
  }

  @Test
  void dryRun_showsTheValuesInsideThePhase() {
    JsonNode plan =
        caller.get("olga", "/api/runbooks/chosen/plan?environment=test&note=cache").is(200).body();

    assertThat(plan.path("problems")).isEmpty();
    assertThat(plan.at("/phases/0/tasks/0/problem").isNull()).isTrue();
    assertThat(plan.at("/phases/0/tasks/0/plan/summary").asText()).contains("7");
  }

  @Test
  void targetThatIsNotThere_isRefusedBeforeTheStart() {
    assertThat(caller.post("olga", "/api/runs", start("lost", "")).raw().body())
        .contains(
            "phase 'Counting': input 'store' names target 'queue', which environment 'test' does not have");
    assertThat(caller.post("olga", "/api/runs", start("chosen", "\"note\":\"queue\"")).raw().body())
        .contains("phase 'Counting': input 'store' names target 'queue'");
  }

  @Test
  void stepThatWouldWriteAnInput_isAnIncident() {
    String run = caller.start("over", "\"count\":5");
    JsonNode view = caller.awaitStatus(run, "INCIDENT", "COMPLETED", "WAITING_FOR_PERSON");

    assertThat(view.path("incidents").toString())
        .contains("count: is an input of the phase, written once at its start");
    caller.end(run);
  }

  @Test
  void formThatAsksForAnInput_isPutBeforeNobody() {
    String run = caller.start("asking", "\"count\":5");
    JsonNode view = caller.awaitStatus(run, "INCIDENT", "COMPLETED", "WAITING_FOR_PERSON");

    assertThat(view.path("incidents").toString())
        .contains("looked: is an input of the phase, written once at its start");
    caller.end(run);
  }

  /** {@code store} is an input only, {@code count} a parameter of the run too. */
  @ParameterizedTest
  @ValueSource(strings = {"store", "count"})
  void noRequestWritesAnInput(String name) {
    String run = caller.start("slow", "\"count\":5");
    ExternalTask step =
        await()
            .until(
                () ->
                    externalTasks
                        .createExternalTaskQuery()
                        .processDefinitionKey("declared")
                        .locked()
                        .list()
                        .stream()
                        .filter(task -> task.getBusinessKey().equals(businessKey(run)))
                        .findFirst()
                        .orElse(null),
                Objects::nonNull);
    String phase = step.getProcessInstanceId();
    Object before = runtime.getVariable(phase, name);
    Map<String, Object> other = Map.of(name, "other");
    List<ThrowingCallable> ways =
        List.of(
            () -> runtime.setVariables(phase, other),
            () -> runtime.setVariables(step.getExecutionId(), other),
            () -> runtime.removeVariable(phase, name),
            () -> externalTasks.complete(step.getId(), step.getWorkerId(), other),
            () ->
                externalTasks.handleBpmnError(
                    step.getId(), step.getWorkerId(), "STOP", "no more", other),
            () ->
                runtime
                    .createMessageCorrelation("Abort")
                    .processInstanceId(phase)
                    .setVariables(other)
                    .correlate(),
            () ->
                runtime
                    .createProcessInstanceModification(phase)
                    .startBeforeActivity("Task_Count")
                    .setVariable(name, "other")
                    .execute());

    try {
      for (ThrowingCallable way : ways) {
        assertThatThrownBy(way)
            .hasStackTraceContaining("VariableRefused")
            .hasStackTraceContaining(name + ": is ");
        assertThat(runtime.getVariable(phase, name)).isEqualTo(before);
      }
    } finally {
      caller.end(run);
    }
  }

  private String businessKey(String run) {
    return runtime
        .createProcessInstanceQuery()
        .processInstanceId(run)
        .singleResult()
        .getBusinessKey();
  }

  @Test
  void run_holdsTheTargetsThatItsPlanNames_andNoOthers() {
    String first = started("good", "");
    String second = started("chosen", ",\"note\":\"queue\"");

    assertThat(
            caller.post("olga", "/api/runs", inBoth("chosen", ",\"note\":\"cache\"")).raw().body())
        .contains("target 'cache' of environment 'both'", "is held by run 'good-");
    caller.end(first);
    caller.end(second);
  }

  private String started(String runbook, String parameters) {
    return caller
        .post("olga", "/api/runs", inBoth(runbook, parameters))
        .is(201)
        .body()
        .path("id")
        .asText();
  }

  private static String inBoth(String runbook, String parameters) {
    return "{\"runbook\":\"%s\",\"parameters\":{\"environment\":\"both\"%s}}"
        .formatted(runbook, parameters);
  }

  private static String start(String runbook, String parameters) {
    return "{\"runbook\":\"%s\",\"parameters\":{\"environment\":\"test\"%s}}"
        .formatted(runbook, parameters.isEmpty() ? "" : "," + parameters);
  }
}
