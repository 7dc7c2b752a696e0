package io.belay.engine.law;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.belay.engine.AfterCommit;
import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Objects;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.camunda.bpm.dmn.engine.delegate.DmnDecisionEvaluationEvent;
import org.camunda.bpm.dmn.engine.delegate.DmnDecisionEvaluationListener;
import org.camunda.bpm.dmn.engine.delegate.DmnDecisionTableEvaluationEvent;
import org.camunda.bpm.dmn.engine.delegate.DmnEvaluatedDecisionRule;
import org.camunda.bpm.dmn.engine.impl.DmnDecisionTableImpl;
import org.camunda.bpm.dmn.engine.impl.DmnExpressionImpl;
import org.camunda.bpm.engine.impl.context.Context;
import org.camunda.bpm.engine.impl.persistence.entity.ExecutionEntity;
import org.springframework.stereotype.Component;

/**
 * Writes each evaluation of a decision table into the journal: verdict, reason, and every number
 * that it depends on, so that the verdict can be recomputed.
 */
@Component
public class GateJournal implements DmnDecisionEvaluationListener {

  private static final Pattern TEXT = Pattern.compile("\"[^\"]*\"");
  private static final Pattern NAME = Pattern.compile("[A-Za-z_]\\w*");

  private final RunJournal journal;
  private final ObjectMapper json;
  private final MeterRegistry meters;

  GateJournal(RunJournal journal, ObjectMapper json, MeterRegistry meters) {
    this.journal = journal;
    this.json = json;
    this.meters = meters;
  }

  /** Names in the conditions of the rules that are no column of their own. */
  private static Stream<String> limits(DmnDecisionTableEvaluationEvent table) {
    DmnDecisionTableImpl logic = (DmnDecisionTableImpl) table.getDecision().getDecisionLogic();
    Set<String> columns =
        logic.getInputs().stream()
            .map(input -> input.getExpression().getExpression())
            .collect(Collectors.toSet());
    return logic.getRules().stream()
        .flatMap(rule -> rule.getConditions().stream())
        .map(DmnExpressionImpl::getExpression)
        .filter(Objects::nonNull)
        .flatMap(condition -> NAME.matcher(TEXT.matcher(condition).replaceAll("")).results())
        .map(MatchResult::group)
        .distinct()
        .filter(name -> !columns.contains(name));
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
    limits(table)
        .filter(execution::hasVariable)
        .forEach(name -> inputs.set(name, json.valueToTree(execution.getVariable(name))));
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
