package io.belay.runbooks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.belay.playground.DocumentReaders;
import io.belay.playground.DocumentWorld;
import io.belay.playground.Scratch;
import io.belay.run.RunStatus;
import io.belay.run.RunView;
import io.belay.run.RunView.GateView;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/**
 * The runbook {@code two-database-rolling} on real files: to the end, back from near the end, and
 * back from behind it by {@code document-restore}.
 */
abstract class TwoDatabaseContract extends RunbookContract {

  static final DocumentWorld WORLD = world();

  @LocalServerPort int port;

  TwoDatabaseContract() {
    super("two-database-rolling", WORLD);
  }

  private static DocumentWorld world() {
    try {
      return new DocumentWorld(Scratch.directory("documents"), 3_000);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @DynamicPropertySource
  static void world(DynamicPropertyRegistry registry) throws Exception {
    configure(registry, WORLD, "src/test/resources/documents/environments");
  }

  private DocumentReaders readers() throws IOException {
    return WORLD.readers(URI.create("http://127.0.0.1:" + port));
  }

  @Test
  void everyGatePasses_leavesTwoFiles_andTheSnapshotBringsTheOthersBack() throws IOException {
    DocumentReaders.Counts read;
    RunView view;
    try (DocumentReaders readers = readers()) {
      String run = start(quick());
      view = operator.awaitStatus(run, RunStatus.COMPLETED);
      read = readers.counts();
    }

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

    assertThat(read.firstWrong()).isEmpty();
    assertThat(read.bySide()).containsKeys("legacy", "new");

    PrintedLines printed = new PrintedLines(port);
    JsonNode report = printed.run("/validate").json();
    assertThat(report.path("overall").asBoolean()).as("%s", report).isTrue();
    assertThat(report.path("warnings").toString()).contains("the legacy files are gone");
    Files.writeString(
        WORLD.directory().resolve("application.db"),
        "{\"_collection\":\"users\",\"_id\":\"late\"}\n",
        StandardOpenOption.APPEND);
    PrintedLines.Answer restore = printed.run("/rollback");
    assertThat(restore.status()).as(restore.text()).isEqualTo(202);
    assertThat(restore.json().path("laterWrites").asLong()).isEqualTo(1);
    operator.awaitStatus(restore.json().path("id").asText(), RunStatus.COMPLETED);
    assertThat(WORLD.fingerprint().differencesFrom(before)).isEmpty();
    PrintedLines.Answer again = printed.run("/rollback");
    assertThat(again.status()).as(again.text()).isEqualTo(200);
    assertThat(again.json().path("id")).isEqualTo(restore.json().path("id"));
    assertThat(again.json().path("laterWrites").isNull()).isTrue();
  }

  @Test
  void abortNearTheEnd_takesBackTheQueriesThenTheDocuments() throws IOException {
    DocumentReaders.Counts read;
    RunView view;
    try (DocumentReaders readers = readers()) {
      String run = start(quick());
      operator.awaitTask(run, "Task_UpdateApplications");
      JsonNode report = new PrintedLines(port).run("/validate").json();
      assertThat(report.path("overall").asBoolean()).as("%s", report).isTrue();
      assertThat(report.path("criticalIssues")).isEmpty();
      assertThat(report.path("documents").asLong()).isPositive();
      operator.abort(run, "changed our mind");
      view = awaitRolledBack(run);
      read = readers.counts();
    }
    assertThat(read.firstWrong()).isEmpty();
    assertThat(read.bySide()).containsKeys("legacy", "new");

    assertThat(undone(view)).containsExactly("Undo_QueryRollout", "Undo_DocumentMigration");
    assertThat(view.reason()).contains("operator").contains("changed our mind");
  }
}
