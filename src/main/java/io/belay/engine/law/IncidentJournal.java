package io.belay.engine.law;

import io.belay.engine.AfterCommit;
import io.belay.journal.Kind;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import org.camunda.bpm.engine.impl.incident.IncidentContext;
import org.camunda.bpm.engine.impl.incident.IncidentHandler;
import org.camunda.bpm.engine.runtime.Incident;

/** Writes incidents into the journal, in addition to the engine's own handling. */
public class IncidentJournal implements IncidentHandler {

  private final String type;
  private final RunJournal journal;
  private final Counter incidents;

  public IncidentJournal(String type, RunJournal journal, MeterRegistry meters) {
    this.type = type;
    this.journal = journal;
    this.incidents = meters.counter("belay.incident", "type", type);
  }

  @Override
  public String getIncidentHandlerType() {
    return type;
  }

  @Override
  public Incident handleIncident(IncidentContext context, String message) {
    AfterCommit.run(incidents::increment);
    journal.appendById(
        context.getExecutionId(), Kind.INCIDENT, context.getActivityId() + ": " + message);
    return null;
  }

  @Override
  public void resolveIncident(IncidentContext context) {
    // The engine resolves at each end of an external task, whether there was an incident or not.
    if (journal.hasOpenIncident(context)) {
      journal.appendById(context.getExecutionId(), Kind.INCIDENT_RESOLVED, context.getActivityId());
    }
  }

  @Override
  public void deleteIncident(IncidentContext context) {
    resolveIncident(context);
  }
}
