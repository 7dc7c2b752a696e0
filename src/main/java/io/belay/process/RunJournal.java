package io.belay.process;

import io.belay.journal.Journal;
import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import java.util.function.UnaryOperator;
import org.camunda.bpm.engine.delegate.DelegateExecution;
import org.camunda.bpm.engine.impl.context.Context;
import org.camunda.bpm.engine.impl.identity.Authentication;
import org.camunda.bpm.engine.impl.persistence.entity.ExecutionEntity;
import org.springframework.stereotype.Component;

/** Writes what happens in the engine into the journal, in the engine's own transaction. */
@Component
class RunJournal {

  private final Journal journal;

  RunJournal(Journal journal) {
    this.journal = journal;
  }

  /** Appends an entry about an execution; {@code refine} starts from its run and phase. */
  void append(DelegateExecution execution, UnaryOperator<JournalEntry> refine) {
    JournalEntry about =
        JournalEntry.of(runId(execution), Kind.LOG, "")
            .at(execution.getProcessInstanceId(), execution.getCurrentActivityId());
    journal.append(refine.apply(about));
  }

  void append(DelegateExecution execution, Kind kind, String text) {
    append(
        execution,
        about ->
            JournalEntry.of(about.runId(), kind, text)
                .at(about.instanceId(), about.activityId())
                .by(currentUser()));
  }

  /** Id of the run that the execution belongs to. */
  static String runId(DelegateExecution execution) {
    return ((ExecutionEntity) execution).getProcessInstance().getRootProcessInstanceId();
  }

  /** Who talks to the engine now; null when nobody does (a job, a timer). */
  static String currentUser() {
    Authentication authentication =
        Context.getProcessEngineConfiguration().getIdentityService().getCurrentAuthentication();
    return authentication == null ? null : authentication.getUserId();
  }

  /** Whether the journal's last word on that element's incidents is not that it was resolved. */
  boolean hasOpenIncident(String executionId, String activityId) {
    ExecutionEntity execution = execution(executionId);
    if (execution == null) {
      return false;
    }
    String run = runId(execution);
    long opened =
        journal.entries(run, Kind.INCIDENT).stream()
            .filter(entry -> entry.text().startsWith(activityId + ": "))
            .count();
    return opened
        > journal.entries(run, Kind.INCIDENT_RESOLVED).stream()
            .filter(entry -> entry.text().equals(activityId))
            .count();
  }

  /** Appends an entry about an execution that is known by its id only. */
  void appendById(String executionId, Kind kind, String text) {
    ExecutionEntity execution = execution(executionId);
    if (execution != null) {
      append(execution, kind, text);
    }
  }

  private static ExecutionEntity execution(String id) {
    return id == null
        ? null
        : Context.getCommandContext().getExecutionManager().findExecutionById(id);
  }
}
