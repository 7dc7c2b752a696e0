package io.belay.engine.law;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.belay.engine.control.RunControl;
import io.belay.journal.Journal;
import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import io.belay.journal.RunRecords;
import io.belay.journal.RunRecords.State;
import java.util.Optional;
import org.camunda.bpm.engine.impl.context.Context;
import org.camunda.bpm.engine.impl.persistence.entity.ExecutionEntity;
import org.camunda.bpm.engine.impl.persistence.entity.MessageEntity;
import org.springframework.stereotype.Component;

/**
 * Aborts requested between two phases, when no phase could take them. The next phase takes the
 * abort: it starts with a job that aborts it, in one transaction. Keeping an abort and starting a
 * phase both lock the run first, so that no abort slips through in between.
 */
@Component
public class KeptAborts {

  private static final String KEPT = "kept";

  private final Journal journal;
  private final RunRecords runs;

  KeptAborts(Journal journal, RunRecords runs) {
    this.journal = journal;
    this.runs = runs;
  }

  /** The abort that waits for a phase of the run. */
  public Optional<JournalEntry> of(String runId) {
    return journal
        .last(runId, Kind.ABORT_REQUESTED)
        .filter(abort -> abort.payload() != null && abort.payload().path(KEPT).asBoolean())
        .filter(abort -> !isAnswered(abort, Kind.ABORT_TAKEN))
        .filter(abort -> !isAnswered(abort, Kind.ABORT_REFUSED));
  }

  private boolean isAnswered(JournalEntry abort, Kind answer) {
    return journal.entries(abort.runId(), answer).stream()
        .anyMatch(a -> a.id() > abort.id() && (a.actor() == null || answer == Kind.ABORT_TAKEN));
  }

  /** Keeps an abort; the caller has locked the run. */
  public void keep(String runId, String reason, String user) {
    journal.append(
        JournalEntry.of(runId, Kind.ABORT_REQUESTED, reason)
            .by(user)
            .with(JsonNodeFactory.instance.objectNode().put(KEPT, true)));
  }

  /** The reason that the phase reports. */
  public static String reason(String user, String reason) {
    return "aborted by " + user + ": " + reason;
  }

  void phaseStarted(ExecutionEntity phase) {
    String runId = phase.getRootProcessInstanceId();
    if (!runId.equals(phase.getSuperExecution().getProcessInstanceId())
        || runs.lock(runId).filter(State.RUNNING::equals).isEmpty()) {
      return;
    }
    of(runId)
        .ifPresent(
            abort -> {
              if (canBeAborted(phase)) {
                Context.getCommandContext().getJobManager().send(job(phase));
              } else {
                refuse(runId, "the phase that came next cannot be aborted");
              }
            });
  }

  void runEnded(String runId, State state) {
    of(runId).ifPresent(abort -> refuse(runId, "the run ended " + state + " before"));
  }

  private void refuse(String runId, String why) {
    journal.append(JournalEntry.of(runId, Kind.ABORT_REFUSED, why));
  }

  private static boolean canBeAborted(ExecutionEntity phase) {
    return phase.getEventSubscriptions().stream()
        .anyMatch(waiting -> RunControl.ABORT.equals(waiting.getEventName()));
  }

  private static MessageEntity job(ExecutionEntity phase) {
    MessageEntity job = new MessageEntity();
    job.setJobHandlerType(AbortJob.TYPE);
    job.setExecution(phase);
    job.setProcessDefinitionId(phase.getProcessDefinitionId());
    job.setProcessDefinitionKey(phase.getProcessDefinition().getKey());
    job.setDeploymentId(phase.getProcessDefinition().getDeploymentId());
    return job;
  }
}
