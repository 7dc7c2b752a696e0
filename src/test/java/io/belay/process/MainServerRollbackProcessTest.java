package io.belay.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.belay.process.ModelWorld.Call;
import java.util.Map;
import org.camunda.bpm.engine.delegate.BpmnError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Ways down that begin anywhere: aborts, deadlines, and a database that is not as it was. */
class MainServerRollbackProcessTest extends MainServerRun {

  @ParameterizedTest
  @CsvSource({
    "Task_ConfirmChecklist, preparationOutcome",
    "Task_Approve, approvalOutcome",
    "Task_UpdateDocumentation, cleanupOutcome"
  })
  void abortWhileWaiting_isAnsweredByThePhaseAndGoesDown(String waiting, String outcome) {
    start(Map.of());
    runTo(waiting);
    abortAt(waiting, "changed my mind");

    assertThat(end()).isEqualTo("End_RolledBack");
    assertThat(variable(outcome)).isEqualTo("aborted");
    assertThat(variable("reason")).isEqualTo("changed my mind");
    assertThat(world.calls).extracting(Call::step).contains("awaitStepsStopped");
  }

  @Test
  void abortDuringALongStep_goesDown() {
    start(Map.of());
    complete("Task_ConfirmChecklist", Map.of());
    world.held.add("measureHealth");
    complete("Task_Approve", Map.of("decision", "go"));
    abortDuring("measureHealth", "enough");

    assertThat(end()).isEqualTo("End_RolledBack");
    assertThat(variable("rolloutOutcome")).isEqualTo("aborted");
    assertThat(undone()).startsWith("restoreTraffic", "stopService", "revertSchema");
  }

  @Test
  void deadline_timesThePhaseOut() {
    start(Map.of());
    fireTimer("Start_OnDeadline");

    assertThat(end()).isEqualTo("End_RolledBack");
    assertThat(variable("preparationOutcome")).isEqualTo("timedOut");
    assertThat(undone()).containsExactly("stopService", "restoreConfiguration");
  }

  @Test
  void migrationThatDidNotBegin_isNotRestored() {
    answer(
        "takeFingerprint",
        call -> {
          throw new BpmnError("STOP", "the database is in another migration");
        });
    start(Map.of("dataRollback", "restore"));
    runTo("the end");

    assertThat(end()).isEqualTo("End_RolledBack");
    assertThat(call("restorePostgresBackup")).isEmpty();
    assertThat(call("revertSchema")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"restore, 1", "keep, 0"})
  void differenceAfterRevert_asksBeforeWritesAreLost(String decision, int restores) {
    differsAfterMigration(7L);
    complete("Task_ConfirmRestore", Map.of("decision", decision, "reason", "because of that"));

    assertThat(end()).isEqualTo("End_RolledBack");
    assertThat(call("restorePostgresBackup")).hasSize(restores);
    assertThat(undone()).endsWith("stopService", "restoreConfiguration");
  }

  @Test
  void differenceWithoutLostWrites_restoresWithoutAsking() {
    differsAfterMigration(0L);

    assertThat(end()).isEqualTo("End_RolledBack");
    assertThat(call("restorePostgresBackup")).hasSize(1);
  }

  @Test
  void differenceAfterRestore_isResolvedByAPersonBeforeTheRunCountsAsRolledBack() {
    answer("compareFingerprint", Map.of("equal", false, "differences", 3, "reason", "3 differ"));
    start(Map.of("dataRollback", "restore"));
    complete("Task_ConfirmChecklist", Map.of());
    answer("checkIntegrity", with(intact(), "changedTables", 1));
    complete("Task_Approve", Map.of("decision", "go"));

    assertThat(end()).isNull();
    assertThat(call("revertSchema")).isEmpty();
    complete("Task_ResolveDifference", Map.of("reason", "a sequence, set by hand"));
    assertThat(end()).isEqualTo("End_RolledBack");
  }

  @ParameterizedTest
  @CsvSource({"restore, 1", "keep, 0"})
  void keysWrittenSinceTheBackup_areAskedAboutBeforeRedisIsPutBack(String decision, int restores) {
    keysWereWritten(12L);

    assertThat(call("restoreRedisBackup")).isEmpty();
    assertThat(world.engine.getTaskService().getVariables(task("Task_ConfirmRestore").getId()))
        .containsEntry("lostRows", 12L)
        .containsEntry("lostReport", "12 new: session:7")
        .containsEntry("finding", "12 keys");
    complete("Task_ConfirmRestore", Map.of("decision", decision, "reason", "because of that"));

    assertThat(end()).isEqualTo("End_RolledBack");
    assertThat(call("restoreRedisBackup")).hasSize(restores);
    assertThat(undone()).endsWith("stopService", "restoreConfiguration");
  }

  @Test
  void redisThatLosesNothing_isPutBackWithoutAsking() {
    keysWereWritten(0L);

    assertThat(end()).isEqualTo("End_RolledBack");
    assertThat(call("restoreRedisBackup"))
        .singleElement()
        .satisfies(call -> assertThat(call.inputs()).containsEntry("mode", "RESTORE"));
  }

  private void keysWereWritten(long keys) {
    answer(
        "countLostKeys",
        Map.of("keys", keys, "report", keys + " new: session:7", "reason", keys + " keys"));
    start(Map.of("redisRollback", "RESTORE"));
    complete("Task_ConfirmChecklist", Map.of());
    answer("measureHealth", with(HEALTHY, "errorRate5xx", 0.02));
    complete("Task_Approve", Map.of("decision", "go"));
  }

  private void differsAfterMigration(long lostRows) {
    answer("compareFingerprint", call -> compared(!call("restorePostgresBackup").isEmpty()));
    answer("countLostWrites", Map.of("rows", lostRows, "report", "orders: " + lostRows));
    answer("checkIntegrity", with(intact(), "missingTables", 1));
    start(Map.of());
    complete("Task_ConfirmChecklist", Map.of());
    complete("Task_Approve", Map.of("decision", "go"));
  }
}
