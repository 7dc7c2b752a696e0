package io.belay.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.camunda.bpm.engine.delegate.BpmnError;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Ways down that begin anywhere: aborts, deadlines, and a database that is not as it was. */
class MainServerRollbackProcessTest extends MainServerRun {

  private static final Map<String, Map<String, Object>> DECOMMISSION =
      Map.of("Task_ApproveDecommission", Map.of("decision", "decommission"));

  @TestFactory
  Stream<DynamicTest> everyWayOut_goesBack() {
    return new WaysOut(this, Map.of(), DECOMMISSION).all();
  }

  @TestFactory
  Stream<DynamicTest> everyWayOutOfARollingUpdate_goesBack() {
    return new WaysOut(this, Map.of("strategy", "rolling"), DECOMMISSION)
        .in("rolling-update"::equals);
  }

  @Test
  void baselineThatIsDown_bringsTheQuestionWhichWay_andNothingMovesMeanwhile() {
    firstGateFinds(baselineDown());

    assertThat(end()).isNull();
    assertThat(call("restoreTraffic")).isEmpty();
    assertThat(weights()).containsExactly("10");
    assertThat(world.engine.getTaskService().getVariables(task("Task_DecideWay").getId()))
        .containsEntry("finding", "no probe of the baseline 'v1' passed");
    assertThat(call("notifyPeople").get(call("notifyPeople").size() - 1).inputs().get("message"))
        .asString()
        .contains("no probe of the baseline 'v1' passed");
    complete("Task_DecideWay", Map.of("way", "BACK", "reason", "it stays down"));
    assertThat(end()).isEqualTo("End_RolledBack");
    assertThat(variable("reason")).isEqualTo("it stays down");
    assertThat(undone()).startsWith("restoreTraffic", "stopService", "revertSchema");
  }

  @Test
  void baselineThatIsUpAgain_isMeasuredAgain() {
    firstGateFinds(baselineDown());
    answer("measureHealth", HEALTHY);
    complete("Task_DecideWay", Map.of("way", "COMPARE", "reason", "it runs again"));

    assertThat(weights()).containsExactly("10", "25", "50", "100");
    assertThat(call("judgeAlone")).isEmpty();
  }

  @Test
  void baselineThatStaysDown_letsTheCandidateBeJudgedByItself_forAllWeights() {
    firstGateFinds(baselineDown());
    answer(
        "measureHealth",
        call -> {
          boolean last = weights().equals(List.of("10", "25", "50", "100"));
          return call("judgeAlone").isEmpty()
              ? baselineDown()
              : last ? with(HEALTHY, "errorRate5xx", 0.5) : HEALTHY;
        });
    complete("Task_DecideWay", Map.of("way", "ALONE", "reason", "the old one is lost"));

    assertThat(call("judgeAlone"))
        .singleElement()
        .satisfies(
            call ->
                assertThat(call.inputs())
                    .containsEntry("candidate", "v2")
                    .containsEntry("baseline", "v1"));
    assertThat(weights()).containsExactly("10", "25", "50", "100");
    assertThat(end()).as("the table decides as ever").isEqualTo("End_RolledBack");
  }

  @Test
  void overriddenMeasurement_failsTheGate_andTheRunGoesBack() {
    Map<String, Object> nothing = new HashMap<>();
    HEALTHY.keySet().forEach(figure -> nothing.put(figure, null));
    firstGateFinds(nothing);

    assertThat(end()).isEqualTo("End_RolledBack");
    assertThat(variable("rolloutOutcome")).isEqualTo("failed");
  }

  private Map<String, Object> baselineDown() {
    return with(
        with(with(HEALTHY, "decidable", false), "complete", false),
        "missing",
        "no probe of the baseline 'v1' passed");
  }

  private void firstGateFinds(Map<String, Object> found) {
    start(Map.of());
    complete("Task_ConfirmChecklist", Map.of());
    answer("measureHealth", found);
    complete("Task_Approve", Map.of("decision", "go"));
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
