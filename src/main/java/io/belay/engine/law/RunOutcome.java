package io.belay.engine.law;

import io.belay.engine.law.PhaseVerdicts.NotPassed;
import io.belay.journal.Journal;
import io.belay.journal.Kind;
import io.belay.journal.RunRecords.State;
import io.belay.model.OutlineReader;
import io.belay.step.StandingChanges;
import io.belay.step.StandingChanges.Balance;
import io.belay.step.StandingChanges.Standing;
import java.util.List;
import java.util.Optional;
import org.camunda.bpm.engine.delegate.DelegateExecution;
import org.camunda.bpm.engine.impl.context.Context;
import org.camunda.bpm.engine.impl.history.event.HistoricProcessInstanceEventEntity;
import org.camunda.bpm.model.bpmn.instance.ServiceTask;
import org.springframework.stereotype.Component;

/**
 * How a run has ended. Its end event says what it claims; the journal has to prove it. A run that
 * claims to be rolled back while a change of it stands, or to be completed while a change that its
 * model or its input marks {@code temporary} stands or although a phase of it did not pass, is
 * {@link State#ROLLBACK_INCOMPLETE}.
 */
@Component
class RunOutcome {

  /** Name of the property of a service task whose change is taken back at the good end, too. */
  static final String TEMPORARY = "temporary";

  /**
   * @param standing what stands against the claim, a sentence each; empty when nothing does
   */
  record Outcome(State state, List<String> standing) {}

  private final Journal journal;
  private final StandingChanges changes;
  private final PhaseVerdicts verdicts;

  RunOutcome(Journal journal, StandingChanges changes, PhaseVerdicts verdicts) {
    this.journal = journal;
    this.changes = changes;
    this.verdicts = verdicts;
  }

  Outcome of(DelegateExecution run) {
    if (run.isCanceled() || !(run.getVariable(RunLifecycle.END_EVENT) instanceof String end)) {
      return new Outcome(State.CANCELLED, List.of());
    }
    String runId = run.getProcessInstanceId();
    boolean completed = end.startsWith("End_Completed");
    Balance balance = changes.of(runId);
    List<String> standing =
        balance.standing().stream()
            .filter(
                one ->
                    !completed
                        || one.temporary()
                        || task(one).filter(RunOutcome::isTemporary).isPresent())
            .map(RunOutcome::sentence)
            .toList();
    if (!standing.isEmpty()) {
      return new Outcome(State.ROLLBACK_INCOMPLETE, standing);
    }
    if (!journal.entries(runId, Kind.INTERVENTION).isEmpty()) {
      return new Outcome(State.TAKEN_OVER, List.of()); // a person moved it past its model
    }
    if (completed) {
      List<String> passedBy =
          verdicts.notPassed(runId).stream().map(one -> sentence(run, one)).toList();
      return new Outcome(
          passedBy.isEmpty() ? State.COMPLETED : State.ROLLBACK_INCOMPLETE, passedBy);
    }
    boolean byHand = balance.byHand() || overriddenOnTheWayBack(runId);
    return new Outcome(byHand ? State.TAKEN_OVER : State.ROLLED_BACK, List.of());
  }

  private static String sentence(DelegateExecution run, NotPassed one) {
    return "the run went on to its completed end, but '%s' said %s last%s"
        .formatted(
            PhaseVerdicts.name(run, one),
            one.verdict(),
            one.reason().isBlank() ? "" : ": " + one.reason());
  }

  /** All changes of the run that stand now, a sentence each. */
  List<String> standing(String runId) {
    return changes.of(runId).standing().stream().map(RunOutcome::sentence).toList();
  }

  private boolean overriddenOnTheWayBack(String runId) {
    return journal
        .last(runId, Kind.ROLLBACK_STARTED)
        .filter(
            rollback ->
                journal.entries(runId, Kind.SKIP_REQUESTED).stream()
                    .anyMatch(override -> override.id() > rollback.id()))
        .isPresent();
  }

  private static boolean isTemporary(ServiceTask task) {
    return "true".equals(OutlineReader.property(task, TEMPORARY));
  }

  private static String sentence(Standing standing) {
    String name = task(standing).map(ServiceTask::getName).orElse(standing.activityId());
    return "'%s' still stands (%s%s; execution %s): %s"
        .formatted(
            name,
            standing.step(),
            standing.input().isEmpty() ? "" : " with " + standing.input(),
            standing.key(),
            standing.why());
  }

  /** The task in the model; empty when the engine does not know it any more. */
  private static Optional<ServiceTask> task(Standing standing) {
    HistoricProcessInstanceEventEntity instance =
        standing.instanceId() == null
            ? null
            : Context.getCommandContext()
                .getHistoricProcessInstanceManager()
                .findHistoricProcessInstance(standing.instanceId());
    return instance == null
        ? Optional.empty()
        : Optional.ofNullable(
            Context.getProcessEngineConfiguration()
                .getDeploymentCache()
                .findBpmnModelInstanceForProcessDefinition(instance.getProcessDefinitionId())
                .getModelElementById(standing.activityId()));
  }
}
