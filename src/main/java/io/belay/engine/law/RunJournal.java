package io.belay.engine.law;

import io.belay.journal.Journal;
import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import java.util.function.UnaryOperator;
import org.camunda.bpm.engine.delegate.DelegateExecution;
import org.camunda.bpm.engine.impl.context.Context;
import org.camunda.bpm.engine.impl.identity.Authentication;
import org.camunda.bpm.engine.impl.incident.IncidentContext;
import org.camunda.bpm.engine.impl.persistence.entity.ExecutionEntity;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/** Writes what happens in the engine into the journal, in the engine's own transaction. */
@Component
public class RunJournal {

  private final Journal journal;
  private final JdbcTemplate jdbc;

  RunJournal(Journal journal, JdbcTemplate jdbc) {
    this.journal = journal;
    this.jdbc = jdbc;
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

  /** The user for whom the engine works now; null for none (a job, a timer). */
  public static String currentUser() {
    Authentication authentication =
        Context.getProcessEngineConfiguration().getIdentityService().getCurrentAuthentication();
    return authentication == null ? null : authentication.getUserId();
  }

  /**
   * Whether an incident of that job or external task is being resolved and the journal does not say
   * so yet.
   */
  boolean hasOpenIncident(IncidentContext incident) {
    // A cheap check first, at the end of each step; the engine's row exists until its command ends.
    boolean none =
        jdbc.queryForList(
                "SELECT ID_ FROM ACT_RU_INCIDENT WHERE CONFIGURATION_ = ?",
                incident.getConfiguration())
            .isEmpty();
    ExecutionEntity execution = none ? null : execution(incident.getExecutionId());
    if (execution == null) {
      return false;
    }
    String activityId = incident.getActivityId();
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
