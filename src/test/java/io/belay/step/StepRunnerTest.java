package io.belay.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.belay.artifact.ArtifactStore;
import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import io.belay.journal.RunRecords;
import io.belay.journal.RunningSteps;
import io.belay.journal.Samples;
import io.belay.step.StepWorld.ChangeThings;
import io.belay.step.StepWorld.Mode;
import io.belay.target.Cancellation;
import io.belay.target.Environments;
import io.belay.target.Leases;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The contract around {@code perform}: what is written down when, and what a retry does. */
class StepRunnerTest {

  private static StepWorld world;
  private static StepRunner runner;

  private final String run = world.run(0);
  private final String key = UUID.randomUUID().toString();
  private ChangeThings step;

  @BeforeAll
  static void start() {
    world = new StepWorld();
    runner = world.get(StepRunner.class);
  }

  @AfterAll
  static void stop() {
    world.close();
  }

  @BeforeEach
  void reset() {
    step = world.step();
    step.work = (input, context) -> ChangeThings.DONE;
    step.effects.set(0);
  }

  // ------------------------------------------------------------------ intent, effect, result

  @Test
  void intentIsWrittenBefore_andResultAfterTheEffect() throws Exception {
    step.work =
        (input, context) -> {
          assertThat(world.told(key)).containsExactly(Kind.INTENT);
          assertThat(world.get(RunningSteps.class).ofRun(run)).hasSize(1);
          return ChangeThings.DONE;
        };

    Map<String, Object> result = run(Map.of("things", "tables", "weight", "25"));

    assertThat(world.told(key)).containsExactly(Kind.INTENT, Kind.RESULT);
    JournalEntry intent = world.journal().ofStepKey(key).get(0);
    assertThat(intent.step()).isEqualTo("changeThings");
    assertThat(intent.activityId()).isEqualTo("Task_ChangeThings");
    assertThat(intent.payload().path("things").asText()).isEqualTo("tables");
    assertThat(intent.payload().path("weight").asInt()).isEqualTo(25);
    assertThat(world.get(RunningSteps.class).ofRun(run)).isEmpty();
    assertThat(result)
        .containsEntry("verdict", "PASS")
        .containsEntry("reason", "fine")
        .containsEntry("changed", 3L)
        .containsEntry("took", "PT2S");
  }

  @Test
  void executionThatIsDone_returnsItsRecordedResult_andDoesNothing() throws Exception {
    Map<String, Object> first = run(Map.of());
    step.work =
        (input, context) -> {
          throw new AssertionError("done twice");
        };

    assertThat(run(Map.of())).isEqualTo(first);
    assertThat(step.effects).hasValue(1);
    assertThat(world.told(key)).containsExactly(Kind.INTENT, Kind.RESULT);
  }

  @Test
  void attemptThatWasKilled_isFollowedByTheNext_whichKnowsIt() throws Exception {
    fail(new IllegalStateException("killed"));
    AtomicReference<Integer> attempt = new AtomicReference<>();
    step.work =
        (input, context) -> {
          attempt.set(context.attempt());
          return ChangeThings.DONE;
        };
    run(Map.of());

    assertThat(attempt).hasValue(2);
    assertThat(world.told(key))
        .containsExactly(Kind.INTENT, Kind.FAILURE, Kind.INTENT, Kind.RESULT);
  }

  @Test
  void businessStop_isRecorded_andSaidAgain_withoutWork() {
    step.work =
        (input, context) -> {
          throw new BusinessStop("the backup with " + StepWorld.PASSWORD + " is broken");
        };
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> run(Map.of()))
          .isInstanceOf(BusinessStop.class)
          .hasMessage("the backup with **** is broken".replace("****", mask()));
    }
    assertThat(step.effects).hasValue(1);
    assertThat(world.told(key)).containsExactly(Kind.INTENT, Kind.BUSINESS_STOP);
  }

  @Test
  void businessStop_hasAReasonThatFitsIntoAVariable() {
    step.work =
        (input, context) -> {
          throw new BusinessStop("x".repeat(9000));
        };
    assertThatThrownBy(() -> run(Map.of()))
        .satisfies(stop -> assertThat(stop.getMessage().length()).isLessThan(4000));
    step.work =
        (input, context) -> {
          throw new BusinessStop(null);
        };
    assertThatThrownBy(
            () -> runner.run(step, StepCall.of(task("other " + key, Map.of())), Cancellation.NONE))
        .isInstanceOf(BusinessStop.class)
        .satisfies(stop -> assertThat(stop.getMessage()).isNotBlank());
  }

  @Test
  void stepThatAPersonTookOver_isNotRun() throws Exception {
    fail(new IllegalStateException("broken"));
    world
        .journal()
        .appendNow(
            JournalEntry.of(run, Kind.SKIP_REQUESTED, "did it by hand")
                .at(null, "Task_ChangeThings")
                .ofStep(null, key)
                .by("operator"));
    step.effects.set(0);

    Map<String, Object> result = run(Map.of());

    assertThat(step.effects).hasValue(0);
    assertThat(result.values()).containsOnlyNulls();
  }

  // ------------------------------------------------------------------ failures

  @Test
  void failure_saysElementStepRunAndAttempt_andIsMasked() {
    step.work =
        (input, context) -> {
          throw new IllegalStateException(
              "cannot connect", new IllegalArgumentException("password=" + StepWorld.PASSWORD));
        };
    assertThatThrownBy(() -> run(Map.of()))
        .isInstanceOf(StepFailed.class)
        .hasMessageContainingAll(
            "Task_ChangeThings", "changeThings", "run of a test", "attempt 1", "cannot connect")
        .hasMessageNotContaining(StepWorld.PASSWORD)
        .satisfies(failure -> assertThat(((StepFailed) failure).isPermanent()).isFalse())
        .hasNoCause();
    assertThat(world.journal().ofStepKey(key).get(1).text())
        .contains("cannot connect: password=")
        .doesNotContain(StepWorld.PASSWORD);
  }

  @Test
  void logsAndProgress_areMasked() throws Exception {
    AtomicReference<String> message = new AtomicReference<>();
    step.work =
        (input, context) -> {
          context.log("connecting with %s", StepWorld.PASSWORD);
          context.progress().report(1, 2, "rows", "copy with " + StepWorld.PASSWORD);
          message.set(world.get(RunningSteps.class).ofRun(run).get(0).message());
          return ChangeThings.DONE;
        };
    run(Map.of());

    assertThat(message.get()).startsWith("copy with").doesNotContain(StepWorld.PASSWORD);
    assertThat(world.journal().entries(run, Kind.LOG))
        .singleElement()
        .satisfies(log -> assertThat(log.text()).isEqualTo("connecting with " + mask()));
  }

  @Test
  void whatACommandPrints_isKeptUpToAThousandLines() throws Exception {
    step.work =
        (input, context) -> {
          var lines = context.commandLog();
          for (int i = 1; i <= 5000; i++) {
            lines.accept("line " + i + " with 100 %");
          }
          return ChangeThings.DONE;
        };
    run(Map.of());

    assertThat(world.journal().entries(run, Kind.LOG))
        .hasSize(1001)
        .satisfies(
            log -> assertThat(log.get(999).text()).isEqualTo("line 1000 with 100 %"),
            log ->
                assertThat(log.get(1000).text()).contains("is not kept, but for its last lines"));
  }

  @Test
  void engineIsTold_inTheTransactionOfTheResult() throws Exception {
    AtomicReference<List<Kind>> inside = new AtomicReference<>();
    AtomicReference<List<Kind>> outside = new AtomicReference<>();
    StepRunner.Ended ended =
        runner.run(
            step,
            completing(
                variables -> {
                  inside.set(world.told(key));
                  outside.set(CompletableFuture.supplyAsync(() -> world.told(key)).join());
                }),
            Cancellation.NONE);

    assertThat(inside.get()).containsExactly(Kind.INTENT, Kind.RESULT);
    assertThat(outside.get()).containsExactly(Kind.INTENT);
    assertThat(ended.told()).isTrue();
    assertThat(world.told(key)).containsExactly(Kind.INTENT, Kind.RESULT);
  }

  @Test
  void resultIsWritten_alsoWhenTheEngineRefusesIt() throws Exception {
    StepRunner.Ended ended =
        runner.run(
            step,
            completing(
                variables -> {
                  throw new ExternalTasks.Refused(new IllegalStateException("what follows fails"));
                }),
            Cancellation.NONE);

    assertThat(ended.told()).isFalse();
    assertThat(ended.variables()).containsEntry("changed", 3L);
    assertThat(world.told(key)).containsExactly(Kind.INTENT, Kind.RESULT);
    assertThat(world.get(RunningSteps.class).ofRun(run)).isEmpty();
  }

  /** As after the clock was set: the engine takes the first attempt's lock for ended. */
  @Test
  void secondAttemptBesideTheFirst_isRefused_andDoesNothing() throws Exception {
    AtomicReference<Throwable> refusal = new AtomicReference<>();
    step.work =
        (input, context) -> {
          refusal.set(
              org.assertj.core.api.Assertions.catchThrowable(
                  () -> runner.run(step, StepCall.of(task(key, Map.of())), Cancellation.NONE)));
          return ChangeThings.DONE;
        };
    run(Map.of());

    assertThat(refusal.get())
        .isInstanceOf(StepFailed.class)
        .hasMessageContaining(
            "is still being worked on by this node in an earlier attempt; this one did nothing");
    assertThat(world.told(key)).containsExactly(Kind.INTENT, Kind.RESULT);
  }

  @Test
  void errorOfTheMachine_isAFailureLikeAnother_andLeavesNothingWorking() {
    step.work =
        (input, context) -> {
          throw new NoClassDefFoundError("a/Driver");
        };
    assertThatThrownBy(() -> run(Map.of())).isInstanceOf(StepFailed.class);
    assertThat(world.told(key)).containsExactly(Kind.INTENT, Kind.FAILURE);
    assertThat(world.get(RunningSteps.class).ofRun(run)).isEmpty();
  }

  @Test
  void failure_isWrittenDown_alsoWhenTheEnvironmentCannotBeRead() throws Exception {
    Path file = world.get(Path.class).resolve("test.yml");
    String before = Files.readString(file);
    step.work =
        (input, context) -> {
          throw new IllegalStateException("password=" + StepWorld.PASSWORD);
        };
    try {
      Files.writeString(file, "targets: {database: {type: postgres}}");
      assertThatThrownBy(() -> run(Map.of()))
          .isInstanceOf(StepFailed.class)
          .hasMessageContaining("the environment cannot be read")
          .hasMessageNotContaining(StepWorld.PASSWORD);
    } finally {
      Files.writeString(file, before);
    }
    assertThat(world.told(key)).containsExactly(Kind.INTENT, Kind.FAILURE);
    assertThat(world.get(RunningSteps.class).ofRun(run)).isEmpty();
  }

  @Test
  void invalidInput_namesElementStepInputAndRule_andIsNotRetried() {
    assertThatThrownBy(() -> run(Map.of("weight", "101")))
        .isInstanceOf(StepFailed.class)
        .hasMessageContainingAll("Task_ChangeThings", "changeThings", "weight", "100")
        .satisfies(failure -> assertThat(((StepFailed) failure).isPermanent()).isTrue());
    assertThat(step.effects).hasValue(0);
    assertThat(world.told(key)).isEmpty();
  }

  @Test
  void lostLease_isRefused_andNotRetried() {
    Leases leases = world.get(Leases.class);
    var environment = world.get(Environments.class).load("test");
    String loser = UUID.randomUUID().toString();
    long fence = leases.acquire(environment, List.of("database"), loser, "loser");
    world.run(loser, fence);
    leases.release(loser);

    StepTask task = new StepTask(key, loser, "loser", "instance", "Task_ChangeThings", Map.of());
    assertThatThrownBy(() -> runner.run(step, StepCall.of(task), Cancellation.NONE))
        .hasMessageContainingAll("run of a test", "does not hold its targets", "Task_ChangeThings")
        .satisfies(failure -> assertThat(((StepFailed) failure).isPermanent()).isTrue());
    assertThat(step.effects).hasValue(0);
  }

  @Test
  void eachAttemptOfARunThatHoldsTargets_hasAHigherFence() throws Exception {
    Leases leases = world.get(Leases.class);
    var environment = world.get(Environments.class).load("test");
    String holder = UUID.randomUUID().toString();
    long fence = leases.acquire(environment, List.of("database"), holder, "holder");
    world.run(holder, fence);
    AtomicReference<Long> seen = new AtomicReference<>();
    step.work =
        (input, context) -> {
          seen.set(context.fence());
          return ChangeThings.DONE;
        };
    try {
      runner.run(
          step,
          StepCall.of(
              new StepTask(key, holder, "holder", "instance", "Task_ChangeThings", Map.of())),
          Cancellation.NONE);
    } finally {
      leases.release(holder);
    }
    assertThat(seen.get()).isGreaterThan(fence);
  }

  @Test
  void attemptThatAnotherReplaced_writesNothing() {
    step.work =
        (input, context) -> {
          takeOver();
          assertThatThrownBy(() -> context.save("name", 1))
              .isInstanceOf(CancellationException.class)
              .hasMessageContaining("another attempt took over");
          assertThatThrownBy(() -> context.log("still here"))
              .isInstanceOf(CancellationException.class);
          return ChangeThings.DONE;
        };
    assertThatThrownBy(() -> run(Map.of())).isInstanceOf(CancellationException.class);
    assertThat(world.told(key)).containsExactly(Kind.INTENT);
  }

  @Test
  void failureOfAnAttemptThatAnotherReplaced_isNotWrittenDown() {
    step.work =
        (input, context) -> {
          takeOver();
          throw new IllegalStateException("the router refuses an older fencing number");
        };
    assertThatThrownBy(() -> run(Map.of())).isInstanceOf(CancellationException.class);
    assertThat(world.told(key)).containsExactly(Kind.INTENT);
  }

  private void takeOver() {
    world
        .get(RunningSteps.class)
        .begin(key, "run", "instance", "Task_ChangeThings", "changeThings", "another node");
  }

  @Test
  void resultThatCannotBecomeAVariable_isRefusedBeforeItIsRecorded() {
    step.work =
        (input, context) -> new ChangeThings.Result(Verdict.PASS, "r".repeat(4001), 1, null);
    assertThatThrownBy(() -> run(Map.of()))
        .hasMessageContainingAll("reason", "4001", "4000")
        .hasMessageNotContaining("rrrr");
    assertThat(world.told(key)).containsExactly(Kind.INTENT, Kind.FAILURE);
  }

  // ------------------------------------------------------------------ cancellation

  @Test
  void cancelledWork_isStopped_andSaysSo() {
    CancelSignal signal = new CancelSignal();
    step.work =
        (input, context) -> {
          signal.cancel();
          context.cancellation().throwIfCancelled();
          return ChangeThings.DONE;
        };
    assertThatThrownBy(() -> runner.run(step, StepCall.of(task(key, Map.of())), signal))
        .isInstanceOf(CancellationException.class);
    assertThat(world.told(key)).containsExactly(Kind.INTENT, Kind.STOPPED);
    assertThat(world.get(RunningSteps.class).ofRun(run)).isEmpty();
  }

  @Test
  void workThatWasCancelledBeforeItBegan_isNotBegun() {
    CancelSignal signal = new CancelSignal();
    signal.cancel();
    assertThatThrownBy(() -> runner.run(step, StepCall.of(task(key, Map.of())), signal))
        .isInstanceOf(CancellationException.class);
    assertThat(step.effects).hasValue(0);
  }

  @Test
  void cancellationThatNobodyAskedFor_isAFailure() {
    fail(new CancellationException("a future was cancelled"));
    assertThat(world.told(key)).containsExactly(Kind.INTENT, Kind.FAILURE);
  }

  // ------------------------------------------------------------------ what the context keeps

  @Test
  void checkpoints_areFoundByLaterAttempts_andReplaced() throws Exception {
    step.work =
        (input, context) -> {
          context.save("weight", 10);
          context.save("weight", 25);
          context.save("mode", Mode.RESTORE);
          throw new IllegalStateException("killed");
        };
    assertThatThrownBy(() -> run(Map.of())).isInstanceOf(StepFailed.class);
    step.work =
        (input, context) -> {
          assertThat(context.saved("weight", Integer.class)).contains(25);
          assertThat(context.saved("mode", Mode.class)).contains(Mode.RESTORE);
          assertThat(context.saved("nothing", String.class)).isEmpty();
          return ChangeThings.DONE;
        };
    run(Map.of());

    assertThat(world.told(key).get(world.told(key).size() - 1)).isEqualTo(Kind.RESULT);
  }

  @Test
  void earlierExecutions_areFoundInOrder_withInputResultCheckpointsAndArtifacts() throws Exception {
    step.work =
        (input, context) -> {
          context.save("previous", input.weight() - 1);
          context
              .artifacts()
              .write(context.runId(), "w" + input.weight(), "report", out -> Map.of());
          if (input.weight() == 25) {
            throw new IllegalStateException("killed");
          }
          return ChangeThings.DONE;
        };
    runner.run(step, StepCall.of(task("a" + key, Map.of("weight", 10))), Cancellation.NONE);
    assertThatThrownBy(
            () ->
                runner.run(
                    step, StepCall.of(task("b" + key, Map.of("weight", 25))), Cancellation.NONE))
        .isInstanceOf(StepFailed.class);
    AtomicReference<List<PastStep>> seen = new AtomicReference<>();
    step.work =
        (input, context) -> {
          seen.set(context.started("changeThings"));
          return ChangeThings.DONE;
        };
    run(Map.of());

    assertThat(seen.get()).hasSize(3);
    PastStep done = seen.get().get(0);
    assertThat(done.step()).isEqualTo("changeThings");
    assertThat(done.activityId()).isEqualTo("Task_ChangeThings");
    assertThat(done.input(ChangeThings.Input.class).weight()).isEqualTo(10);
    assertThat(done.input(ChangeThings.Input.class).timeout()).isEqualTo(Duration.ofSeconds(5));
    assertThat(done.result(ChangeThings.Result.class)).contains(ChangeThings.DONE);
    assertThat(done.saved("previous", Integer.class)).contains(9);
    assertThat(done.artifacts()).containsExactly(run + "/w10");
    assertThat(seen.get().get(1).result(ChangeThings.Result.class)).isEmpty();
    assertThat(seen.get().get(1).saved("previous", Integer.class)).contains(24);
  }

  @Test
  void artifactStore_offersAllThatTheStoreOffers() throws Exception {
    step.work =
        (input, context) -> {
          Path directory = context.artifacts().workDirectory(context.runId(), "dump");
          assertThat(directory).isEmptyDirectory();
          assertThat(context.artifacts().freeBytes()).isPositive();
          return ChangeThings.DONE;
        };
    run(Map.of());

    assertThat(world.get(ArtifactStore.class).ofRun(run)).isEmpty();
  }

  @Test
  void samples_areKept() throws Exception {
    Instant at = Instant.parse("2026-01-02T03:04:05Z");
    step.work =
        (input, context) -> {
          context.sample(List.of(new Sample(at, "p95Ms", "candidate", 12.5)));
          return ChangeThings.DONE;
        };
    run(Map.of());

    assertThat(world.get(Samples.class).ofRun(run, 0, 10))
        .singleElement()
        .satisfies(
            sample -> {
              assertThat(sample.at()).isEqualTo(at);
              assertThat(sample.metric()).isEqualTo("p95Ms");
              assertThat(sample.value()).isEqualTo(12.5);
            });
  }

  @Test
  void runThatIsNotInTheBooks_isRefused() {
    StepTask task = new StepTask(key, "nobody", "x", "i", "Task_ChangeThings", new HashMap<>());
    assertThatThrownBy(() -> runner.run(step, StepCall.of(task), Cancellation.NONE)).isNotNull();
    assertThat(step.effects).hasValue(0);
    assertThat(world.get(RunRecords.class).find("nobody")).isEmpty();
  }

  private void fail(Exception failure) {
    step.work =
        (input, context) -> {
          throw failure;
        };
    assertThatThrownBy(() -> run(Map.of())).isInstanceOf(StepFailed.class);
  }

  private Map<String, Object> run(Map<String, Object> inputs) throws Exception {
    return runner.run(step, StepCall.of(task(key, inputs)), Cancellation.NONE).variables();
  }

  private StepCall completing(Consumer<Map<String, Object>> complete) {
    return new StepCall(key, "Task_ChangeThings", () -> task(key, Map.of()), () -> {}, complete);
  }

  private StepTask task(String stepKey, Map<String, Object> inputs) {
    return new StepTask(stepKey, run, "run of a test", "instance", "Task_ChangeThings", inputs);
  }

  private static String mask() {
    return io.belay.target.Secret.MASK;
  }
}
