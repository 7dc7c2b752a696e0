package io.belay.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.belay.engine.ModelWorld.Call;
import java.util.Map;
import org.camunda.bpm.engine.delegate.BpmnError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which way a run goes through the runbook: to the end, and at each gate that says no. */
class TwoDatabaseRunbookProcessTest extends TwoDatabaseRun {

  @Test
  void everyGatePasses_runCompletesWithoutUndo() {
    start(Map.of());
    runTo("Task_ApproveRemoval");
    complete("Task_ApproveRemoval", Map.of("decision", "remove"));

    assertThat(end()).isEqualTo("End_Completed");
    assertThat(modes()).containsExactly("HYBRID", "NEW");
    assertThat(undone()).isEmpty();
    assertThat(world.calls)
        .extracting(Call::step)
        .containsSubsequence(
            "analyzeDocuments",
            "takeDocumentSnapshot",
            "verifyDocumentSnapshot",
            "migrateDocuments",
            "validateDocuments",
            "switchQueryMode",
            "measureQueries",
            "switchQueryMode",
            "measureQueries",
            "measureQueries",
            "validateDocuments",
            "removeLegacyDocuments");
  }

  @Test
  void snapshotOfTheRun_isWhatIsVerified_andWhatTheRemovalReliesOn() {
    start(Map.of());
    runTo("Task_ApproveRemoval");
    complete("Task_ApproveRemoval", Map.of("decision", "remove"));

    assertThat(call("verifyDocumentSnapshot").get(0).inputs())
        .containsEntry("documents", "document-store")
        .doesNotContainKey("snapshot"); // the last one of this run
    assertThat(call("removeLegacyDocuments").get(0).inputs())
        .containsEntry("documents", "document-store")
        .doesNotContainKey("snapshot");
  }

  @Test
  void keptLegacyFiles_completeTheRunWithoutRemoval() {
    start(Map.of());
    runTo("Task_ApproveRemoval");
    complete("Task_ApproveRemoval", Map.of("decision", "keep", "reason", "one more month"));

    assertThat(end()).isEqualTo("End_Completed");
    assertThat(call("removeLegacyDocuments")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "analyzeDocuments, documentPreparationOutcome",
    "verifyDocumentSnapshot, documentBackupOutcome"
  })
  void failedCheck_endsTheRun_beforeAnythingIsChanged(String check, String outcome) {
    answer(check, Map.of("verdict", "FAIL", "reason", "because"));
    start(Map.of());
    runTo("the end");

    assertThat(end()).isEqualTo("End_RolledBack");
    assertThat(variable(outcome)).isEqualTo("failed");
    assertThat(variable("reason")).isEqualTo("because");
    assertThat(world.calls).extracting(Call::step).doesNotContain("migrateDocuments");
    assertThat(undone()).isEmpty();
  }

  @Test
  void approvalRejected_endsTheRun_beforeAnythingIsChanged() {
    start(Map.of());
    runTo("Task_Approve");
    complete("Task_Approve", Map.of("decision", "no-go", "reason", "not on a Friday"));

    assertThat(end()).isEqualTo("End_RolledBack");
    assertThat(variable("reason")).isEqualTo("not on a Friday");
    assertThat(world.calls).extracting(Call::step).doesNotContain("migrateDocuments");
  }

  @Test
  void approvalExpired_isARejection() {
    start(Map.of());
    runTo("Task_Approve");
    fireTimer("Timer_ApprovalExpired");

    assertThat(end()).isEqualTo("End_RolledBack");
    assertThat(variable("reason")).isEqualTo("Approval expired");
  }

  @Test
  void criticalIssue_blocksTheRollout_andTheMigrationIsTakenBack() {
    answer("validateDocuments", with(with(VALID, "criticalIssues", 3), "reason", "3 are missing"));
    start(Map.of());
    runTo("the end");

    assertThat(end()).isEqualTo("End_RolledBack");
    assertThat(modes()).isEmpty();
    assertThat(undone()).containsExactly("revertDocumentMigration");
    assertThat(variable("reason"))
        .isEqualTo("3 critical issue(s), rollback is recommended. 3 are missing");
  }

  @Test
  void countThatIsMissing_isNoSuccess() {
    answer("validateDocuments", with(VALID, "criticalIssues", null));
    start(Map.of());
    runTo("the end");

    assertThat(end()).isEqualTo("End_RolledBack");
    assertThat(undone()).containsExactly("revertDocumentMigration");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "complete|false|incomplete",
        "newHealthy|false|not healthy",
        "errorRate|0.02|Error rate is 2.000 %",
        "fallbackRate|0.001|The legacy files answered 0.10 %",
        "missRate|0.05|5.00 % of the documents",
        "calls|3|10 are needed"
      })
  void failedQueryGate_goesDownTheWholeLadderInOrder(String figure, String value, String reason) {
    Object parsed =
        value.matches("true|false")
            ? (Object) Boolean.valueOf(value)
            : (Object) Double.valueOf(value);
    answer(
        "measureQueries",
        call -> modes().size() < 2 ? GOOD_QUERIES : with(GOOD_QUERIES, figure, parsed));
    start(Map.of());
    runTo("the end");

    assertThat(end()).isEqualTo("End_RolledBack");
    assertThat(modes()).containsExactly("HYBRID", "NEW");
    assertThat(undone()).containsExactly("restoreQueryMode", "revertDocumentMigration");
    assertThat(variable("reason")).asString().contains(reason);
  }

  @Test
  void slowNewStore_failsTheHybridGate_onlyWhereItIsNoticed() {
    answer("measureQueries", with(with(GOOD_QUERIES, "slowdown", 4.0), "p95New", 90.0));
    start(Map.of());
    runTo("the end");

    assertThat(end()).isEqualTo("End_RolledBack");
    assertThat(modes()).containsExactly("HYBRID");
    assertThat(variable("reason"))
        .asString()
        .contains("P95 of the new store is 90.00 ms, 4.0000 times");
  }

  @Test
  void slowdownThatNobodyNotices_passes() {
    answer("measureQueries", with(with(GOOD_QUERIES, "slowdown", 4.0), "p95New", 3.0));
    start(Map.of());
    runTo("Task_UpdateApplications");

    assertThat(task("Task_UpdateApplications")).isNotNull();
  }

  @Test
  void gate_toleratesFailuresAsFarAsAllowed() {
    answer(
        "measureQueries",
        call ->
            call("measureQueries").size() == 1
                ? with(GOOD_QUERIES, "complete", false)
                : GOOD_QUERIES);
    start(Map.of("allowedFailures", 1));
    runTo("Task_UpdateApplications");

    assertThat(task("Task_UpdateApplications")).isNotNull();
    assertThat(modes()).containsExactly("HYBRID", "NEW");
  }

  @Test
  void soak_toleratesFailuresAsFarAsAllowedAndThenGoesDown() {
    answer(
        "measureQueries",
        call ->
            call("measureQueries").size() > 2 // one for each gate before the soak
                ? with(GOOD_QUERIES, "newHealthy", false)
                : GOOD_QUERIES);
    start(Map.of("soakAllowedFailures", 1));
    runTo("the end");

    assertThat(end()).isEqualTo("End_RolledBack");
    assertThat(variable("querySoakOutcome")).isEqualTo("failed");
    assertThat(call("measureQueries")).hasSize(2 + 2);
    assertThat(undone()).containsExactly("restoreQueryMode", "revertDocumentMigration");
  }

  @Test
  void criticalIssueAfterTheValidationPeriod_goesDown_andNobodyIsAsked() {
    start(Map.of());
    runTo("Task_UpdateApplications");
    answer("validateDocuments", with(VALID, "criticalIssues", 1));
    complete("Task_UpdateApplications", Map.of());
    fireTimer("Timer_LegacyKept");

    assertThat(task("Task_ApproveRemoval")).isNull();
    assertThat(end()).isEqualTo("End_RolledBack");
    assertThat(variable("documentOptimizationOutcome")).isEqualTo("failed");
  }

  @ParameterizedTest
  @CsvSource({
    "Task_UpdateApplications, Timer_UpdateExpired",
    "Task_ApproveRemoval, Timer_RemovalExpired"
  })
  void nobodyAnswersInOptimization_keepsTheLegacyFilesAndCompletes(String task, String timer) {
    start(Map.of());
    runTo(task);
    fireTimer(timer);

    assertThat(end()).isEqualTo("End_Completed");
    assertThat(call("removeLegacyDocuments")).isEmpty();
  }

  @Test
  void failedRemoval_isFinishedByHandAndNeverRolledBack() {
    answer(
        "removeLegacyDocuments",
        call -> {
          throw new BpmnError("STOP", "users.db is in use");
        });
    start(Map.of());
    runTo("Task_ApproveRemoval");
    complete("Task_ApproveRemoval", Map.of("decision", "remove"));
    assertThat(
            world
                .engine
                .getTaskService()
                .getVariable(task("Task_FinishRemoval").getId(), "finding"))
        .isEqualTo("users.db is in use");
    complete("Task_FinishRemoval", Map.of("reason", "removed by hand"));

    assertThat(end()).isEqualTo("End_Completed");
    assertThat(undone()).isEmpty();
  }

  @Test
  void startByMessage_takesTheSameWay() {
    startByMessage();

    assertThat(task("Task_ConfirmChecklist")).isNotNull();
  }
}
