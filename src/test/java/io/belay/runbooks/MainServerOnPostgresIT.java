package io.belay.runbooks;

import static org.assertj.core.api.Assertions.assertThat;

import io.belay.engine.control.RunActivities.OpenTask;
import io.belay.journal.Kind;
import io.belay.playground.EmbeddedServers;
import io.belay.playground.Fault;
import io.belay.run.RunStatus;
import io.belay.run.RunView;
import io.belay.run.RunView.PhaseView;
import io.belay.step.StepObserver.Moment;
import io.belay.target.Environment;
import io.belay.target.ServiceTarget;
import io.belay.target.Target;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.camunda.bpm.engine.TaskService;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/**
 * The runbook {@code main-server-v1-to-v2} in full: both strategies, through a crash behind each
 * effect, and down the ladder from every phase. After each rollback the world must be what it was
 * before. Every place at which a run can be aborted or be late is left in {@code WaysOut}, with
 * steps that only answer, and by {@code ./belay matrix rungs}, with real ones.
 */
class MainServerOnPostgresIT extends MainServerContract {

  @DynamicPropertySource
  static void engineDatabase(DynamicPropertyRegistry registry) throws Exception {
    // Ends with the JVM, since the application's context ends later than this class.
    EmbeddedPostgres engine = EmbeddedServers.postgres().start();
    registry.add("spring.datasource.url", () -> engine.getJdbcUrl("postgres", "postgres"));
    registry.add("spring.datasource.username", () -> "postgres");
    registry.add("spring.datasource.password", () -> "postgres");
  }

  @Autowired private TaskService tasks;

  @Test
  void rolling_replacesEachInstance() {
    Map<String, Object> parameters = rolling();
    operator.answer(
        "Task_ApproveDecommission", Map.of("decision", "no-go", "reason", "nothing is left"));
    String run = start(parameters);
    operator.awaitStatus(run, RunStatus.COMPLETED);

    assertThat(moments.effects())
        .filteredOn(activity -> activity.equals("Task_ReplaceInstance"))
        .hasSize(3);
  }

  @Test
  void everyStepThatFailsOnceAfterItsEffect_isNotDoneTwice() throws Exception {
    crashOnceAfterEachEffect();
    operator.answer(
        "Task_ApproveDecommission", Map.of("decision", "no-go", "reason", "wait a month"));
    String run = start(quick());
    operator.awaitStatus(run, RunStatus.COMPLETED);

    try (var database = WORLD.database();
        var statement = database.createStatement();
        var twice =
            statement.executeQuery(
                "SELECT id FROM databasechangelog GROUP BY id HAVING count(*) > 1")) {
      assertThat(twice.next()).isFalse();
    }
    assertThat(artifacts.ofRun(run))
        .filteredOn(artifact -> artifact.kind().equals("postgres-backup"))
        .hasSize(1);
  }

  @Test
  void failingUndo_leavesTheRollbackIncomplete_andItsRetryFinishesTheRestOnly() {
    AtomicBoolean broken = breakStep("Task_RevertSchema", "the database does not answer");
    String run = start(quick());
    operator.awaitTask(run, "Task_UpdateDocumentation");
    operator.abort(run, "down again");
    RunView stuck = operator.awaitStatus(run, RunStatus.ROLLBACK_INCOMPLETE);
    assertThat(stuck.incidents()).hasSize(1);
    assertThat(stuck.incidents().get(0).message()).contains("the database does not answer");
    List<String> done = new ArrayList<>(moments.effects());
    assertThat(done).contains("Task_RestoreTraffic");

    broken.set(false);
    control.retry(run, "operator");
    awaitRolledBack(run);
    List<String> all = moments.effects();
    assertThat(all.subList(0, done.size())).isEqualTo(done);
    assertThat(all.subList(done.size(), all.size()))
        .startsWith("Task_RevertSchema")
        .containsSubsequence("Task_RevertSchema", "Task_RestoreConfiguration", "Task_StopStaging")
        .doesNotContainAnyElementsOf(List.of("Task_RestoreTraffic", "Task_StopCandidate"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"error-rate", "redis-down"})
  void faultDuringRollout_failsTheGate_andAllIsTakenBack(String fault) {
    faultDuringRollout(fault);
  }

  @Tag("full")
  @ParameterizedTest
  @ValueSource(strings = {"latency", "error-lines", "down"})
  void furtherFaultDuringRollout_failsTheGate_andAllIsTakenBack(String fault) {
    faultDuringRollout(fault);
  }

  private void faultDuringRollout(String fault) {
    moments.at("Task_ShiftTraffic", Moment.AFTER_EFFECT, once(() -> WORLD.fault(named(fault))));
    Map<String, Object> parameters = strict();
    String run = start(parameters);
    if (fault.equals("redis-down")) {
      mendOnTheWayBack(run);
    }
    RunView view = awaitRolledBack(run);

    assertThat(view.gates().get(view.gates().size() - 1).verdict()).isNotEqualTo("PASS");
    assertThat(view.reason()).isNotBlank();
    assertThat(undone(view))
        .containsSubsequence(
            "Undo_ProgressiveRollout", "Undo_DatabaseMigration", "Undo_Backup", "Undo_Preparation");
  }

  @Test
  void faultBeforeTraffic_failsTheSmokeTest_andNoUserSeesV2() {
    faultBeforeTraffic("wrong-webhook");
  }

  @Tag("full")
  @Test
  void missingIntegration_failsTheSmokeTest_andNoUserSeesV2() {
    faultBeforeTraffic("ai-down");
  }

  private void faultBeforeTraffic(String fault) {
    WORLD.fault(named(fault));
    String run = start(strict());
    awaitRolledBack(run);

    assertThat(moments.effects()).doesNotContain("Task_ShiftTraffic");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Task_CheckDependencies:redis-down",
        "Task_RunTests:wrong-webhook-staging",
        "Task_ProbeEndpoints:down"
      })
  void faultFoundByACheck_isTheGatesNo(String which) {
    String[] parts = which.split(":");
    Fault fault =
        parts[1].equals("wrong-webhook-staging") ? Fault.wrongWebhook("staging") : named(parts[1]);
    moments.at(parts[0], Moment.AFTER_INTENT, once(() -> WORLD.fault(fault)));
    RunView view = awaitRolledBack(start(strict()));

    assertThat(view.phases()).extracting(PhaseView::outcome).contains("failed");
    assertThat(moments.effects()).contains(parts[0]).doesNotContain("Task_ShiftTraffic");
  }

  @Test
  void spaceThatDoesNotSuffice_isFoundBeforeAnythingIsBackedUp() throws Exception {
    Path file;
    try (var database = WORLD.database();
        var statement = database.createStatement();
        var oid =
            statement.executeQuery(
                "SELECT oid FROM pg_database WHERE datname = current_database()")) {
      oid.next();
      file = WORLD.directory().resolve("postgres/base/" + oid.getLong(1) + "/large");
    }
    // The server counts a file with nothing in it as if it were full.
    try (var large = new RandomAccessFile(file.toFile(), "rw")) {
      large.setLength(2 * artifacts.freeBytes());
    }
    RunView view;
    try {
      view = awaitRolledBack(start(strict()));
    } finally {
      Files.delete(file);
    }

    assertThat(view.reason()).contains("free");
    assertThat(moments.effects())
        .contains("Task_CheckBackupSpace")
        .doesNotContain("Task_TakePostgresBackup", "Task_TakeRedisBackup");
  }

  @Test
  void corruptingMigration_failsIntegrity_andTheBackupBringsTheDataBack() {
    WORLD.fault(Fault.named("data-corruption"));
    String run = start(strict());
    awaitRolledBack(run);

    assertThat(moments.effects()).contains("Task_RevertSchema", "Task_RestorePostgresBackup");
  }

  @Test
  void failingMigration_isTakenBack() {
    WORLD.fault(Fault.named("migration"));
    String run = start(strict());
    operator.awaitStatus(run, RunStatus.INCIDENT);
    operator.abort(run, "the changelog is wrong");
    awaitRolledBack(run);
  }

  @Test
  void faultDuringRollingUpdate_putsReplacedInstancesBackInReverse() {
    moments.at(
        "Task_ReplaceInstance", Moment.AFTER_EFFECT, once(() -> WORLD.fault(named("error-rate"))));
    Map<String, Object> parameters = rolling();
    parameters.put("allowedFailures", 0);
    String run = start(parameters);
    RunView view = awaitRolledBack(run);

    assertThat(undone(view)).contains("Undo_RollingUpdate");
  }

  @Test
  void faultDuringSoak_takesBackAllTraffic() {
    moments.at(
        "Task_AnnounceSoak", Moment.AFTER_EFFECT, once(() -> WORLD.fault(named("error-rate"))));
    Map<String, Object> parameters = quick();
    parameters.put("soakAllowedFailures", 0);
    parameters.put("soakDuration", "20s");
    String run = start(parameters);
    RunView view = awaitRolledBack(run);

    assertThat(phases(view)).contains("Phase_Soak");
  }

  @Test
  void abortAtTheLastQuestion_rollsBack() {
    String run = start(quick());
    operator.awaitTask(run, "Task_ApproveDecommission");
    operator.abort(run, "changed our mind");
    RunView view = awaitRolledBack(run);

    assertThat(view.reason()).contains("operator").contains("changed our mind");
  }

  @Test
  void abortBeforeTheRunChangedAnything_leavesAloneWhatUsersWroteToRedis() {
    Map<String, Object> parameters = quick();
    parameters.put("redisRollback", "RESTORE");
    String run = start(parameters);
    operator.awaitTask(run, "Task_Approve");
    WORLD.writeToCache();
    operator.abort(run, "changed our mind");
    operator.awaitStatus(run, RunStatus.ROLLED_BACK);

    assertThat(WORLD.fingerprint().differencesFrom(before))
        .hasSize(5)
        .allMatch(difference -> difference.contains("redis 0 "));
    assertThat(moments.effects()).contains("Task_CountLostKeys", "Task_RestoreRedisBackup");
  }

  @Test
  void keysWrittenSinceTheBackup_areShownToAPerson_beforeRedisIsPutBack() {
    Map<String, Object> parameters = quick();
    parameters.put("redisRollback", "RESTORE");
    String run = start(parameters);
    operator.awaitTask(run, "Task_UpdateDocumentation");
    WORLD.writeToCache();
    operator.abort(run, "changed our mind");
    OpenTask asked = operator.awaitTask(run, "Task_ConfirmRestore");

    assertThat(moments.effects()).doesNotContain("Task_RestoreRedisBackup");
    assertThat(tasks.getVariable(asked.id(), "lostRows")).isEqualTo(5L);
    assertThat(tasks.getVariable(asked.id(), "lostReport"))
        .asString()
        .contains(
            "1 new since, would be removed: feature:new in database 0",
            "2 changed since",
            "user:1 in database 0",
            "session:2 in database 0",
            "2 deleted since",
            "ranking in database 0");
    awaitRolledBack(run);
    assertThat(moments.effects()).contains("Task_RestoreRedisBackup");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Task_TakePostgresBackup", "Task_ApplySchema"})
  void abortWhileAStepWorks_waitsUntilItHasStopped_andRollsBack(String activity) {
    abortWhileItWorks(activity);
  }

  @Test
  void abortInTheMiddleOfARollingUpdate_putsTheReplacedInstanceBack() {
    abortWhileHeld(moments.hold("Task_AwaitHealthy"), rolling());

    assertThat(moments.effects())
        .filteredOn(activity -> activity.equals("Task_ReplaceInstance"))
        .hasSize(1);
  }

  @Test
  void abortDuringTheSoak_takesAllTrafficBack() {
    abortWhileHeld(holdOfTheSoak(), quick());

    assertThat(moments.effects()).contains("Task_AnnounceSoak", "Task_RestoreTraffic");
  }

  @Test
  void wrongConfiguration_failsTheReview_beforeAnythingIsBackedUp() throws Exception {
    Path candidate = WORLD.directory().resolve("config/v2.env");
    String good = Files.readString(candidate);
    Files.writeString(candidate, good.replaceAll("(?m)^RATE_LIMIT_MAX_REQUESTS=.*$", ""));
    before = WORLD.fingerprint();
    String run = start(strict());
    RunView view = awaitRolledBack(run);

    assertThat(view.reason()).contains("RATE_LIMIT_MAX_REQUESTS");
    assertThat(moments.effects()).doesNotContain("Task_StartStaging", "Task_TakePostgresBackup");
  }

  @Test
  void stagingThatFails_isFoundBeforeAnythingIsBackedUp() {
    WORLD.fault(Fault.errorRate("staging", 1));
    String run = start(strict());
    awaitRolledBack(run);

    assertThat(moments.effects()).doesNotContain("Task_TakePostgresBackup");
  }

  @Test
  void tamperedBackup_isNoBackup() {
    moments.at(
        "Task_VerifyBackup",
        Moment.AFTER_INTENT,
        once(() -> operator.runs().forEach(this::tamperWithBackup)));
    String run = start(strict());
    RunView view = awaitRolledBack(run);

    assertThat(view.reason()).isNotBlank();
    assertThat(moments.effects()).doesNotContain("Task_ApplySchema");
  }

  private void tamperWithBackup(String run) {
    artifacts.ofRun(run).stream()
        .filter(artifact -> artifact.kind().equals("postgres-backup"))
        .map(artifacts::path)
        .forEach(
            file -> {
              try {
                byte[] bytes = Files.readAllBytes(file);
                bytes[bytes.length / 2] ^= 1;
                Files.write(file, bytes);
              } catch (java.io.IOException e) {
                throw new java.io.UncheckedIOException(e);
              }
            });
  }

  @Test
  void deadlineOfARollingUpdate_putsTheReplacedInstanceBack() {
    Map<String, Object> parameters = rolling();
    // Time enough to replace the first instance on a slow machine.
    parameters.put("rollingUpdateDeadline", "25s");
    deadlineWhileHeld("rollingUpdateDeadline", moments.hold("Task_AwaitHealthy"), parameters);
  }

  @Test
  void rollingUpdateOfOneInstance_isRefusedBeforeItStarts() {
    Environment playground = environments.load("playground");
    Map<String, Target> targets = new LinkedHashMap<>(playground.targets());
    ServiceTarget v1 = playground.target("v1", ServiceTarget.class);
    targets.put("v1", withInstances(v1, v1.instances().subList(0, 1)));
    targets.remove("cache");
    Environment single = new Environment("single", "", targets);
    String definition = runbooks.find("main-server-v1-to-v2").orElseThrow().definitionId();

    assertThat(requirements.unmet(definition, Map.of("strategy", "blue-green"), playground))
        .isEmpty();
    assertThat(requirements.unmet(definition, Map.of("strategy", "rolling"), playground)).isEmpty();
    assertThat(requirements.unmet(definition, Map.of("strategy", "rolling"), single))
        .anyMatch(rule -> rule.contains("at least 2 instances of service 'v1'"))
        .anyMatch(rule -> rule.contains("'dependencies' names target 'cache'"))
        .anyMatch(rule -> rule.contains("'caches' names target 'cache'"))
        .allMatch(rule -> rule.contains("at least 2 instances") || rule.contains("'cache'"));
    assertThat(requirements.unmet(definition, Map.of("strategy", "blue-green"), single))
        .isNotEmpty()
        .allMatch(rule -> rule.contains("target 'cache'"));
  }

  private static ServiceTarget withInstances(
      ServiceTarget service, List<ServiceTarget.Instance> instances) {
    return new ServiceTarget(
        service.url(),
        service.health(),
        service.ready(),
        service.metrics(),
        service.log(),
        service.endpoints(),
        service.webhook(),
        service.webhookToken(),
        service.integrations(),
        service.start(),
        service.stop(),
        service.running(),
        service.startTimeout(),
        service.timeout(),
        instances);
  }

  @Test
  void undoTakenOverByAPerson_isNeverCalledRolledBack() {
    breakStep("Task_RevertSchema", "the database does not answer");
    Moments.Hold hold = moments.hold("Task_StartCandidate");
    String run = start(quick());
    inBackground(() -> operator.awaitStatus(run, RunStatus.TAKEN_OVER));
    hold.awaitReached();
    operator.abort(run, "down again");
    hold.release();
    operator.awaitStatus(run, RunStatus.ROLLBACK_INCOMPLETE);
    control.override(run, "Task_RevertSchema", "reverted by hand", "operator");
    RunView view = operator.awaitStatus(run, RunStatus.TAKEN_OVER);

    assertThat(view.status()).isEqualTo(RunStatus.TAKEN_OVER);
    assertThat(journal.entries(run, Kind.SKIP_REQUESTED).get(0).text())
        .isEqualTo("reverted by hand");
  }

  /** Holds the first measurement of the soak; those of the gates before it have the same id. */
  private Moments.Hold holdOfTheSoak() {
    Moments.Hold hold = new Moments.Hold();
    moments.at(
        "Task_AnnounceSoak",
        Moment.AFTER_EFFECT,
        once(() -> moments.at("Task_MeasureHealth", Moment.AFTER_INTENT, hold)));
    return hold;
  }
}
