package io.belay.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import io.belay.journal.RunningSteps;
import io.belay.step.StepWorld.ChangeThings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.core.ConditionFactory;
import org.camunda.bpm.engine.OptimisticLockingException;
import org.camunda.bpm.engine.externaltask.ExternalTask;
import org.camunda.bpm.model.bpmn.Bpmn;
import org.camunda.bpm.model.bpmn.BpmnModelInstance;
import org.camunda.bpm.model.bpmn.builder.ServiceTaskBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Steps in a real engine: in its own job, and as external tasks that the worker fetches. */
class StepInEngineTest {

  private static StepWorld world;

  private ChangeThings step;

  @BeforeAll
  static void start() {
    world = new StepWorld();
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

  private static ServiceTaskBuilder task(boolean inJob) {
    ServiceTaskBuilder task =
        Bpmn.createExecutableProcess("model")
            .startEvent()
            .camundaAsyncAfter()
            .serviceTask("Task_Change");
    return inJob
        ? task.camundaAsyncBefore().camundaDelegateExpression("${changeThings}")
        : task.camundaExternalTask("changeThings");
  }

  private static ConditionFactory soon() {
    return await().atMost(Duration.ofSeconds(40)).pollInterval(Duration.ofMillis(50));
  }

  // ------------------------------------------------------------------ both ways

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void step_getsWhatTheModelHandsOver_andItsResultStaysLocal(boolean inJob) {
    AtomicReference<ChangeThings.Input> seen = new AtomicReference<>();
    step.work =
        (input, context) -> {
          seen.set(input);
          return ChangeThings.DONE;
        };
    BpmnModelInstance model =
        task(inJob)
            .camundaInputParameter("weight", "${share}")
            .camundaOutputParameter("changedThings", "${changed}")
            .userTask("Task_Look")
            .endEvent()
            .done();
    // 'things' is a variable of the phase that happens to have the name of an input.
    String run = world.start(model, Map.of("share", 25, "things", "of the phase"));

    soon().until(() -> isAt(run, "Task_Look"));
    assertThat(seen.get().weight()).isEqualTo(25);
    assertThat(seen.get().things()).isEqualTo("all");
    var runtime = world.engine().getRuntimeService();
    assertThat(runtime.getVariable(run, "changedThings")).isEqualTo(3L);
    assertThat(runtime.getVariable(run, "verdict")).isNull();
    assertThat(step.effects).hasValue(1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void modelOfAnEarlierVersion_findsAStepByItsFormerName(boolean inJob) {
    ServiceTaskBuilder task =
        Bpmn.createExecutableProcess("model")
            .startEvent()
            .camundaAsyncAfter()
            .serviceTask("Task_Change");
    ServiceTaskBuilder asItWas =
        inJob
            ? task.camundaAsyncBefore().camundaDelegateExpression("${alterThings}")
            : task.camundaExternalTask("alterThings");
    String run = world.start(asItWas.endEvent().done());

    soon().until(() -> world.hasEnded(run));
    assertThat(step.effects).hasValue(1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void failingStep_isTriedAgainUnderTheSameKey_thenAnIncident(boolean inJob) {
    List<String> keys = new CopyOnWriteArrayList<>();
    List<Integer> attempts = new CopyOnWriteArrayList<>();
    step.work =
        (input, context) -> {
          keys.add(context.stepKey());
          attempts.add(context.attempt());
          throw new IllegalStateException("out of order");
        };
    String run = world.start(task(inJob).endEvent().done());

    soon().until(() -> incidents(run) == 1);
    assertThat(attempts).containsExactly(1, 2, 3);
    assertThat(keys).hasSize(3).containsOnly(keys.get(0));
    assertThat(
            world
                .engine()
                .getRuntimeService()
                .createIncidentQuery()
                .processInstanceId(run)
                .singleResult()
                .getIncidentMessage())
        .contains("out of order", "Task_Change", "attempt 3");
    assertThat(world.get(RunningSteps.class).ofRun(run)).isEmpty();
  }

  @Test
  void stepThatTakesLongerThanAJobMay_isStopped_andTriedAgain() {
    AtomicInteger attempts = new AtomicInteger();
    step.work =
        (input, context) -> {
          if (attempts.incrementAndGet() == 1) {
            await().atMost(Duration.ofSeconds(40)).until(context.cancellation()::isCancelled);
            context.cancellation().throwIfCancelled();
          }
          return ChangeThings.DONE;
        };
    String run = world.start(task(true).userTask("Task_Look").endEvent().done());

    soon().until(() -> isAt(run, "Task_Look"));
    assertThat(kinds(run)).containsExactly(Kind.INTENT, Kind.STOPPED, Kind.INTENT, Kind.RESULT);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void invalidInput_isAnIncidentAtOnce(boolean inJob) {
    String run = world.start(task(inJob).camundaInputParameter("weight", "1000").endEvent().done());

    soon().until(() -> incidents(run) == 1);
    assertThat(step.effects).hasValue(0);
    assertThat(world.entries(run)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void stepThatCrashesAfterItsEffect_reportsTheRecordedResult_withoutASecondOne(boolean inJob) {
    BpmnModelInstance model =
        task(inJob)
            .camundaOutputParameter("broken", "${firstTime == 'no' ? changed : missing}")
            .userTask("Task_Look")
            .endEvent()
            .done();
    // The output mapping fails after the step: the engine rolls back, the journal knows the result.
    String run = world.start(model, Map.of("firstTime", "yes"));
    soon().until(() -> step.effects.get() == 1 && incidents(run) == 1);
    world.engine().getRuntimeService().setVariable(run, "firstTime", "no");
    retry(run);

    soon().until(() -> isAt(run, "Task_Look"));
    assertThat(step.effects).hasValue(1);
    assertThat(kinds(run)).containsExactly(Kind.INTENT, Kind.RESULT);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void businessStop_isCaughtByTheModel_withItsReason(boolean inJob) {
    step.work =
        (input, context) -> {
          throw new BusinessStop("the backup is broken");
        };
    BpmnModelInstance model =
        task(inJob)
            .boundaryEvent("Stopped")
            .error("STOP")
            .userTask("Task_Stopped")
            .endEvent()
            .moveToActivity("Task_Change")
            .endEvent()
            .done();
    String run = world.start(model);

    soon().until(() -> isAt(run, "Task_Stopped"));
    assertThat(world.engine().getRuntimeService().getVariable(run, "reason"))
        .isEqualTo("the backup is broken");
    assertThat(step.effects).hasValue(1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void businessStopThatNobodyCatches_doesNotEndTheRunSilently(boolean inJob) {
    step.work =
        (input, context) -> {
          throw new BusinessStop("the backup is broken");
        };
    String run = world.start(task(inJob).endEvent().done());

    soon().until(() -> incidents(run) == 1);
    assertThat(world.hasEnded(run)).isFalse();
    assertThat(step.effects).hasValue(1);
  }

  // ------------------------------------------------------------------ in the job

  @Test
  void stepOutsideAJob_isRefused() {
    BpmnModelInstance model =
        Bpmn.createExecutableProcess("model")
            .startEvent()
            .serviceTask("Task_Change")
            .camundaDelegateExpression("${changeThings}")
            .endEvent()
            .done();
    assertThatThrownBy(() -> world.start(model))
        .hasStackTraceContaining("Task_Change runs outside a job: set asyncBefore");
    assertThat(step.effects).hasValue(0);
  }

  // ------------------------------------------------------------------ by the worker

  @Test
  void lockOfALongStep_isRenewed_soItIsNotDoneTwice() {
    CountDownLatch never = new CountDownLatch(1);
    step.work =
        (input, context) -> {
          never.await(3, TimeUnit.SECONDS); // three times the lock
          return ChangeThings.DONE;
        };
    String run = world.start(task(false).endEvent().done());

    soon().until(() -> world.hasEnded(run));
    assertThat(step.effects).hasValue(1);
    assertThat(kinds(run)).containsExactly(Kind.INTENT, Kind.RESULT);
  }

  @Test
  void stepWhoseTaskIsGone_isCancelled() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch cancelled = new CountDownLatch(1);
    step.work =
        (input, context) -> {
          context.cancellation().onCancel(cancelled::countDown);
          begun.countDown();
          cancelled.await(30, TimeUnit.SECONDS);
          context.cancellation().throwIfCancelled();
          return ChangeThings.DONE;
        };
    String run = world.start(task(false).endEvent().done());
    assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
    world.engine().getRuntimeService().deleteProcessInstance(run, "no longer wanted");

    assertThat(cancelled.await(30, TimeUnit.SECONDS)).isTrue();
    soon().until(() -> kinds(run).contains(Kind.STOPPED));
    assertThat(world.get(RunningSteps.class).ofRun(run)).isEmpty();
  }

  @Test
  void stoppedNode_givesItsStepsBack_andTheNextGoesOn() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    step.work =
        (input, context) -> {
          if (context.attempt() > 1) {
            return ChangeThings.DONE;
          }
          CountDownLatch cancelled = new CountDownLatch(1);
          context.cancellation().onCancel(cancelled::countDown);
          begun.countDown();
          cancelled.await();
          context.cancellation().throwIfCancelled();
          return ChangeThings.DONE;
        };
    String run = world.start(task(false).endEvent().done());
    assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
    StepWorker worker = world.get(StepWorker.class);
    worker.stop();
    try {
      ExternalTask task =
          world
              .engine()
              .getExternalTaskService()
              .createExternalTaskQuery()
              .processInstanceId(run)
              .singleResult();
      assertThat(task.getWorkerId()).isNull();
      assertThat(task.getRetries()).isNull();
      assertThat(kinds(run)).containsExactly(Kind.INTENT, Kind.STOPPED);
    } finally {
      worker.start();
    }
    soon().until(() -> world.hasEnded(run));
    assertThat(kinds(run)).endsWith(Kind.INTENT, Kind.RESULT);
  }

  @Test
  void manySteps_areAllDoneOnce() {
    List<String> runs = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      runs.add(world.start(task(i % 2 == 0).endEvent().done()));
    }
    soon().until(() -> runs.stream().allMatch(world::hasEnded));
    assertThat(step.effects).hasValue(20);
  }

  // ------------------------------------------------------------------ the way out

  @Test
  void stepOfAPartThatDoesNotStop_isNamed_andNothingIsTakenBackBefore() throws Exception {
    RunningSteps running = world.get(RunningSteps.class);
    String run = UUID.randomUUID().toString();
    FakeStepContext context = new FakeStepContext(Map.of()).runId(run);
    running.begin("stuck", run, "part of the phase", "Task_Change", "changeThings", "node-1");
    running.begin(context.stepKey(), run, "phase", "Task_Await", "awaitStepsStopped", "node-2");
    AtomicInteger beats = new AtomicInteger();
    Thread living =
        new Thread(
            () -> {
              while (beats.incrementAndGet() < 1000) {
                running.beat("node-1", key -> true);
                LockSupport.parkNanos(20_000_000);
              }
            });
    living.start();
    try {
      assertThatThrownBy(
              () ->
                  new AwaitStepsStopped(running, Duration.ofMillis(600))
                      .perform(new AwaitStepsStopped.Input(), context))
          .hasMessageContaining("Task_Change (changeThings) still works on node node-1")
          .hasMessageContaining("nothing is taken back before it has ended");
    } finally {
      beats.set(1000);
      living.join();
      running.end("stuck");
      running.end(context.stepKey());
    }
  }

  @Test
  void abort_waitsUntilTheStepHasStopped() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch cancelled = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    step.work =
        (input, context) -> {
          context.cancellation().onCancel(cancelled::countDown);
          begun.countDown();
          release.await(60, TimeUnit.SECONDS); // in the middle of something
          context.cancellation().throwIfCancelled();
          return ChangeThings.DONE;
        };
    var process = Bpmn.createExecutableProcess("model");
    BpmnModelInstance model =
        process
            .startEvent()
            .serviceTask("Task_Change")
            .camundaExternalTask("changeThings")
            .endEvent()
            .done();
    process
        .eventSubProcess("OnAbort")
        .startEvent("Start_OnAbort")
        .interrupting(true)
        .message("Abort")
        .serviceTask("Task_Await")
        .camundaExternalTask("awaitStepsStopped")
        .endEvent("End_Aborted");
    String run = world.start(model);
    assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
    soon()
        .ignoreException(OptimisticLockingException.class) // with a heartbeat
        .untilAsserted(
            () ->
                world
                    .engine()
                    .getRuntimeService()
                    .createMessageCorrelation("Abort")
                    .processInstanceId(run)
                    .correlate());

    RunningSteps running = world.get(RunningSteps.class);
    soon()
        .until(
            () ->
                running.ofRun(run).stream()
                    .anyMatch(
                        waiting ->
                            waiting.step().equals("awaitStepsStopped")
                                && "waiting for Task_Change".equals(waiting.message())));
    assertThat(cancelled.await(30, TimeUnit.SECONDS)).isTrue();
    assertThat(world.hasEnded(run)).isFalse();
    release.countDown();

    soon().until(() -> world.hasEnded(run));
    List<JournalEntry> told = world.entries(run);
    assertThat(told)
        .extracting(JournalEntry::kind, JournalEntry::step)
        .containsSubsequence(
            org.assertj.core.groups.Tuple.tuple(Kind.STOPPED, "changeThings"),
            org.assertj.core.groups.Tuple.tuple(Kind.RESULT, "awaitStepsStopped"));
    assertThat(told.get(told.size() - 1).payload().path("stopped").asInt()).isEqualTo(1);
  }

  // ------------------------------------------------------------------

  private static List<Kind> kinds(String run) {
    return world.entries(run).stream().map(JournalEntry::kind).toList();
  }

  private static boolean isAt(String run, String task) {
    return world
            .engine()
            .getTaskService()
            .createTaskQuery()
            .processInstanceId(run)
            .taskDefinitionKey(task)
            .count()
        == 1;
  }

  private static long incidents(String run) {
    return world.engine().getRuntimeService().createIncidentQuery().processInstanceId(run).count();
  }

  private static void retry(String run) {
    var engine = world.engine();
    engine
        .getManagementService()
        .createJobQuery()
        .processInstanceId(run)
        .list()
        .forEach(job -> engine.getManagementService().setJobRetries(job.getId(), 1));
    engine
        .getExternalTaskService()
        .createExternalTaskQuery()
        .processInstanceId(run)
        .list()
        .forEach(task -> engine.getExternalTaskService().setRetries(task.getId(), 1));
  }
}
