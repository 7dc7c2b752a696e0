package io.belay.engine.law;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.belay.engine.law.PhaseVerdicts.NotPassed;
import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import io.belay.journal.RunRecords;
import io.belay.model.Parameter;
import io.belay.model.PhaseDeclarations;
import io.belay.step.StepRun;
import java.util.List;
import java.util.Map;
import org.camunda.bpm.engine.delegate.DelegateExecution;
import org.camunda.bpm.engine.impl.persistence.entity.ExecutionEntity;
import org.camunda.bpm.engine.repository.ProcessDefinition;
import org.springframework.stereotype.Component;
import org.springframework.util.StringUtils;

/**
 * What happens at the edges of a phase. The end event that it reaches is its outcome; but no phase
 * has passed while one of its checks or gates said anything but PASS last ({@link PhaseVerdicts}).
 */
@Component
public class PhaseLifecycle {

  /** Prefix of an end event's id to outcome. */
  static final Map<String, String> OUTCOMES =
      Map.of(
          "End_Passed", "passed",
          "End_Failed", "failed",
          "End_Aborted", "aborted",
          "End_TimedOut", "timedOut",
          "End_Undone", "undone");

  /** Variables that each phase sets for itself. */
  static final List<String> OWN = List.of("outcome", "reason", "verdict", "decision");

  /** A text variable of the engine holds 4,000 characters. */
  private static final int REASON_LIMIT = 1000;

  private final RunJournal journal;
  private final RunRecords runs;
  private final PhaseVerdicts verdicts;
  private final KeptAborts aborts;
  private final PhaseDeclarations inputs;
  private final ObjectMapper json;

  PhaseLifecycle(
      RunJournal journal,
      RunRecords runs,
      PhaseVerdicts verdicts,
      KeptAborts aborts,
      PhaseDeclarations inputs,
      ObjectMapper json) {
    this.journal = journal;
    this.runs = runs;
    this.verdicts = verdicts;
    this.aborts = aborts;
    this.inputs = inputs;
    this.json = json;
  }

  void started(DelegateExecution execution) {
    ProcessDefinition definition = ((ExecutionEntity) execution).getProcessDefinition();
    // A phase gets all variables of the run; what an earlier phase decided must not count here.
    OWN.forEach(name -> execution.setVariable(name, null));
    // Who may work on its steps depends on it, whatever the model hands over.
    runs.find(((ExecutionEntity) execution).getRootProcessInstanceId())
        .filter(run -> !run.environment().equals(execution.getVariable(StepRun.ENVIRONMENT)))
        .ifPresent(run -> execution.setVariable(StepRun.ENVIRONMENT, run.environment()));
    boolean undo = ApprovalRules.isUndo(execution);
    journal.append(
        execution,
        about ->
            JournalEntry.of(about.runId(), Kind.PHASE_STARTED, definition.getKey())
                .at(about.instanceId(), about.activityId())
                .by(RunJournal.currentUser())
                .with(json.createObjectNode().put("undo", undo)));
    aborts.phaseStarted((ExecutionEntity) execution);
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

  /** The last moment at which the phase's caller has not read its outcome yet. */
  void ended(DelegateExecution execution) {
    if (execution.isCanceled()) {
      journal.append(
          execution,
          about -> ended(execution, about, PhaseVerdicts.CANCELLED, PhaseVerdicts.CANCELLED));
      return;
    }
    if ("passed".equals(execution.getVariable("outcome"))) {
      verdicts
          .notPassed(RunJournal.runId(execution), execution.getProcessInstanceId())
          .ifPresent(check -> fail(execution, check));
    }
    String outcome = "" + execution.getVariable("outcome");
    Object reason = execution.getVariable("reason");
    String text = "passed".equals(outcome) || reason == null ? outcome : outcome + ": " + reason;
    journal.append(execution, about -> ended(execution, about, outcome, text));
  }

  private static void fail(DelegateExecution execution, NotPassed check) {
    execution.setVariable("outcome", "failed");
    execution.setVariable(
        "reason",
        StringUtils.truncate(
            "the model ended as passed, but '%s' said %s last%s%s"
                .formatted(
                    PhaseVerdicts.name(execution, check),
                    check.verdict(),
                    check.targets().isEmpty() ? "" : " of " + String.join(", ", check.targets()),
                    check.reason().isBlank() ? "" : ": " + check.reason()),
            REASON_LIMIT));
  }

  private JournalEntry ended(
      DelegateExecution execution, JournalEntry about, String outcome, String text) {
    ExecutionEntity caller = ((ExecutionEntity) execution).getSuperExecution();
    ArrayNode targets = json.createArrayNode();
    inputs.of(execution.getProcessDefinitionId()).stream()
        .flatMap(declared -> declared.all().stream())
        .filter(Parameter::namesTargets)
        .map(input -> "" + execution.getVariable(input.name()))
        .filter(name -> !name.isBlank())
        .forEach(targets::add);
    return JournalEntry.of(about.runId(), Kind.PHASE_ENDED, text)
        .at(about.instanceId(), about.activityId())
        .by(RunJournal.currentUser())
        .with(
            json.createObjectNode()
                .put(PhaseVerdicts.OUTCOME, outcome)
                .put(PhaseVerdicts.CALLER, caller.getProcessInstanceId())
                .put(PhaseVerdicts.CALLED_BY, caller.getActivityId())
                .set(PhaseVerdicts.TARGETS, targets));
  }

  /** The outcome for an end event's id; null when the id names none. */
  public static String outcome(String endEventId) {
    return OUTCOMES.entrySet().stream()
        .filter(
            entry ->
                endEventId.equals(entry.getKey()) || endEventId.startsWith(entry.getKey() + "_"))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse(null);
  }
}
