package io.belay.runbooks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.belay.artifact.Artifact;
import io.belay.capability.document.DocumentSnapshots;
import io.belay.capability.document.DocumentStoreTarget;
import io.belay.capability.document.MigrationPause;
import io.belay.playground.DocumentReaders;
import io.belay.playground.DocumentWorld;
import io.belay.playground.Fault;
import io.belay.playground.PlaygroundRunbook;
import io.belay.playground.PlaygroundRunbook.Break;
import io.belay.playground.Scratch;
import io.belay.run.RunStatus;
import io.belay.run.RunView;
import io.belay.run.RunView.GateView;
import io.belay.step.StepObserver.Moment;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;

/**
 * The runbook {@code two-database-rolling} on real files: to the end, back from behind it by {@code
 * document-restore}, and down the ladder. The engine is on H2; on PostgreSQL it is that of {@link
 * MainServerOnPostgresIT}.
 */
@TestPropertySource(properties = "spring.datasource.url=jdbc:h2:mem:two-database;DB_CLOSE_DELAY=-1")
class TwoDatabaseIT extends RunbookContract {

  static final DocumentWorld WORLD = world();

  @LocalServerPort int port;

  TwoDatabaseIT() {
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
    assertThat(letTheApprovalExpire().reason()).containsIgnoringCase("expired");
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
  @ValueSource(strings = {"Task_MigrateDocuments", "Task_MeasureQueries"})
  void abortWhileAStepWorks_waitsUntilItHasStopped_andRollsBack(String activity) {
    abortWhileItWorks(activity);
  }

  @Test
  void deadlineOfTheMigration_rollsBack() {
    deadlineWhileItWorks("documentMigrationDeadline", "Task_MigrateDocuments");
  }

  @Test
  void everyStepThatFailsOnceAfterItsEffect_isNotDoneTwice() {
    Set<String> crashed = crashOnceAfterEachEffect();
    operator.answer("Task_ApproveRemoval", Map.of("decision", "keep", "reason", "wait a month"));
    String run = start(quick());
    operator.awaitStatus(run, RunStatus.COMPLETED);

    assertThat(crashed).contains("Task_MigrateDocuments", "Task_SwitchToNew");
    assertThat(artifacts.ofRun(run))
        .filteredOn(artifact -> artifact.kind().equals("document-snapshot"))
        .hasSize(1);
  }

  @Test
  void failingUndo_leavesTheRollbackIncomplete_andItsRetryFinishesTheRestOnly() {
    AtomicBoolean broken = breakStep("Undo_DocumentMigration", "the disk does not answer");
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
  void snapshotThatWasDamaged_isNoBackup_andNothingIsMigrated() {
    moments.at("Task_TakeSnapshots", Moment.AFTER_EFFECT, once(this::damageSnapshot));
    RunView view = awaitRolledBack(start(strict()));

    assertThat(phases(view)).endsWith("Phase_DocumentBackup");
    assertThat(view.reason()).contains("cannot be relied on");
    assertThat(moments.effects()).doesNotContain("Task_MigrateDocuments");
  }

  private void damageSnapshot() {
    Artifact snapshot = artifacts.ofKind(DocumentSnapshots.KIND).get(0);
    Path file = artifacts.path(snapshot);
    act(
        () -> {
          byte[] content = Files.readAllBytes(file);
          content[content.length / 2] ^= 1;
          Files.write(file, content);
        });
  }

  @Test
  void newFilesThatBecameUnsafeInTheValidationPeriod_areTakenBack_andWhatWasWrittenIsKept() {
    String user = "{\"_collection\":\"users\",\"_id\":\"late\",\"password\":\"as typed\"}\n";
    moments.at(
        "Task_AnnounceSoak",
        Moment.AFTER_EFFECT,
        once(
            () ->
                act(
                    () ->
                        Files.writeString(
                            WORLD.directory().resolve("application.db"),
                            user,
                            StandardOpenOption.APPEND))));
    RunView view = awaitRolledBack(start(quick()));

    assertThat(phases(view)).endsWith("Phase_DocumentOptimization");
    assertThat(view.reason()).contains("critical");
    assertThat(artifacts.ofRun(view.id()))
        .anyMatch(one -> one.kind().equals("documents-written-since"));
  }

  @Test
  void lateWriteToALegacyFile_failsTheNextGate_withFileAndDocument() {
    String late = "{\"_id\":\"user123\",\"name\":\"written late\"}\n";
    Path users = WORLD.directory().resolve("users.db");
    AtomicReference<JsonNode> status = new AtomicReference<>();
    moments.at(
        "Task_SwitchToHybrid",
        Moment.AFTER_EFFECT,
        once(
            () ->
                act(
                    () -> {
                      Files.writeString(users, late, StandardOpenOption.APPEND);
                      status.set(new PrintedLines(port).run("/status").json());
                    })));
    RunView view = operator.awaitStatus(start(strict()), RunStatus.ROLLED_BACK);

    assertThat(phases(view)).endsWith("Phase_QueryRollout");
    assertThat(view.reason())
        .contains("The new store does not have what was written to legacy files: users.db was")
        .contains("after its documents were moved: user123");
    assertThat(view.gates().get(view.gates().size() - 1).verdict()).isEqualTo("FAIL");
    assertThat(status.get().at("/lateWrites/0").asText()).startsWith("users.db was written to at");
  }

  @Test
  void newFilesThatAreSlowerThanTheLegacyOnes_areTakenBack() {
    moments.at("Task_SwitchToHybrid", Moment.AFTER_EFFECT, once(() -> act(this::growDocuments)));
    Map<String, Object> parameters = strict();
    parameters.put("slowdownLimit", 4);
    RunView view = awaitRolledBack(start(parameters));

    assertThat(phases(view)).endsWith("Phase_QueryRollout");
    assertThat(view.reason()).contains("times that of the legacy files, the limit is 4");
  }

  /** The documents of three collections get a list of a million lists, which takes long to read. */
  private void growDocuments() throws IOException {
    String list = "\"grown\":[" + "[],".repeat(1_000_000) + "0],";
    Pattern grows =
        Pattern.compile("\"(marketing-templates|startup-records|availability-overrides)\"");
    Path file = WORLD.directory().resolve("application.db");
    Path grown = file.resolveSibling("application.db~");
    try (var out = Files.newBufferedWriter(grown)) {
      for (String line : Files.readAllLines(file)) {
        out.write(grows.matcher(line).find() ? "{" + list + line.substring(1) : line);
        out.write('\n');
      }
    }
    Files.move(grown, file, StandardCopyOption.REPLACE_EXISTING);
  }

  private interface Act {
    void perform() throws IOException;
  }

  private static void act(Act act) {
    try {
      act.perform();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void printedLines_doWhatTheySay() throws IOException {
    for (String guides :
        List.of("GET plan", "POST start", "GET progress", "POST validate", "POST rollback")) {
      String[] line = guides.split(" ");
      assertThat(PrintedLines.page())
          .contains(
              """
              curl -X %s "http://localhost:10000/api/migration/%s" \\
                -H "Authorization: Bearer ${ADMIN_TOKEN}"
              """
                  .formatted((Object[]) line));
    }
    PrintedLines printed = new PrintedLines(port);
    assertThat(printed.run("/plan").json().path("ready").asBoolean()).isTrue();
    PrintedLines.Answer nothingYet = printed.run("/validate");
    assertThat(nothingYet.status()).isEqualTo(200);
    assertThat(nothingYet.json().path("overall").asBoolean()).isFalse();
    assertThat(nothingYet.json().at("/criticalIssues/0/check").asText()).isEqualTo("new-files");
    assertThat(printed.run("/query/users?id=user123").status()).isEqualTo(404);
    assertThat(printed.run("/query/events").json().path("documents")).isNotEmpty();
    assertThat(printed.run("/query/events/count").json().path("count").asInt()).isPositive();
    operator.awaitStatus(accepted(printed.run("/snapshot")), RunStatus.COMPLETED);

    String run = accepted(printed.run("/start"));
    assertThat(printed.run("/progress").json().at("/run/id").asText()).isEqualTo(run);
    assertThat(printed.stream("/progress")).contains("event:journal", run);
    assertThat(printed.run("/stop").json().path("pausing").asBoolean()).isTrue();
    assertThat(printed.run("/status").json().at("/lastRun/id").asText()).isEqualTo(run);
    assertThat(accepted(printed.run("/rollback"))).isEqualTo(run);
    awaitRolledBack(run);

    Path users = WORLD.directory().resolve("users.db");
    String kept = Files.readString(users);
    Files.writeString(users, "{\"_id\":\"added\"}\n", StandardOpenOption.APPEND);
    PrintedLines.Answer again = printed.run("/rollback");
    assertThat(again.status()).as(again.text()).isEqualTo(200);
    assertThat(again.json().path("id").asText()).isEqualTo(run);
    assertThat(Files.readString(users)).contains("added");
    Files.writeString(users, kept);
    assertThat(WORLD.fingerprint().differencesFrom(before)).isEmpty();
    assertThat(printed.run("/logs").json().path("entries").toString())
        .contains("POST /api/migration/rollback: 202", "\"actor\":\"admin\"");
    assertThat(printed.left()).isEmpty();
  }

  private static String accepted(PrintedLines.Answer answer) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(202);
    return answer.json().path("id").asText();
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
                MigrationPause.of(store).request(operator.runs().get(0), "operator");
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            }));
  }
}
