package io.belay.security;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.belay.journal.Journal;
import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import io.belay.journal.OneLine;
import io.belay.journal.RunRecords;
import io.belay.journal.RunRecords.RunRecord;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.camunda.bpm.engine.AuthorizationException;
import org.camunda.bpm.engine.EntityTypes;
import org.camunda.bpm.engine.impl.history.event.HistoryEvent;
import org.camunda.bpm.engine.impl.history.event.UserOperationLogEntryEventEntity;
import org.camunda.bpm.engine.impl.history.handler.HistoryEventHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.web.context.request.RequestAttributes;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;

/**
 * Writes each intervention of a person in the engine into the journal of the run: who, which
 * request, and the reason (the request's annotation). The entry commits with the intervention.
 * Nobody intervenes in a run that they started.
 *
 * <p>An intervention is any operation on a run that the engine logs for a user, except the acts
 * that Belay itself offers and journals: start, answers to tasks, retries. A person's change of a
 * user, a group or an authorization belongs to no run; it is a line of the log, beside the entry in
 * the engine's own log of operations.
 */
@Component
class Interventions implements HistoryEventHandler {

  /** Attribute of a request that intervenes: what was requested, in one line. */
  static final String REQUEST = "io.belay.intervention";

  /** Attribute of a request that intervenes: the reason that it gives, if any. */
  static final String REASON = "io.belay.intervention.reason";

  private static final Logger LOG = LoggerFactory.getLogger(Interventions.class);

  private static final Set<String> ACCESS =
      Set.of(
          EntityTypes.USER,
          EntityTypes.GROUP,
          EntityTypes.GROUP_MEMBERSHIP,
          EntityTypes.TENANT,
          EntityTypes.TENANT_MEMBERSHIP,
          EntityTypes.AUTHORIZATION);

  private static final Set<String> ORDINARY =
      Set.of("Create", "Claim", "Complete", "SetJobRetries", "SetExternalTaskRetries");

  private final Journal journal;
  private final RunRecords runs;
  private final ObjectMapper json;

  Interventions(Journal journal, RunRecords runs, ObjectMapper json) {
    this.journal = journal;
    this.runs = runs;
    this.json = json;
  }

  @Override
  public void handleEvents(List<HistoryEvent> events) {
    events.forEach(this::handleEvent);
  }

  @Override
  public void handleEvent(HistoryEvent event) {
    if (!(event instanceof UserOperationLogEntryEventEntity operation)
        || operation.getUserId() == null) {
      return;
    }
    if (ACCESS.contains(operation.getEntityType())) {
      logAccess(operation);
    } else if (!ORDINARY.contains(operation.getOperationType())) {
      run(operation).ifPresent(run -> record(operation, run));
    }
  }

  /**
   * One line, whatever ids somebody chose. The engine puts no password into an operation, and the
   * request is named without its body.
   */
  private static void logAccess(UserOperationLogEntryEventEntity operation) {
    LOG.info(
        OneLine.of(
            "%s of %s by '%s': %s %s%s"
                .formatted(
                    operation.getOperationType(),
                    operation.getEntityType(),
                    operation.getUserId(),
                    operation.getProperty(),
                    operation.getNewValue(),
                    RequestContextHolder.getRequestAttributes()
                            instanceof ServletRequestAttributes request
                        ? ", by %s %s"
                            .formatted(
                                request.getRequest().getMethod(), Agents.path(request.getRequest()))
                        : "")));
  }

  private Optional<RunRecord> run(UserOperationLogEntryEventEntity operation) {
    String id = operation.getRootProcessInstanceId();
    return Optional.ofNullable(id == null ? operation.getProcessInstanceId() : id)
        .flatMap(runs::find);
  }

  private void record(UserOperationLogEntryEventEntity operation, RunRecord run) {
    if (operation.getUserId().equals(run.startedBy())) {
      throw new AuthorizationException(
          "Refused: '%s' started run '%s', and nobody intervenes in a run of their own. Abort it, or ask another administrator."
              .formatted(run.startedBy(), run.name()));
    }
    Map<String, String> details = new LinkedHashMap<>();
    details.put("operation", operation.getOperationType());
    details.put("on", operation.getEntityType());
    details.put("instance", operation.getProcessInstanceId());
    details.put("task", operation.getTaskId());
    details.put("job", operation.getJobId());
    details.put("property", operation.getProperty());
    details.put("before", operation.getOrgValue());
    details.put("after", operation.getNewValue());
    details.put("request", attribute(REQUEST));
    details.put(
        "reason",
        operation.getAnnotation() == null ? attribute(REASON) : operation.getAnnotation());
    details.values().removeIf(value -> value == null || value.isEmpty());
    journal.append(
        JournalEntry.of(
                run.id(),
                Kind.INTERVENTION,
                "%s of %s by hand in the engine: %s"
                    .formatted(
                        operation.getOperationType(),
                        operation.getEntityType(),
                        details.getOrDefault("reason", "no reason given")))
            .by(operation.getUserId())
            .with(json.valueToTree(details)));
  }

  private static String attribute(String name) {
    RequestAttributes request = RequestContextHolder.getRequestAttributes();
    return request == null
        ? null
        : (String) request.getAttribute(name, RequestAttributes.SCOPE_REQUEST);
  }
}
