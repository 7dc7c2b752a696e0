package io.belay.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.belay.engine.ModelWorld.Call;
import java.util.Map;
import org.camunda.bpm.engine.delegate.BpmnError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which way a run goes through the runbook, and in which order it goes back. */
class MainServerRunbookProcessTest extends MainServerRun {

  @Test
  void everyGatePasses_runCompletesWithoutUndo() {
    start(Map.of());
    complete("Task_ConfirmChecklist", Map.of());
    complete("Task_Approve", Map.of("decision", "go", "reason", ""));
    complete("Task_UpdateDocumentation", Map.of());
    fireTimer("Timer_BaselineKept");
    complete("Task_ApproveDecommission", Map.of("decision", "go"));

    assertThat(end()).isEqualTo("End_Completed");
    assertThat(weights()).containsExactly("10", "25", "50", "100");
    assertThat(world.calls)
        .extracting(Call::step)
        .contains("decommissionService")
        .doesNotContain("restoreTraffic", "revertSchema", "replaceInstance");
    assertThat(call("restoreConfiguration")).isEmpty();
  }

  @Test
  void rollingStrategy_replacesEachInstanceAndGoesBackInOneUndo() {
    start(Map.of("strategy", "rolling"));
    complete("Task_ConfirmChecklist", Map.of());
    answer(
        "measureHealth",
        call -> call("replaceInstance").size() < 2 ? HEALTHY : with(HEALTHY, "p95Ms", 900.0));
    complete("Task_Approve", Map.of("decision", "go"));

    assertThat(end()).isEqualTo("End_RolledBack");
    assertThat(undone())
        .containsExactly(
            "restoreInstances",
            "revertSchema",
            "compareFingerprint",
            "restoreConfiguration",
            "stopService",
            "restoreConfiguration");
    assertThat(variable("reason")).asString().contains("P95 latency is 900.0 ms");
  }

  @Test
  void failedGateAtSecondWeight_goesDownTheWholeLadderInOrder() {
    start(Map.of());
    complete("Task_ConfirmChecklist", Map.of());
    answer(
        "measureHealth",
        call -> weights().size() < 2 ? HEALTHY : with(HEALTHY, "errorRate5xx", 0.02));
    complete("Task_Approve", Map.of("decision", "go"));

    assertThat(end()).isEqualTo("End_RolledBack");
    assertThat(weights()).containsExactly("10", "25");
    assertThat(undone())
        .containsExactly(
            "restoreTraffic",
            "stopService",
            "revertSchema",
            "compareFingerprint",
            "restoreConfiguration",
            "stopService",
            "restoreConfiguration");
    assertThat(variable("reason")).asString().contains("Error rate (5xx) is 2.000 %");
  }

  @ParameterizedTest
  @CsvSource({
    "checkDependencies, stopService restoreConfiguration",
    "reviewConfiguration, stopService restoreConfiguration",
    "runCommand, stopService restoreConfiguration",
    "checkBackupSpace, restoreConfiguration stopService restoreConfiguration",
    "verifyBackup, restoreConfiguration stopService restoreConfiguration"
  })
  void failedCheck_undoesItsPhaseAndThoseBefore(String check, String expected) {
    answer(check, Map.of("verdict", "FAIL", "reason", "because"));
    start(Map.of());
    completeIfThere("Task_ConfirmChecklist");

    assertThat(end()).isEqualTo("End_RolledBack");
    assertThat(undone()).containsExactly(expected.split(" "));
    assertThat(variable("reason")).isEqualTo("because");
  }

  @ParameterizedTest
  @CsvSource({
    "checkDependencies, preparationOutcome",
    "runCommand, preparationOutcome",
    "takeRedisBackup, backupOutcome",
    "applySchema, databaseMigrationOutcome",
    "checkIntegrity, databaseMigrationOutcome",
    "nextWeight, rolloutOutcome",
    "shiftTraffic, rolloutOutcome",
    "measureHealth, rolloutOutcome"
  })
  void stepThatSaysStop_failsThePhaseWithItsReason(String step, String outcome) {
    answer(
        step,
        call -> {
          throw new BpmnError("STOP", "it makes no sense to go on");
        });
    start(Map.of());
    runTo("the end");

    assertThat(end()).isEqualTo("End_RolledBack");
    assertThat(variable(outcome)).isEqualTo("failed");
    assertThat(variable("reason")).isEqualTo("it makes no sense to go on");
  }

  @Test
  void approvalRejected_undoesWhatWasDone() {
    start(Map.of());
    complete("Task_ConfirmChecklist", Map.of());
    complete("Task_Approve", Map.of("decision", "no-go", "reason", "not on a Friday"));

    assertThat(end()).isEqualTo("End_RolledBack");
    assertThat(variable("approvalOutcome")).isEqualTo("failed");
    assertThat(variable("reason")).isEqualTo("not on a Friday");
    assertThat(world.calls).extracting(Call::step).doesNotContain("applySchema", "revertSchema");
  }

  @Test
  void approvalExpired_isARejection() {
    start(Map.of());
    complete("Task_ConfirmChecklist", Map.of());
    fireTimer("Timer_ApprovalExpired");

    assertThat(end()).isEqualTo("End_RolledBack");
    assertThat(variable("approvalOutcome")).isEqualTo("failed");
    assertThat(variable("reason")).isEqualTo("Approval expired");
  }

  @Test
  void soak_toleratesFailuresAsFarAsAllowedAndThenGoesDown() {
    start(Map.of("soakAllowedFailures", 1));
    complete("Task_ConfirmChecklist", Map.of());
    answer(
        "measureHealth",
        call ->
            call.inputs().get("window").equals("PT5M")
                ? with(HEALTHY, "complete", false)
                : HEALTHY);
    complete("Task_Approve", Map.of("decision", "go"));

    assertThat(end()).isEqualTo("End_RolledBack");
    assertThat(variable("soakOutcome")).isEqualTo("failed");
    assertThat(call("measureHealth")).hasSize(4 + 2);
    assertThat(undone()).startsWith("restoreTraffic");
  }

  @ParameterizedTest
  @CsvSource({"Timer_DocumentationExpired", "Timer_DecommissionExpired"})
  void nobodyAnswersInCleanup_keepsTheBaselineAndCompletes(String timer) {
    start(Map.of());
    runTo("Task_UpdateDocumentation");
    if (timer.equals("Timer_DecommissionExpired")) {
      complete("Task_UpdateDocumentation", Map.of());
      fireTimer("Timer_BaselineKept");
    }
    fireTimer(timer);

    assertThat(end()).isEqualTo("End_Completed");
    assertThat(world.calls).extracting(Call::step).doesNotContain("decommissionService");
  }

  @Test
  void failedDecommission_isFinishedByHandAndNeverRolledBack() {
    answer(
        "decommissionService",
        call -> {
          throw new BpmnError("STOP", "v1 does not stop");
        });
    start(Map.of());
    runTo("Task_UpdateDocumentation");
    complete("Task_UpdateDocumentation", Map.of());
    fireTimer("Timer_BaselineKept");
    complete("Task_ApproveDecommission", Map.of("decision", "go"));
    assertThat(
            world
                .engine
                .getTaskService()
                .getVariable(task("Task_FinishDecommission").getId(), "finding"))
        .isEqualTo("v1 does not stop");
    complete("Task_FinishDecommission", Map.of("reason", "killed it"));

    assertThat(end()).isEqualTo("End_Completed");
    assertThat(undone()).isEmpty();
  }

  @Test
  void startByMessage_takesTheSameWay() {
    startByMessage();

    assertThat(task("Task_ConfirmChecklist")).isNotNull();
  }
}
