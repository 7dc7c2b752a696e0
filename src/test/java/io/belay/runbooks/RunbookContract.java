package io.belay.runbooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.belay.Belay;
import io.belay.artifact.ArtifactStore;
import io.belay.engine.control.RunControl;
import io.belay.engine.law.StartRequirements;
import io.belay.journal.Journal;
import io.belay.journal.JournalChain;
import io.belay.journal.Kind;
import io.belay.model.Runbooks;
import io.belay.playground.PlaygroundRunbook;
import io.belay.playground.Scene;
import io.belay.playground.Scratch;
import io.belay.playground.WorldFingerprint;
import io.belay.run.RunStatus;
import io.belay.run.RunView;
import io.belay.run.RunView.PhaseView;
import io.belay.step.StepObserver.Moment;
import io.belay.target.Environments;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.context.annotation.Import;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.ActiveProfiles;
import org.springframework.test.context.DynamicPropertyRegistry;

/**
 * Whole runs of one runbook on something real. After each rollback it must be what it was before,
 * and after each test the journal intact.
 */
@SpringBootTest(
    classes = Belay.class,
    webEnvironment = WebEnvironment.RANDOM_PORT,
    properties = {
      "belay.step.attempts=2",
      "belay.step.backoff=100ms",
      "belay.step.heartbeat=500ms",
      "belay.step.poll=200ms"
    })
@ActiveProfiles("playground")
@Import({Moments.class, Operator.class})
@DirtiesContext
abstract class RunbookContract {

  private static final Duration PATIENCE = Duration.ofSeconds(120);

  @Autowired Operator operator;
  @Autowired RunControl control;
  @Autowired Moments moments;
  @Autowired Journal journal;
  @Autowired JournalChain chain;
  @Autowired ArtifactStore artifacts;
  @Autowired MeterRegistry meters;
  @Autowired Environments environments;
  @Autowired StartRequirements requirements;
  @Autowired Runbooks runbooks;

  final PlaygroundRunbook runbook;
  private final Scene scene;
  WorldFingerprint before;

  RunbookContract(String runbook, Scene scene) {
    this.scene = scene;
    this.runbook = PlaygroundRunbook.of(runbook);
  }

  /** Belay's properties for that scene and those environments. */
  static void configure(DynamicPropertyRegistry registry, Scene scene, String environments)
      throws IOException {
    scene.properties().forEach((key, value) -> registry.add(key, () -> value));
    Path directory = Scratch.directory("artifacts");
    registry.add("belay.artifacts.directory", directory::toString);
    registry.add("belay.environments", () -> Path.of(environments).toAbsolutePath().toString());
  }

  @BeforeEach
  void takeFingerprint() {
    moments.clear();
    operator.clear();
    scene.reset();
    before = scene.fingerprint();
  }

  @AfterEach
  void journalIsIntact() {
    moments.clear();
    scene.repair();
    operator.deleteWhatStillRuns();
    assertThat(chain.check().problems()).isEmpty();
  }

  Map<String, Object> quick() {
    return runbook.parameters(Map.of());
  }

  /** No gate forgives anything. */
  Map<String, Object> strict() {
    return runbook.parameters(runbook.strict());
  }

  String start(Map<String, Object> parameters) {
    return operator.start(runbook, parameters);
  }

  /** Aborts while that step works; it must have stopped before the run goes down. */
  void abortWhileItWorks(String activity) {
    abortWhileHeld(moments.hold(activity), quick());
  }

  void abortWhileHeld(Moments.Hold hold, Map<String, Object> parameters) {
    String run = start(parameters);
    inBackground(() -> operator.awaitStatus(run, RunStatus.ROLLED_BACK));
    hold.awaitReached();
    double lost = lostLocks();
    operator.abort(run, "stop");
    assertThat(operator.status(run)).isEqualTo(RunStatus.RUNNING);
    // The worker notices by its heartbeat; a step that ends before that has ended, not stopped.
    await().atMost(Duration.ofSeconds(20)).until(() -> lostLocks() > lost);
    hold.release();
    awaitRolledBack(run);

    assertThat(journal.entries(run, Kind.STOPPED)).isNotEmpty();
  }

  /** The deadline of a phase passes while one of its steps works. */
  void deadlineWhileItWorks(String parameter, String activity) {
    deadlineWhileHeld(parameter, moments.hold(activity), quick());
  }

  void deadlineWhileHeld(String parameter, Moments.Hold hold, Map<String, Object> parameters) {
    parameters.putIfAbsent(parameter, "10s");
    String run = start(parameters);
    inBackground(() -> operator.awaitStatus(run, RunStatus.ROLLED_BACK));
    hold.awaitReached();
    // The step is released by the deadline's cancellation, seen by the next heartbeat.
    await()
        .atMost(Duration.ofSeconds(40))
        .until(
            () ->
                operator.view(run).working().stream()
                    .anyMatch(step -> step.step().equals("awaitStepsStopped")));
    hold.release();
    RunView view = awaitRolledBack(run);

    assertThat(view.phases()).extracting(PhaseView::outcome).contains("timedOut");
    assertThat(view.reason()).containsIgnoringCase("timed out");
  }

  /** Answers people's tasks until the run is rolled back, and compares the world with before. */
  RunView awaitRolledBack(String run) {
    RunView view = operator.awaitStatus(run, RunStatus.ROLLED_BACK);
    scene.repair();
    assertThat(scene.fingerprint().differencesFrom(before)).isEmpty();
    return view;
  }

  /** The same, but nobody answers. */
  RunView awaitWithoutAnswering(String run) {
    await().atMost(PATIENCE).until(() -> operator.status(run).isFinal());
    assertThat(operator.status(run)).isEqualTo(RunStatus.ROLLED_BACK);
    assertThat(scene.fingerprint().differencesFrom(before)).isEmpty();
    return operator.view(run);
  }

  /**
   * From now on each step crashes once after its effect.
   *
   * @return those that did
   */
  Set<String> crashOnceAfterEachEffect() {
    Set<String> crashed = ConcurrentHashMap.newKeySet();
    moments.everywhere(
        (moment, run, activity, step) -> {
          if (moment == Moment.AFTER_EFFECT && crashed.add(activity)) {
            throw new IllegalStateException("crashed after the effect");
          }
        });
    return crashed;
  }

  /** From now on the step fails with that message, until what is returned is set to false. */
  AtomicBoolean breakStep(String activityId, String message) {
    AtomicBoolean broken = new AtomicBoolean(true);
    moments.at(
        activityId,
        Moment.AFTER_INTENT,
        () -> {
          if (broken.get()) {
            throw new IllegalStateException(message);
          }
        });
    return broken;
  }

  RunView letTheApprovalExpire() {
    Map<String, Object> parameters = quick();
    parameters.put("approvalExpiry", "1s");
    String run = start(parameters);
    operator.awaitTask(run, "Task_Approve");
    return awaitWithoutAnswering(run);
  }

  private double lostLocks() {
    return meters.counter("belay.step.lock.lost").count();
  }

  static void inBackground(Runnable people) {
    Thread thread = new Thread(people, "people");
    thread.setDaemon(true);
    thread.start();
  }

  static List<String> phases(RunView view) {
    return view.phases().stream()
        .filter(phase -> !phase.undo())
        .map(PhaseView::activityId)
        .filter(id -> id.startsWith("Phase_"))
        .toList();
  }

  static List<String> undone(RunView view) {
    return view.phases().stream().filter(PhaseView::undo).map(PhaseView::activityId).toList();
  }

  static Runnable once(Runnable action) {
    AtomicBoolean done = new AtomicBoolean();
    return () -> {
      if (done.compareAndSet(false, true)) {
        action.run();
      }
    };
  }
}
