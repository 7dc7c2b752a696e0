package io.belay.engine.law;

import io.belay.engine.control.RunControl;
import io.belay.journal.Journal;
import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import org.camunda.bpm.engine.impl.interceptor.CommandContext;
import org.camunda.bpm.engine.impl.jobexecutor.JobHandler;
import org.camunda.bpm.engine.impl.jobexecutor.JobHandlerConfiguration;
import org.camunda.bpm.engine.impl.persistence.entity.EventSubscriptionEntity;
import org.camunda.bpm.engine.impl.persistence.entity.ExecutionEntity;
import org.camunda.bpm.engine.impl.persistence.entity.JobEntity;
import org.springframework.stereotype.Component;

/** Applies a kept abort to the phase that has just started. */
@Component
public class AbortJob implements JobHandler<AbortJob.Nothing> {

  static final String TYPE = "belay-kept-abort";

  /** The job needs no settings: the abort is in the journal. */
  record Nothing() implements JobHandlerConfiguration {
    @Override
    public String toCanonicalString() {
      return null;
    }
  }

  private final Journal journal;
  private final KeptAborts aborts;

  AbortJob(Journal journal, KeptAborts aborts) {
    this.journal = journal;
    this.aborts = aborts;
  }

  @Override
  public String getType() {
    return TYPE;
  }

  @Override
  public void execute(
      Nothing nothing, ExecutionEntity phase, CommandContext commandContext, String tenantId) {
    String runId = phase.getRootProcessInstanceId();
    aborts
        .of(runId)
        .ifPresent(
            abort ->
                phase.getEventSubscriptions().stream()
                    .filter(waiting -> RunControl.ABORT.equals(waiting.getEventName()))
                    .findFirst()
                    .ifPresent(waiting -> abort(phase, waiting, abort)));
  }

  private void abort(ExecutionEntity phase, EventSubscriptionEntity waiting, JournalEntry abort) {
    journal.append(
        JournalEntry.of(abort.runId(), Kind.ABORT_TAKEN, abort.text())
            .at(phase.getProcessInstanceId(), null)
            .by(abort.actor()));
    phase.setVariable("reason", KeptAborts.reason(abort.actor(), abort.text()));
    waiting.eventReceived(null, false);
  }

  @Override
  public Nothing newConfiguration(String canonicalString) {
    return new Nothing();
  }

  @Override
  public void onDelete(Nothing nothing, JobEntity job) {
    // the phase has ended; the abort waits for the next one
  }
}
