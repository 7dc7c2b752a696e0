package io.belay.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.belay.engine.ModelWorld.Call;
import io.belay.model.ModelFiles;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.camunda.bpm.engine.history.HistoricActivityInstance;
import org.camunda.bpm.engine.runtime.ProcessInstance;
import org.camunda.bpm.engine.task.Task;
import org.camunda.bpm.model.bpmn.BpmnModelInstance;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/** One run of a runbook's models in a real engine; what the steps answer is up to the test. */
abstract class ModelRun {

  static ModelWorld world;

  private final String runbook;
  private int failuresInARow;
  private ProcessInstance run;

  ModelRun(String runbook) {
    this.runbook = runbook;
  }

  @BeforeAll
  static void deploy() {
    world = new ModelWorld();
  }

  /** What the phase Backup asks, whatever a runbook backs up. */
  @BeforeEach
  void backUp() {
    for (String check : List.of("checkBackupSpace", "verifyBackup", "verifyDocumentSnapshot")) {
      answer(check, Map.of("verdict", "PASS", "reason", "fine"));
    }
  }

  /** What the steps answer when all is well. */
  abstract void prepare();

  @AfterEach
  void forgetRuns() {
    world.forget();
  }

  /** As before a test. */
  void renew() {
    forgetRuns();
    backUp();
    prepare();
  }

  @AfterAll
  static void close() {
    world.close();
  }

  void startByMessage() {
    run =
        world
            .engine
            .getRuntimeService()
            .startProcessInstanceByMessage("Start " + runbook, "by message", parameters(Map.of()));
    world.settle();
  }

  void start(Map<String, Object> parameters) {
    run =
        world
            .engine
            .getRuntimeService()
            .startProcessInstanceByKey(runbook, "test run", parameters(parameters));
    world.settle();
  }

  private Map<String, Object> parameters(Map<String, Object> given) {
    Map<String, Object> parameters = ModelFiles.defaults("start-" + runbook);
    parameters.put("environment", "playground");
    parameters.putAll(given);
    return parameters;
  }

  void complete(String task, Map<String, Object> values) {
    assertThat(task(task)).as(task).isNotNull();
    world.engine.getTaskService().complete(task(task).getId(), values);
    world.settle();
  }

  void completeIfThere(String task) {
    if (task(task) != null) {
      complete(task, Map.of());
    }
  }

  Task task(String key) {
    return world.engine.getTaskService().createTaskQuery().taskDefinitionKey(key).singleResult();
  }

  /** Aborts the phase in which a person is asked. */
  void abortAt(String task, String reason) {
    send("Abort", task(task).getProcessInstanceId(), reason);
  }

  /** Aborts the phase in which a worker is asked to do the step, itself or in a part of it. */
  void abortDuring(String step, String reason) {
    var working = world.engine.getExternalTaskService().createExternalTaskQuery().topicName(step);
    assertThat(working.singleResult()).isNotNull();
    var waiting =
        world.engine.getRuntimeService().createEventSubscriptionQuery().eventName("Abort");
    send("Abort", waiting.singleResult().getProcessInstanceId(), reason);
  }

  void send(String message, String phase, String reason) {
    world
        .engine
        .getRuntimeService()
        .createMessageCorrelation(message)
        .processInstanceId(phase)
        .setVariable("reason", reason)
        .correlate();
    world.settle();
  }

  void fireTimer(String activity) {
    var timer =
        world
            .engine
            .getManagementService()
            .createJobQuery()
            .timers()
            .activityId(activity)
            .singleResult();
    world.engine.getManagementService().executeJob(timer.getId());
    world.settle();
  }

  String end() {
    var ended =
        world
            .engine
            .getHistoryService()
            .createHistoricActivityInstanceQuery()
            .processInstanceId(run.getId())
            .activityType("noneEndEvent")
            .singleResult();
    return ended == null ? null : ended.getActivityId();
  }

  /** Those of the runbook itself, in the order in which they began. */
  List<HistoricActivityInstance> activities() {
    return world
        .engine
        .getHistoryService()
        .createHistoricActivityInstanceQuery()
        .processInstanceId(run.getId())
        .orderPartiallyByOccurrence()
        .asc()
        .list();
  }

  BpmnModelInstance model() {
    return world.engine.getRepositoryService().getBpmnModelInstance(run.getProcessDefinitionId());
  }

  Object variable(String name) {
    var variable =
        world
            .engine
            .getHistoryService()
            .createHistoricVariableInstanceQuery()
            .processInstanceId(run.getId())
            .variableName(name)
            .singleResult();
    return variable == null ? null : variable.getValue();
  }

  List<Call> call(String step) {
    return world.calls.stream().filter(call -> call.step().equals(step)).toList();
  }

  /** Steps of undos, in the order in which they ran. */
  List<String> undone() {
    return world.calls.stream().filter(Call::takesBack).map(Call::step).toList();
  }

  void answer(String step, Map<String, Object> result) {
    answer(step, call -> result);
  }

  void answer(String step, Function<Call, Map<String, Object>> answer) {
    world.answers.put(step, answer);
  }

  static Map<String, Object> with(Map<String, Object> values, String name, Object value) {
    Map<String, Object> changed = new HashMap<>(values);
    changed.put(name, value);
    return changed;
  }

  /** As tallyVerdict does it, for one gate after the other. */
  Map<String, Object> tally(Call call) {
    boolean passed = "PASS".equals(call.inputs().get("verdict"));
    int failures = passed ? 0 : failuresInARow + 1;
    int passes = passed ? 1 : 0;
    int allowed = Integer.parseInt(call.inputs().get("allowedFailures").toString());
    String decision = passed ? "PASS" : failures > allowed ? "FAIL" : "CONTINUE";
    failuresInARow = decision.equals("CONTINUE") ? failures : 0;
    return Map.of(
        "decision",
        decision,
        "failures",
        failures,
        "passes",
        passes,
        "until",
        "2030-01-01T00:00:00Z",
        "reason",
        "tallied");
  }
}
