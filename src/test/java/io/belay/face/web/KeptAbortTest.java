package io.belay.face.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.belay.journal.Journal;
import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.camunda.bpm.engine.ManagementService;
import org.camunda.bpm.engine.RuntimeService;
import org.camunda.bpm.engine.impl.cfg.ProcessEngineConfigurationImpl;
import org.camunda.bpm.engine.runtime.Job;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/**
 * An abort is never refused for its timing: between two phases it is kept. The engine's jobs stand
 * still, so that the test decides when the run moves on.
 */
@WebTest
class KeptAbortTest {

  @Autowired Caller caller;
  @Autowired Journal journal;
  @Autowired RuntimeService runtime;
  @Autowired ManagementService management;
  @Autowired ProcessEngineConfigurationImpl engine;

  private String run;

  @BeforeEach
  void standStill() {
    engine.getJobExecutor().shutdown();
  }

  @AfterEach
  void goOn() {
    engine.getJobExecutor().start();
    caller.end(run);
  }

  /** Runs the job that waits before that activity. */
  private void pass(String run, String activity) {
    Job waiting =
        await()
            .atMost(Duration.ofSeconds(20))
            .until(
                () ->
                    runtime.createProcessInstanceQuery().rootProcessInstanceId(run).list().stream()
                        .flatMap(
                            instance ->
                                management
                                    .createJobQuery()
                                    .processInstanceId(instance.getId())
                                    .messages()
                                    .list()
                                    .stream())
                        .filter(job -> activity.equals(activity(job)))
                        .findFirst()
                        .orElse(null),
                job -> job != null);
    management.executeJob(waiting.getId());
  }

  private String activity(Job job) {
    return job.getJobDefinitionId() == null
        ? null
        : management
            .createJobDefinitionQuery()
            .jobDefinitionId(job.getJobDefinitionId())
            .singleResult()
            .getActivityId();
  }

  private String startUntilBetweenPhases(String parameters) {
    run = caller.start(parameters);
    pass(run, "Phase_Counting");
    pass(run, "Decide_Counting");
    return run;
  }

  private int abort(String run, String reason) {
    return caller
        .post("olga", "/api/runs/" + run + "/abort", "{\"reason\":\"%s\"}".formatted(reason))
        .status();
  }

  private List<JournalEntry> requests(String run) {
    return journal.entries(run, Kind.ABORT_REQUESTED);
  }

  @Test
  void abortBetweenTwoPhases_isTakenByTheNext() {
    run = startUntilBetweenPhases("");
    assertThat(abort(run, "wrong day")).isEqualTo(200);
    assertThat(abort(run, "wrong day, really")).isEqualTo(409);
    assertThat(requests(run)).hasSize(1);
    assertSecondIsRefused();
    engine.getJobExecutor().start();

    assertThat(caller.awaitStatus(run, "ROLLED_BACK").path("reason").asText())
        .isEqualTo("aborted by olga: wrong day");
    assertThat(journal.entries(run, Kind.ABORT_TAKEN)).hasSize(1);
    assertThat(journal.entries(run, Kind.ABORT_TAKEN).get(0).actor()).isEqualTo("olga");
    assertThat(abort(run, "once more")).isEqualTo(409);
    assertThat(requests(run)).hasSize(1);
    assertThat(journal.entries(run, Kind.ABORT_REFUSED))
        .hasSize(2)
        .last()
        .satisfies(
            refusal -> {
              assertThat(refusal.actor()).isEqualTo("olga");
              assertThat(refusal.text()).contains("it has ended", "wanted: once more");
            });
  }

  private void assertSecondIsRefused() {
    assertThat(journal.entries(run, Kind.ABORT_REFUSED))
        .singleElement()
        .satisfies(
            refusal -> {
              assertThat(refusal.actor()).isEqualTo("olga");
              assertThat(refusal.text()).contains("waits already", "wanted: wrong day, really");
            });
  }

  @Test
  void abortBeforeTheFirstPhase_isTakenByIt() {
    run = caller.start("");
    assertThat(abort(run, "too early")).isEqualTo(200);
    engine.getJobExecutor().start();

    assertThat(caller.awaitStatus(run, "ROLLED_BACK").path("reason").asText())
        .isEqualTo("aborted by olga: too early");
  }

  /** The phase has begun, and its job that takes the abort has not. */
  @Test
  void abortThatComesWhileAnotherIsTaken_leavesNoneWithoutItsAnswer() {
    run = startUntilBetweenPhases("");
    assertThat(abort(run, "wrong day")).isEqualTo(200);
    pass(run, "Phase_Deciding");
    assertThat(abort(run, "wrong day, really")).isEqualTo(409);
    assertSecondIsRefused();
    engine.getJobExecutor().start();

    assertThat(caller.awaitStatus(run, "ROLLED_BACK").path("reason").asText())
        .isEqualTo("aborted by olga: wrong day");
    assertThat(requests(run)).hasSize(1);
    assertThat(journal.entries(run, Kind.ABORT_TAKEN)).hasSize(1);
  }

  @Test
  void abortsAtTheSameMoment_leaveAnEntryForEachThatWasTaken_andNoOther() {
    run = caller.start("\"pause\":\"PT5S\"");
    pass(run, "Phase_Counting");
    long taken =
        IntStream.range(0, 6)
            .mapToObj(i -> CompletableFuture.supplyAsync(() -> abort(run, "person " + i)))
            .toList()
            .stream()
            .filter(answer -> answer.join() == 200)
            .count();
    engine.getJobExecutor().start();

    caller.awaitStatus(run, "ROLLED_BACK");
    assertThat(taken).isEqualTo(1);
    assertThat(requests(run)).hasSize(1);
  }

  @Test
  void abortWhenTheGateHasSaidNo_isRefused_andTheJournalHasTheRefusal() {
    run = startUntilBetweenPhases("\"count\":501,\"pause\":\"PT0S\"");
    assertThat(abort(run, "too late")).isEqualTo(409);
    assertThat(requests(run)).isEmpty();
    engine.getJobExecutor().start();

    caller.awaitStatus(run, "ROLLED_BACK");
    assertThat(requests(run)).isEmpty();
    assertThat(journal.entries(run, Kind.ABORT_REFUSED))
        .singleElement()
        .satisfies(refusal -> assertThat(refusal.text()).contains("wanted: too late"));
  }
}
