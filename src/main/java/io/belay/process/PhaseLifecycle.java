package io.belay.process;

import io.belay.journal.Kind;
import io.belay.journal.RunRecords;
import io.belay.step.StepRun;
import java.util.List;
import java.util.Map;
import org.camunda.bpm.engine.delegate.DelegateExecution;
import org.camunda.bpm.engine.impl.persistence.entity.ExecutionEntity;
import org.camunda.bpm.engine.repository.ProcessDefinition;
import org.springframework.stereotype.Component;

/** What happens at the edges of a phase. The end event that it reaches is its outcome. */
@Component
class PhaseLifecycle {

  /** Prefix of an end event's id to outcome. */
  static final Map<String, String> OUTCOMES =
      Map.of(
          "End_Passed", "passed",
          "End_Failed", "failed",
          "End_Aborted", "aborted",
          "End_TimedOut", "timedOut",
          "End_Undone", "undone");

  /** Variables that each phase sets for itself. */
  private static final List<String> OWN = List.of("outcome", "reason", "verdict", "decision");

  private final RunJournal journal;
  private final RunRecords runs;

  PhaseLifecycle(RunJournal journal, RunRecords runs) {
    this.journal = journal;
    this.runs = runs;
  }

  void started(DelegateExecution execution) {
    ProcessDefinition definition = ((ExecutionEntity) execution).getProcessDefinition();
    // A phase gets all variables of the run; what an earlier phase decided must not count here.
    OWN.forEach(name -> execution.setVariable(name, null));
    // Who may work on its steps depends on it, whatever the model hands over.
    runs.find(((ExecutionEntity) execution).getRootProcessInstanceId())
        .ifPresent(run -> execution.setVariable(StepRun.ENVIRONMENT, run.environment()));
    journal.append(execution, Kind.PHASE_STARTED, definition.getKey());
  }

  /**
   * Sets {@code outcome} of the phase, and the end event's label as {@code reason} where nothing
   * else gave one.
   */
  void reachedEnd(DelegateExecution execution, String endEventId, String label) {
    DelegateExecution phase = ((ExecutionEntity) execution).getProcessInstance();
    if (((ExecutionEntity) phase).getSuperExecution() == null) {
      phase.setVariable(RunLifecycle.END_EVENT, endEventId);
      return;
    }
    String outcome = outcome(endEventId);
    if (outcome != null) {
      phase.setVariable("outcome", outcome);
      if (outcome.equals("timedOut") || phase.getVariable("reason") == null) {
        phase.setVariable("reason", label);
      }
    }
  }

  void ended(DelegateExecution execution) {
    if (execution.isCanceled()) {
      journal.append(execution, Kind.PHASE_ENDED, "cancelled");
      return;
    }
    Object outcome = execution.getVariable("outcome");
    Object reason = execution.getVariable("reason");
    journal.append(
        execution,
        Kind.PHASE_ENDED,
        "passed".equals(outcome) || reason == null ? "" + outcome : outcome + ": " + reason);
  }

  /** The outcome for an end event's id; null when the id names none. */
  static String outcome(String endEventId) {
    return OUTCOMES.entrySet().stream()
        .filter(
            entry ->
                endEventId.equals(entry.getKey()) || endEventId.startsWith(entry.getKey() + "_"))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse(null);
  }
}
