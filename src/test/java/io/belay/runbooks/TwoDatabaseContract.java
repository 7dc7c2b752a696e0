package io.belay.runbooks;

import static org.assertj.core.api.Assertions.assertThat;

import io.belay.playground.DocumentWorld;
import io.belay.playground.PlaygroundRunbook;
import io.belay.run.RunStatus;
import io.belay.run.RunView;
import io.belay.run.RunView.GateView;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/**
 * The runbook {@code two-database-rolling} on real files: to the end, back from near the end, and
 * back from behind it by {@code document-restore}.
 */
abstract class TwoDatabaseContract extends RunbookContract {

  static final DocumentWorld WORLD = world();

  TwoDatabaseContract() {
    super("two-database-rolling", WORLD);
  }

  private static DocumentWorld world() {
    try {
      return new DocumentWorld(Files.createTempDirectory("belay-documents-"), 3_000);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @DynamicPropertySource
  static void world(DynamicPropertyRegistry registry) throws Exception {
    configure(registry, WORLD, "src/test/resources/documents/environments");
  }

  @Test
  void everyGatePasses_leavesTwoFiles_andTheSnapshotBringsTheOthersBack() throws IOException {
    String run = start(quick());
    RunView view = operator.awaitStatus(run, RunStatus.COMPLETED);

    assertThat(phases(view))
        .containsExactly(
            "Phase_DocumentPreparation",
            "Phase_DocumentBackup",
            "Phase_Approval",
            "Phase_DocumentMigration",
            "Phase_QueryRollout",
            "Phase_QuerySoak",
            "Phase_DocumentOptimization",
            "Phase_LegacyRemoval");
    assertThat(view.gates())
        .extracting(GateView::decision)
        .contains("validation-gate", "query-gate");
    try (var left = Files.list(WORLD.directory())) {
      assertThat(left.filter(Files::isRegularFile).map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("admin.db", "application.db");
    }

    String restore =
        operator.start(
            PlaygroundRunbook.of("document-restore"), Map.of("environment", "playground"));
    operator.awaitStatus(restore, RunStatus.COMPLETED);
    assertThat(WORLD.fingerprint().differencesFrom(before)).isEmpty();
  }

  @Test
  void abortNearTheEnd_takesBackTheQueriesThenTheDocuments() {
    String run = start(quick());
    operator.awaitTask(run, "Task_UpdateApplications");
    operator.abort(run, "changed our mind");
    RunView view = awaitRolledBack(run);

    assertThat(undone(view)).containsExactly("Undo_QueryRollout", "Undo_DocumentMigration");
    assertThat(view.reason()).contains("operator").contains("changed our mind");
  }
}
