package io.belay.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.belay.process.ModelWorld.Call;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.camunda.bpm.engine.runtime.ProcessInstance;
import org.camunda.bpm.engine.task.Task;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/**
 * One run of the runbook's models in a real engine; every check passes unless a test says
 * otherwise.
 */
abstract class MainServerRun {

  static final Map<String, Object> HEALTHY =
      Map.ofEntries(
          Map.entry("samples", 100),
          Map.entry("errorRate4xx", 0.0),
          Map.entry("errorRate5xx", 0.0),
          Map.entry("p95Ms", 42.0),
          Map.entry("processingRatio", 1.0),
          Map.entry("integrationsDown", 0),
          Map.entry("poolUsage", 0.1),
          Map.entry("redisUp", true),
          Map.entry("memoryUsage", 0.3),
          Map.entry("cpuUsage", 0.2),
          Map.entry("diskUsage", 0.4),
          Map.entry("errorLines", 0),
          Map.entry("complete", true),
          Map.entry("missing", ""));

  static ModelWorld world;

  private ProcessInstance run;

  @BeforeAll
  static void deploy() {
    world = new ModelWorld();
  }

  @BeforeEach
  void prepare() {
    for (String check :
        List.of(
            "checkDependencies",
            "reviewConfiguration",
            "probeEndpoints",
            "verifyWebhook",
            "checkIntegrations",
            "runCommand",
            "awaitHealthy",
            "checkBackupSpace",
            "verifyBackup")) {
      answer(check, Map.of("verdict", "PASS", "reason", "fine"));
    }
    answer(
        "checkIntegrity",
        Map.of(
            "missingTables", 0,
            "missingIndexes", 0,
            "wrongColumns", 0,
            "changedTables", 0,
            "failedQueries", 0,
            "reason", "fine"));
    answer("compareFingerprint", call -> compared(isReverted()));
    answer("countLostWrites", Map.of("rows", 0L, "report", ""));
    answer("measureHealth", HEALTHY);
    answer("nextWeight", MainServerRun::nextWeight);
    answer("tallyVerdict", MainServerRun::tally);
    answer("chooseInstance", call -> Map.of("instance", "v1-" + left(), "remaining", left()));
  }

  @AfterEach
  void forgetRuns() {
    world.forget();
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
            .startProcessInstanceByMessage(
                "Start main-server-v1-to-v2", "by message", parameters(Map.of()));
    world.settle();
  }

  void start(Map<String, Object> parameters) {
    run =
        world
            .engine
            .getRuntimeService()
            .startProcessInstanceByKey("main-server-v1-to-v2", "test run", parameters(parameters));
    world.settle();
  }

  static Map<String, Object> parameters(Map<String, Object> given) {
    Map<String, Object> parameters = ModelFiles.defaults("start-main-server-v1-to-v2");
    parameters.put("environment", "playground");
    parameters.putAll(given);
    return parameters;
  }

  void runTo(String task) {
    for (String next : List.of("Task_ConfirmChecklist", "Task_Approve")) {
      if (!next.equals(task) && task(task) == null && task(next) != null) {
        complete(next, Map.of("decision", "go"));
      }
    }
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

  List<String> weights() {
    return call("shiftTraffic").stream()
        .map(call -> call.inputs().get("weight").toString())
        .toList();
  }

  boolean isReverted() {
    return call("applySchema").size() == call("revertSchema").size();
  }

  static Map<String, Object> compared(boolean equal) {
    return Map.of("equal", equal, "differences", equal ? 0 : 1, "reason", "compared");
  }

  int left() {
    return 3 - call("replaceInstance").size();
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

  static Map<String, Object> intact() {
    return Map.of(
        "missingTables", 0,
        "missingIndexes", 0,
        "wrongColumns", 0,
        "changedTables", 0,
        "failedQueries", 0,
        "reason", "looked at it");
  }

  static Map<String, Object> with(Map<String, Object> values, String name, Object value) {
    Map<String, Object> changed = new java.util.HashMap<>(values);
    changed.put(name, value);
    return changed;
  }

  static Map<String, Object> nextWeight(Call call) {
    int current = Integer.parseInt(call.inputs().get("current").toString());
    List<Integer> weights =
        java.util.Arrays.stream(call.inputs().get("weights").toString().split(","))
            .map(Integer::valueOf)
            .toList();
    int next = weights.stream().filter(weight -> weight > current).findFirst().orElseThrow();
    return Map.of("weight", next, "last", next == weights.get(weights.size() - 1));
  }

  static Map<String, Object> tally(Call call) {
    boolean passed = "PASS".equals(call.inputs().get("verdict"));
    int failures = passed ? 0 : 1 + Integer.parseInt(call.inputs().get("failures").toString());
    int passes = passed ? 1 + Integer.parseInt(call.inputs().get("passes").toString()) : 0;
    int allowed = Integer.parseInt(call.inputs().get("allowedFailures").toString());
    return Map.of(
        "decision",
        passed ? "PASS" : failures > allowed ? "FAIL" : "CONTINUE",
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
