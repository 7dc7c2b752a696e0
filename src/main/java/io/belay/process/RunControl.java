package io.belay.process;

import io.belay.journal.Journal;
import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import io.belay.journal.RunRecords;
import io.belay.journal.RunRecords.State;
import io.belay.process.FailedSteps.Failed;
import io.belay.step.RunTargets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.camunda.bpm.engine.RuntimeService;
import org.camunda.bpm.engine.TaskService;
import org.camunda.bpm.engine.runtime.EventSubscription;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** What a person can do to a run. Each act is done, and written down, in that person's name. */
@Component
public class RunControl {

  /** The act is not possible in the run's present state; the message says which that is. */
  public static class NotPossible extends RuntimeException {
    public NotPossible(String message) {
      super(message);
    }
  }

  /** The rules do not let this person do this; nothing was changed. */
  public static class NotAllowed extends RuntimeException {
    public NotAllowed(String message) {
      super(message);
    }
  }

  static final String ABORT = "Abort";
  private static final String RESUME = "Resume";

  private final RuntimeService runtime;
  private final TaskService tasks;
  private final FailedSteps steps;
  private final ActingUser acting;
  private final TaskForms forms;
  private final Runbooks runbooks;
  private final RunTargets targets;
  private final Journal journal;
  private final RunRecords runs;
  private final KeptAborts aborts;
  private final AbortablePhases abortable;
  private final TransactionTemplate transaction;

  RunControl(
      RuntimeService runtime,
      TaskService tasks,
      FailedSteps steps,
      ActingUser acting,
      TaskForms forms,
      Runbooks runbooks,
      RunTargets targets,
      Journal journal,
      RunRecords runs,
      KeptAborts aborts,
      AbortablePhases abortable,
      PlatformTransactionManager transactions) {
    this.runtime = runtime;
    this.tasks = tasks;
    this.steps = steps;
    this.acting = acting;
    this.forms = forms;
    this.runbooks = runbooks;
    this.targets = targets;
    this.journal = journal;
    this.runs = runs;
    this.aborts = aborts;
    this.abortable = abortable;
    this.transaction = new TransactionTemplate(transactions);
  }

  /**
   * Starts a run.
   *
   * @param name may be null: then one is made
   * @return id of the run
   * @throws RunRefused when any parameter or the environment is wrong, or a target is held
   */
  public String start(String runbook, String name, Map<String, Object> values, String user) {
    // The engine checks them again, but could not even be given what is no single value.
    runbooks.parameters(runbook).ifPresent(declared -> declared.validate(values));
    return acting.as(
        user,
        () -> runtime.startProcessInstanceByKey(runbook, name, values).getProcessInstanceId());
  }

  /**
   * Aborts the phase that runs or waits; the run then goes down the ladder. Between two phases the
   * abort is kept, and the next phase takes it; a second one is then the same as the first.
   *
   * @throws NotPossible when no phase can be aborted any more: the run has ended, rolls back
   *     already, or is past the point of no return. Nothing was written down
   */
  public void abort(String runId, String reason, String user) {
    together(
        user,
        () -> {
          State state = runs.lock(runId).orElseThrow(() -> new NotPossible("there is no such run"));
          Optional<EventSubscription> waiting = waitingFor(ABORT, runId);
          if (waiting.isEmpty() && (state != State.RUNNING || !abortable.isAhead(runId))) {
            throw new NotPossible(
                "no phase of this run can be aborted any more: it has ended, is rolling back"
                    + " already, or is past the point of no return");
          }
          if (waiting.isPresent()) {
            tell(
                waiting.get(),
                JournalEntry.of(runId, Kind.ABORT_REQUESTED, reason).by(user),
                Map.of("reason", KeptAborts.reason(user, reason)));
          } else if (aborts.of(runId).isEmpty()) {
            aborts.keep(runId, reason, user);
          }
          return null;
        });
  }

  /** Whether a phase of the run waits to be told to go on. */
  public boolean isPaused(String runId) {
    return waitingFor(RESUME, runId).isPresent();
  }

  /**
   * Lets a phase go on that waits for that.
   *
   * @throws NotPossible when none does
   */
  public void resume(String runId, String user) {
    together(
        user,
        () -> {
          EventSubscription waiting =
              waitingFor(RESUME, runId)
                  .orElseThrow(() -> new NotPossible("no phase of this run waits to be resumed"));
          tell(waiting, JournalEntry.of(runId, Kind.RESUME_REQUESTED, "resume").by(user), Map.of());
          return null;
        });
  }

  private Optional<EventSubscription> waitingFor(String message, String runId) {
    return phases(runId).stream()
        .flatMap(
            instance ->
                runtime
                    .createEventSubscriptionQuery()
                    .processInstanceId(instance)
                    .eventType("message")
                    .eventName(message)
                    .list()
                    .stream())
        .findFirst();
  }

  /** What is written down and what the engine does: both or neither. */
  private <T> T together(String user, Supplier<T> act) {
    return acting.as(user, () -> transaction.execute(status -> act.get()));
  }

  private void tell(EventSubscription waiting, JournalEntry entry, Map<String, Object> variables) {
    journal.append(entry.at(waiting.getProcessInstanceId(), null));
    runtime
        .createMessageCorrelation(waiting.getEventName())
        .processInstanceId(waiting.getProcessInstanceId())
        .setVariables(variables)
        .correlate();
  }

  /**
   * Tries what failed again.
   *
   * @return how many steps are tried again
   * @throws NotPossible when nothing of the run has failed
   */
  public int retry(String runId, String user) {
    Failed failed = steps.of(runId);
    if (failed.count() == 0) {
      throw new NotPossible("nothing of this run waits for a retry");
    }
    journal.append(JournalEntry.of(runId, Kind.RETRY_REQUESTED, "retry").by(user));
    acting.as(
        user,
        () -> {
          steps.retry(failed);
          return null;
        });
    return failed.count();
  }

  /**
   * Takes the failed step over: Belay will not run it, the run goes on as if it had ended, without
   * results. A gate that misses a result does not pass.
   *
   * @throws NotPossible when that activity has no failed step
   */
  public void skip(String runId, String activityId, String reason, String user) {
    FailedSteps.Execution failed =
        steps
            .of(runId)
            .of(activityId)
            .orElseThrow(
                () ->
                    new NotPossible(
                        "no step '%s' of this run has failed; only a failed step can be taken over"
                            .formatted(activityId)));
    journal.append(
        JournalEntry.of(runId, Kind.SKIP_REQUESTED, reason)
            .at(failed.instanceId(), activityId)
            .ofStep(steps.stepOf(failed, activityId), failed.key())
            .by(user));
    retry(runId, user);
  }

  /**
   * The system that a step found and refused under a target's name is the target from now on: it
   * was moved on purpose. Retry the steps that failed for it afterwards.
   *
   * @throws NotPossible when no other system was refused since the target was last as known
   */
  public void acceptTarget(String runId, String target, String reason, String user) {
    if (targets.accept(runId, target, reason, user).isEmpty()) {
      throw new NotPossible(
          "no step of this run was refused for target '%s'; there is nothing to accept"
              .formatted(target));
    }
  }

  /**
   * Completes a user task; the rules of the task (four eyes, required fields) apply.
   *
   * @throws AnswerRefused when a field is missing or wrong, or that person must not decide it
   * @throws NotAllowed when that person's groups do not allow it
   * @throws NotPossible when it is not open any more
   */
  public void complete(String taskId, Map<String, Object> values, String user) {
    acting.as(
        user,
        () -> {
          if (tasks.createTaskQuery().taskId(taskId).count() == 0) {
            throw new NotPossible("task '%s' is not open, or not for %s".formatted(taskId, user));
          }
          forms.of(taskId).requireKnown(values);
          tasks.complete(taskId, values);
          return null;
        });
  }

  private List<String> phases(String runId) {
    return runtime.createProcessInstanceQuery().rootProcessInstanceId(runId).list().stream()
        .map(instance -> instance.getProcessInstanceId())
        .toList();
  }
}
