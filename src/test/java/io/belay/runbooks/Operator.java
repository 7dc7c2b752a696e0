package io.belay.runbooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.belay.engine.control.RunActivities;
import io.belay.engine.control.RunActivities.OpenTask;
import io.belay.engine.control.RunControl;
import io.belay.playground.PlaygroundRunbook;
import io.belay.run.RunStatus;
import io.belay.run.RunView;
import io.belay.run.Runs;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.camunda.bpm.engine.RuntimeService;
import org.camunda.bpm.engine.runtime.Execution;
import org.springframework.boot.test.context.TestComponent;

/** Does what the people around a run do, in a test. */
@TestComponent
public class Operator {

  private static final Duration PATIENCE = Duration.ofMinutes(6);

  private final RunControl control;
  private final Runs runs;
  private final RunActivities activities;
  private final RuntimeService runtime;
  private final Map<String, Map<String, Object>> answers = new ConcurrentHashMap<>();

  Operator(RunControl control, Runs runs, RunActivities activities, RuntimeService runtime) {
    this.control = control;
    this.runs = runs;
    this.activities = activities;
    this.runtime = runtime;
  }

  /** Starts a run in the playground. */
  public String start(PlaygroundRunbook runbook, Map<String, Object> parameters) {
    return control.start(runbook.key(), null, parameters, "operator");
  }

  /**
   * After a failed test: deletes its run, as an administrator could, so that the next can start.
   */
  public void deleteWhatStillRuns() {
    runs.list(10, 0).stream()
        .filter(view -> !view.hasEnded())
        .forEach(view -> runtime.deleteProcessInstance(view.id(), "left behind by a test"));
  }

  /** Ids of the newest runs. */
  public List<String> runs() {
    return runs.list(3, 0).stream().map(RunView::id).toList();
  }

  /** From now on people answer this there, instead of what they say when all is well. */
  public void answer(String activityId, Map<String, Object> answer) {
    answers.put(activityId, answer);
  }

  /** Forgets the answers that a test gave. */
  public void clear() {
    answers.clear();
  }

  public RunView view(String run) {
    return runs.find(run).orElseThrow();
  }

  public RunStatus status(String run) {
    return runs.status(run).orElseThrow();
  }

  /** Waits for the task, without answering it; answers those before it. */
  public OpenTask awaitTask(String run, String activityId) {
    return await(activityId)
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(150))
        .until(() -> step(run, Set.of(activityId)), Optional::isPresent)
        .orElseThrow();
  }

  /** Waits, answering all tasks, until the run waits at that activity. */
  public void awaitActivity(String run, String activityId) {
    await(activityId)
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(150))
        .until(
            () -> {
              step(run, Set.of());
              return runtime.createExecutionQuery().activityId(activityId).list().stream()
                  .map(Execution::getProcessInstanceId)
                  .anyMatch(phase -> isPartOf(run, phase));
            });
  }

  private boolean isPartOf(String run, String phase) {
    return runtime
            .createProcessInstanceQuery()
            .rootProcessInstanceId(run)
            .processInstanceIds(Set.of(phase))
            .count()
        > 0;
  }

  /** Answers every task until the run is in that state. */
  public RunView awaitStatus(String run, RunStatus wanted) {
    await(wanted.name())
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(150))
        .until(
            () -> {
              RunStatus status = status(run);
              if (status == wanted) {
                return true;
              }
              assertThat(status.isFinal() || status == RunStatus.INCIDENT)
                  .as(() -> "%s instead of %s: %s".formatted(status, wanted, view(run)))
                  .isFalse();
              step(run, Set.of());
              return false;
            });
    return view(run);
  }

  /** Aborts, at once or as soon as a phase can be aborted. */
  public void abort(String run, String reason) {
    await("abort")
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(100))
        .ignoreException(RunControl.NotPossible.class)
        .until(
            () -> {
              control.abort(run, reason, "operator");
              return true;
            });
  }

  /** Answers the tasks that are open now. */
  public void answerAll(String run) {
    step(run, Set.of());
  }

  private Optional<OpenTask> step(String run, Set<String> leave) {
    for (OpenTask task : activities.tasks(run)) {
      if (leave.contains(task.activityId())) {
        return Optional.of(task);
      }
      String who = task.groups().contains("approver") ? "approver" : "operator";
      try {
        control.complete(task.id(), answerTo(run, task.activityId()), who);
      } catch (RunControl.NotPossible gone) {
        // It expired or was answered at this moment.
      }
    }
    return Optional.empty();
  }

  private Map<String, Object> answerTo(String run, String activityId) {
    Map<String, Object> given = answers.get(activityId);
    return given != null ? given : PlaygroundRunbook.of(view(run).runbook()).answer(activityId);
  }
}
