package io.belay.runbooks;

import static org.assertj.core.api.Assertions.assertThat;

import io.belay.document.MigrationPause;
import io.belay.playground.Fault;
import io.belay.playground.PlaygroundRunbook;
import io.belay.playground.PlaygroundRunbook.Break;
import io.belay.run.RunStatus;
import io.belay.run.RunView;
import io.belay.step.StepObserver.Moment;
import io.belay.target.DocumentStoreTarget;
import io.belay.target.Environments;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.TestPropertySource;

/** Also every other way down, and pauses, which do not depend on the engine's database. */
@TestPropertySource(properties = "spring.datasource.url=jdbc:h2:mem:two-database;DB_CLOSE_DELAY=-1")
class TwoDatabaseOnH2IT extends TwoDatabaseContract {

  @Autowired Environments environments;

  static List<Break> breaks() {
    return PlaygroundRunbook.of("two-database-rolling").breaks();
  }

  @ParameterizedTest
  @MethodSource("breaks")
  void eachGateThatSaysNo_rollsBack(Break broken) {
    if (broken.after().isEmpty()) {
      WORLD.fault(broken.fault());
    } else {
      moments.at(broken.after(), Moment.AFTER_EFFECT, once(() -> WORLD.fault(broken.fault())));
    }
    Map<String, Object> parameters = strict();
    parameters.putAll(broken.parameters());
    RunView view = awaitRolledBack(start(parameters));

    assertThat(phases(view)).endsWith(broken.phase());
    assertThat(view.reason()).isNotBlank();
  }

  @Test
  void legacyFileThatChangesMeanwhile_isRefusedByName() {
    moments.at(
        "Task_MigrateDocuments",
        Moment.AFTER_INTENT,
        once(() -> WORLD.fault(Fault.named("changing-documents"))));
    RunView view = awaitRolledBack(start(quick()));

    assertThat(view.reason()).contains("users.db");
    assertThat(moments.effects()).doesNotContain("Task_SwitchToHybrid");
  }

  @Test
  void rejectedApproval_changesNothing() {
    operator.answer("Task_Approve", Map.of("decision", "no-go", "reason", "not on a Friday"));
    RunView view = awaitRolledBack(start(quick()));

    assertThat(view.reason()).contains("not on a Friday");
    assertThat(moments.effects()).doesNotContain("Task_MigrateDocuments");
  }

  @Test
  void expiredApproval_countsAsRejected() {
    Map<String, Object> parameters = quick();
    parameters.put("approvalExpiry", "1s");
    String run = start(parameters);
    operator.awaitTask(run, "Task_Approve");

    assertThat(awaitWithoutAnswering(run).reason()).containsIgnoringCase("expired");
  }

  @Test
  void pausedMigration_waits_andGoesOnWhereItStopped() {
    pauseAtFirst();
    String run = start(quick());
    operator.awaitTask(run, "Task_ResumeMigration");
    assertThat(operator.status(run)).isEqualTo(RunStatus.WAITING_FOR_PERSON);
    assertThat(WORLD.directory().resolve("application.db")).doesNotExist();
    operator.answerAll(run);
    operator.awaitTask(run, "Task_UpdateApplications");
    assertThat(WORLD.directory().resolve("application.db")).exists();
    operator.abort(run, "seen enough");
    awaitRolledBack(run);
  }

  @Test
  void abortOfAPausedMigration_leavesNothingBehind() {
    pauseAtFirst();
    String run = start(quick());
    operator.awaitTask(run, "Task_ResumeMigration");
    operator.abort(run, "not today");
    awaitRolledBack(run);
  }

  @Test
  void abortWhileTheChecklistIsOpen_rollsBack() {
    String run = start(quick());
    operator.awaitTask(run, "Task_ConfirmChecklist");
    operator.abort(run, "not today");
    awaitRolledBack(run);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Task_TakeSnapshot", "Task_MigrateDocuments", "Task_MeasureNew"})
  void abortWhileAStepWorks_waitsUntilItHasStopped_andRollsBack(String activity) {
    abortWhileItWorks(activity);
  }

  @Test
  void deadlineOfTheMigration_rollsBack() {
    deadlineWhileItWorks("documentMigrationDeadline", "Task_MigrateDocuments");
  }

  @Test
  void everyStepThatFailsOnceAfterItsEffect_isNotDoneTwice() {
    Set<String> failed = ConcurrentHashMap.newKeySet();
    moments.everywhere(
        (moment, run, activity, step) -> {
          if (moment == Moment.AFTER_EFFECT && failed.add(activity)) {
            throw new IllegalStateException("crashed after the effect");
          }
        });
    operator.answer("Task_ApproveRemoval", Map.of("decision", "keep", "reason", "wait a month"));
    String run = start(quick());
    operator.awaitStatus(run, RunStatus.COMPLETED);

    assertThat(failed).contains("Task_MigrateDocuments", "Task_SwitchToNew");
    assertThat(artifacts.ofRun(run))
        .filteredOn(artifact -> artifact.kind().equals("document-snapshot"))
        .hasSize(1);
  }

  @Test
  void failingUndo_leavesTheRollbackIncomplete_andItsRetryFinishesTheRestOnly() {
    AtomicBoolean broken = new AtomicBoolean(true);
    moments.at(
        "Undo_DocumentMigration",
        Moment.AFTER_INTENT,
        () -> {
          if (broken.get()) {
            throw new IllegalStateException("the disk does not answer");
          }
        });
    String run = start(quick());
    operator.awaitTask(run, "Task_UpdateApplications");
    operator.abort(run, "down again");
    RunView stuck = operator.awaitStatus(run, RunStatus.ROLLBACK_INCOMPLETE);
    assertThat(stuck.incidents().get(0).message()).contains("the disk does not answer");

    broken.set(false);
    control.retry(run, "operator");
    awaitRolledBack(run);
    assertThat(moments.effects())
        .filteredOn(activity -> activity.equals("Undo_QueryRollout"))
        .hasSize(1);
  }

  @Test
  void snapshotByItself_changesNothing() {
    String run =
        operator.start(
            PlaygroundRunbook.of("document-snapshot"), Map.of("environment", "playground"));
    operator.awaitStatus(run, RunStatus.COMPLETED);

    assertThat(artifacts.ofRun(run)).isNotEmpty();
    assertThat(WORLD.fingerprint().differencesFrom(before)).isEmpty();
  }

  private void pauseAtFirst() {
    DocumentStoreTarget store =
        environments.load("playground").target("document-store", DocumentStoreTarget.class);
    moments.at(
        "Task_MigrateDocuments",
        Moment.AFTER_INTENT,
        once(
            () -> {
              try {
                MigrationPause.of(store).request("operator");
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            }));
  }
}
