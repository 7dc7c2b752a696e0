package io.belay.engine.law;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.belay.engine.AfterCommit;
import io.belay.engine.law.RunOutcome.Outcome;
import io.belay.journal.Journal;
import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import io.belay.journal.RunRecords;
import io.belay.journal.RunRecords.RunRecord;
import io.belay.journal.RunRecords.State;
import io.belay.model.Models;
import io.belay.model.Refusal.Problem;
import io.belay.model.RunRefused;
import io.belay.model.RunbookParameters;
import io.belay.step.RunTargets;
import io.belay.step.StepRun;
import io.belay.target.Environment;
import io.belay.target.Environments;
import io.belay.target.InvalidEnvironment;
import io.belay.target.Leases;
import io.belay.target.TargetException;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.camunda.bpm.engine.delegate.DelegateExecution;
import org.camunda.bpm.engine.impl.persistence.entity.ExecutionEntity;
import org.camunda.bpm.engine.repository.ProcessDefinition;
import org.springframework.stereotype.Component;

/**
 * What happens when a run begins and ends, however it was started: by REST, from Tasklist, by
 * message, in the terminal. All checks are here, inside the engine's transaction: a refusal leaves
 * nothing behind.
 */
@Component
class RunLifecycle {

  /** Name of the run's variable that holds the end event it reached. */
  static final String END_EVENT = "endEvent";

  /** Field of the payload of {@code RUN_ENDED}: changes that stand, a sentence each. */
  private static final String STANDING = "standing";

  private final RunbookParameters parameters;
  private final Environments environments;
  private final StartRequirements requirements;
  private final Leases leases;
  private final RunTargets targets;
  private final RunRecords runs;
  private final RunOutcome outcomes;
  private final KeptAborts aborts;
  private final Journal journal;
  private final ObjectMapper json;
  private final MeterRegistry meters;

  RunLifecycle(
      RunbookParameters parameters,
      Environments environments,
      StartRequirements requirements,
      Leases leases,
      RunTargets targets,
      RunRecords runs,
      RunOutcome outcomes,
      KeptAborts aborts,
      Journal journal,
      ObjectMapper json,
      MeterRegistry meters) {
    this.parameters = parameters;
    this.environments = environments;
    this.requirements = requirements;
    this.leases = leases;
    this.targets = targets;
    this.runs = runs;
    this.outcomes = outcomes;
    this.aborts = aborts;
    this.journal = journal;
    this.json = json;
    this.meters = meters;
  }

  void started(DelegateExecution execution) {
    ProcessDefinition definition = ((ExecutionEntity) execution).getProcessDefinition();
    String runbook = definition.getKey();
    if (!Models.isRunbook(definition.getResourceName())) {
      throw new RunRefused("'%s' is a phase; it runs only as part of a runbook".formatted(runbook));
    }
    if (!beginsAtTheStart((ExecutionEntity) execution)) {
      throw new RunRefused("a run of '%s' begins at its start, nowhere else".formatted(runbook));
    }
    String user = RunJournal.currentUser();
    if (user == null) {
      throw new RunRefused("a run of '%s' needs a logged-in user who starts it".formatted(runbook));
    }
    Map<String, Object> given = new LinkedHashMap<>(execution.getVariables());
    given.remove("starter");
    Map<String, Object> values = parameters.of(definition).validate(given);
    String environmentName = (String) values.get(StepRun.ENVIRONMENT);
    String runId = execution.getProcessInstanceId();
    String name = execution.getProcessBusinessKey();
    if (name == null || name.isBlank()) {
      name = RunNames.next(runbook);
      ((ExecutionEntity) execution).setBusinessKey(name);
    }
    RunNames.requireValid(name);
    Environment environment;
    long fence;
    try {
      environment = environments.load(environmentName);
      requireAll(requirements.unmet(definition.getId(), values, environment));
      fence =
          leases.acquire(
              environment,
              requirements.targets(definition.getId(), values, environment),
              runId,
              name);
    } catch (InvalidEnvironment | TargetException refusal) {
      throw new RunRefused(refusal);
    }
    execution.setVariables(values);
    runs.started(runId, name, runbook, definition.getId(), environmentName, user, fence);
    AfterCommit.run(() -> meters.counter("belay.run.started", "runbook", runbook).increment());
    journal.append(
        JournalEntry.of(runId, Kind.RUN_STARTED, name).by(user).with(json.valueToTree(values)));
    targets.named(runId, environment);
  }

  private static void requireAll(List<String> unmet) {
    if (!unmet.isEmpty()) {
      throw new RunRefused(
          unmet.stream().map(rule -> new Problem(StepRun.ENVIRONMENT, rule)).toList());
    }
  }

  /** The engine could also start in the middle, and so past a backup or an approval. */
  private static boolean beginsAtTheStart(ExecutionEntity execution) {
    // A start with instructions makes the run itself its first activity, before any of these.
    return !execution.getId().equals(execution.getActivityInstanceId());
  }

  void ended(DelegateExecution execution) {
    String runId = execution.getProcessInstanceId();
    runs.find(runId)
        .ifPresent(
            run -> {
              Outcome outcome = outcomes.of(execution);
              State state = outcome.state();
              if (state == State.ROLLED_BACK) {
                // When nothing had to be taken back, no undo has recorded the reason.
                runs.rollingBack(runId, (String) execution.getVariable("reason"));
              }
              aborts.runEnded(runId, state);
              runs.ended(runId, state);
              leases.release(runId);
              JournalEntry ended =
                  JournalEntry.of(runId, Kind.RUN_ENDED, state.name()).by(RunJournal.currentUser());
              journal.append(
                  outcome.standing().isEmpty()
                      ? ended
                      : ended.with(json.valueToTree(Map.of(STANDING, outcome.standing()))));
              measure(run, state);
            });
  }

  private void measure(RunRecord run, State state) {
    Instant now = Instant.now();
    Optional<Duration> rollback =
        journal
            .last(run.id(), Kind.ROLLBACK_STARTED)
            .map(start -> Duration.between(start.at(), now));
    AfterCommit.run(
        () -> {
          meters
              .timer("belay.run", "runbook", run.runbook(), "state", state.name())
              .record(Duration.between(run.startedAt(), now));
          rollback.ifPresent(meters.timer("belay.rollback", "runbook", run.runbook())::record);
        });
  }
}
