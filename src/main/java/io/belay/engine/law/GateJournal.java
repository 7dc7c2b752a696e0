package io.belay.engine.law;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.belay.engine.AfterCommit;
import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import io.micrometer.core.instrument.MeterRegistry;
import org.camunda.bpm.dmn.engine.delegate.DmnDecisionEvaluationEvent;
import org.camunda.bpm.dmn.engine.delegate.DmnDecisionEvaluationListener;
import org.camunda.bpm.dmn.engine.delegate.DmnDecisionTableEvaluationEvent;
import org.camunda.bpm.dmn.engine.delegate.DmnEvaluatedDecisionRule;
import org.camunda.bpm.engine.impl.context.Context;
import org.camunda.bpm.engine.impl.persistence.entity.ExecutionEntity;
import org.springframework.stereotype.Component;

/** Writes each evaluation of a decision table into the journal: numbers, verdict and reason. */
@Component
public class GateJournal implements DmnDecisionEvaluationListener {

  private final RunJournal journal;
  private final ObjectMapper json;
  private final MeterRegistry meters;

  GateJournal(RunJournal journal, ObjectMapper json, MeterRegistry meters) {
    this.journal = journal;
    this.json = json;
    this.meters = meters;
  }

  @Override
  public void notify(DmnDecisionEvaluationEvent event) {
    if (Context.getBpmnExecutionContext() == null
        || !(event.getDecisionResult() instanceof DmnDecisionTableEvaluationEvent table)) {
      return;
    }
    ExecutionEntity execution = Context.getBpmnExecutionContext().getExecution();
    ObjectNode payload = json.createObjectNode().put("decision", table.getDecision().getKey());
    ObjectNode inputs = payload.putObject("inputs");
    table
        .getInputs()
        .forEach(
            input ->
                inputs.set(
                    input.getName(),
                    json.valueToTree(
                        input.getValue() == null ? null : input.getValue().getValue())));
    for (DmnEvaluatedDecisionRule rule : table.getMatchingRules()) {
      rule.getOutputEntries()
          .values()
          .forEach(
              output ->
                  payload.set(
                      output.getOutputName(), json.valueToTree(output.getValue().getValue())));
    }
    String verdict = payload.path("verdict").asText("NO_DATA");
    String decision = table.getDecision().getKey();
    AfterCommit.run(
        () -> meters.counter("belay.gate", "decision", decision, "verdict", verdict).increment());
    journal.append(
        execution,
        entry ->
            JournalEntry.of(
                    entry.runId(), Kind.GATE, verdict + ": " + payload.path("reason").asText(""))
                .at(entry.instanceId(), execution.getCurrentActivityId())
                .with(payload));
  }
}
