package io.belay.engine.control;

import io.belay.engine.control.FailedSteps.Failed;
import io.belay.engine.law.AnswerRefused;
import io.belay.engine.law.KeptAborts;
import io.belay.journal.Journal;
import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import io.belay.journal.RunRecords;
import io.belay.journal.RunRecords.State;
import io.belay.model.Refusal.Problem;
import io.belay.model.RunRefused;
import io.belay.model.Runbooks;
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

/** What a person can do to a run. Each act is done and journaled in that person's name. */
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

  private static final int LONGEST_KEY = 255;

  public static final String ABORT = "Abort";
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
  private final StartRequests requests;
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
      StartRequests requests,
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
    this.requests = requests;
    this.transaction = new TransactionTemplate(transactions);
  }

  /**
   * Starts a run.
   *
   * @param name null to have one generated
   * @return id of the run
   * @throws RunRefused when any parameter or the environment is wrong, or a target is held
   */
  public String start(String runbook, String name, Map<String, Object> values, String user) {
    // The engine checks them again, but cannot be given a value that is not scalar.
    runbooks.parameters(runbook).ifPresent(declared -> declared.validate(values));
    return acting.as(user, () -> instance(runbook, name, values));
  }

  /**
   * Starts a run once, however often the same person asks with the same key.
   *
   * @return id of the run, also of one that an earlier request started
   * @throws NotPossible when the key was used for another start
   * @see #start
   */
  public String startOnce(
      String key, String runbook, String name, Map<String, Object> values, String user) {
    if (key.isBlank() || key.length() > LONGEST_KEY) {
      throw new RunRefused(
          List.of(
              new Problem(
                  "Idempotency-Key", "must have 1 to %d characters".formatted(LONGEST_KEY))));
    }
    runbooks.parameters(runbook).ifPresent(declared -> declared.validate(values));
    return acting.as(
        user,
        () ->
            requests.once(user, key, runbook, name, values, () -> instance(runbook, name, values)));
  }

  private String instance(String runbook, String name, Map<String, Object> values) {
    return runtime.startProcessInstanceByKey(runbook, name, values).getProcessInstanceId();
  }

  /**
   * Aborts the phase that runs or waits; the run then goes down the ladder. Between two phases the
   * abort is kept, and the next phase takes it.
   *
   * @throws NotPossible when an abort is kept already, or no phase can be aborted any more: the run
   *     has ended, is already rolling back, or is past the point of no return. The refusal is
   *     journaled
   */
  public void abort(String runId, String reason, String user) {
    try {
      takeAbort(runId, reason, user);
    } catch (NotPossible refusal) {
      runs.find(runId)
          .ifPresent(
              run ->
                  journal.append(
                      JournalEntry.of(
                              runId,
                              Kind.ABORT_REFUSED,
                              "%s (wanted: %s)".formatted(refusal.getMessage(), reason))
                          .by(user)));
      throw refusal;
    }
  }

  private void takeAbort(String runId, String reason, String user) {
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
          aborts
              .of(runId)
              .ifPresent(
                  kept -> {
                    throw new NotPossible(
                        "an abort by %s waits already; the phase that comes next takes it"
                            .formatted(kept.actor()));
                  });
          if (waiting.isPresent()) {
            tell(
                waiting.get(),
                JournalEntry.of(runId, Kind.ABORT_REQUESTED, reason).by(user),
                Map.of("reason", KeptAborts.reason(user, reason)));
          } else {
            aborts.keep(runId, reason, user);
          }
          return null;
        });
  }

  /** Whether a phase of the run waits to be resumed. */
  public boolean isPaused(String runId) {
    return waitingFor(RESUME, runId).isPresent();
  }

  /**
   * Resumes the phase that waits for it.
   *
   * @throws NotPossible when no phase waits
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

  /** Commits the journal entry and the engine's change together, or neither. */
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
   * Retries the failed steps.
   *
   * @return number of steps that are retried
   * @throws NotPossible when no step of the run has failed
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
   * Overrides a failed step: a person did its work by hand. Belay does not run it, and the run
   * continues without its results. A gate that lacks a result does not pass.
   *
   * @throws NotPossible when that activity has no failed step
   */
  public void override(String runId, String activityId, String reason, String user) {
    FailedSteps.Execution failed =
        steps
            .of(runId)
            .of(activityId)
            .orElseThrow(
                () ->
                    new NotPossible(
                        "no step '%s' of this run has failed; only a failed step can be overridden"
                            .formatted(activityId)));
    journal.append(
        JournalEntry.of(runId, Kind.SKIP_REQUESTED, reason)
            .at(failed.instanceId(), activityId)
            .ofStep(steps.stepOf(failed, activityId), failed.key())
            .by(user));
    retry(runId, user);
  }

  /**
   * Accepts the system that a step found and refused under a target's name: from now on it is the
   * target, because it was moved on purpose. Retry the failed steps afterwards.
   *
   * @throws NotPossible when no system was refused since the target was last as known
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
   * @throws NotPossible when it is no longer open, or not for that person
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
