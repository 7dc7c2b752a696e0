package io.belay.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.stream.Stream;
import org.camunda.bpm.engine.delegate.BpmnError;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Pauses, and ways down that begin anywhere: aborts, deadlines, steps that say stop. */
class TwoDatabaseRollbackProcessTest extends TwoDatabaseRun {

  @TestFactory
  Stream<DynamicTest> everyWayOut_goesBack() {
    return new WaysOut(this, Map.of(), Map.of("Task_ApproveRemoval", Map.of("decision", "remove")))
        .all();
  }

  @Test
  void pausedMigration_waitsForAPerson_andGoesOn() {
    pauseOnce();
    start(Map.of());
    runTo("the end");
    assertThat(call("migrateDocuments")).hasSize(1);
    complete("Task_ResumeMigration", Map.of());

    assertThat(call("migrateDocuments")).hasSize(2);
    assertThat(task("Task_UpdateApplications")).isNotNull();
  }

  @Test
  void pausedMigration_goesOnByMessage() {
    pauseOnce();
    start(Map.of());
    runTo("the end");
    send("Resume", task("Task_ResumeMigration").getProcessInstanceId(), null);

    assertThat(task("Task_ResumeMigration")).isNull();
    assertThat(call("migrateDocuments")).hasSize(2);
    assertThat(task("Task_UpdateApplications")).isNotNull();
  }

  @Test
  void pausedTwice_waitsTwice() {
    answer("migrateDocuments", call -> Map.of("paused", call("migrateDocuments").size() < 3));
    start(Map.of());
    runTo("the end");
    complete("Task_ResumeMigration", Map.of());
    complete("Task_ResumeMigration", Map.of());

    assertThat(call("validateDocuments")).hasSize(1);
  }

  @Test
  void migrationThatDoesNotSayWhetherItFinished_isNotTakenForFinished() {
    answer("migrateDocuments", call -> java.util.Collections.singletonMap("paused", null));
    start(Map.of());
    runTo("the end");

    assertThat(task("Task_ResumeMigration")).isNotNull();
    assertThat(call("validateDocuments")).isEmpty();
  }

  @Test
  void abortWhilePaused_takesBackWhatWasWritten() {
    answer("migrateDocuments", Map.of("paused", true));
    start(Map.of());
    runTo("the end");
    abortAt("Task_ResumeMigration", "not today");

    assertThat(end()).isEqualTo("End_RolledBack");
    assertThat(variable("documentMigrationOutcome")).isEqualTo("aborted");
    assertThat(undone()).containsExactly("revertDocumentMigration");
  }

  @Test
  void deadline_runsOnWhileTheMigrationIsPaused() {
    answer("migrateDocuments", Map.of("paused", true));
    start(Map.of());
    runTo("the end");
    fireTimer("Start_OnDeadline");

    assertThat(end()).isEqualTo("End_RolledBack");
    assertThat(variable("documentMigrationOutcome")).isEqualTo("timedOut");
    assertThat(undone()).containsExactly("revertDocumentMigration");
  }

  @ParameterizedTest
  @CsvSource({
    "analyzeDocuments, documentPreparationOutcome",
    "takeDocumentSnapshot, documentBackupOutcome",
    "migrateDocuments, documentMigrationOutcome",
    "validateDocuments, documentMigrationOutcome",
    "switchQueryMode, queryRolloutOutcome",
    "measureQueries, queryRolloutOutcome"
  })
  void stepThatSaysStop_failsThePhaseWithItsReason(String step, String outcome) {
    answer(
        step,
        call -> {
          throw new BpmnError("STOP", "users.db changed meanwhile");
        });
    start(Map.of());
    runTo("the end");

    assertThat(end()).isEqualTo("End_RolledBack");
    assertThat(variable(outcome)).isEqualTo("failed");
    assertThat(variable("reason")).isEqualTo("users.db changed meanwhile");
  }

  @Test
  void failingUndo_stopsTheWayDown_untilItSucceeds() {
    world.held.add("revertDocumentMigration");
    answer("measureQueries", with(GOOD_QUERIES, "newHealthy", false));
    start(Map.of());
    runTo("the end");
    assertThat(end()).isNull();
    assertThat(undone()).containsExactly("restoreQueryMode");

    world.held.clear();
    world.settle();
    assertThat(end()).isEqualTo("End_RolledBack");
    assertThat(undone()).containsExactly("restoreQueryMode", "revertDocumentMigration");
  }

  private void pauseOnce() {
    answer("migrateDocuments", call -> Map.of("paused", call("migrateDocuments").size() == 1));
  }
}
