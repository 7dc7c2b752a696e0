package io.belay.model;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.camunda.bpm.engine.RepositoryService;
import org.camunda.bpm.engine.repository.DecisionDefinition;
import org.camunda.bpm.engine.repository.ProcessDefinition;
import org.camunda.bpm.model.dmn.instance.DecisionTable;
import org.camunda.bpm.model.dmn.instance.Input;
import org.camunda.bpm.model.dmn.instance.InputEntry;
import org.camunda.bpm.model.dmn.instance.Rule;
import org.springframework.lang.Nullable;
import org.springframework.stereotype.Component;

/**
 * The limits in the decision tables of gates, for plots and reports: every unary test of the shape
 * {@code > 200} in the tables that were deployed with a runbook. Read only; the engine alone
 * judges.
 */
@Component
public class GateThresholds {

  private static final Pattern TEST =
      Pattern.compile("\\s*(>=|<=|>|<)\\s*(-?\\d+(?:\\.\\d+)?)\\s*");

  /**
   * A limit.
   *
   * @param metric variable that is tested
   * @param operator {@code >}, {@code >=}, {@code <} or {@code <=}; when it holds, the rule matches
   * @param verdict of that rule
   * @param why description of that rule; may be empty
   */
  public record Threshold(
      String metric,
      @Nullable String label,
      String operator,
      double value,
      String verdict,
      String why) {}

  private final RepositoryService repository;

  GateThresholds(RepositoryService repository) {
    this.repository = repository;
  }

  /** The limits, by decision, of the tables that runs of that runbook version use. */
  public Map<String, List<Threshold>> of(String definitionId) {
    ProcessDefinition runbook =
        repository.createProcessDefinitionQuery().processDefinitionId(definitionId).singleResult();
    Map<String, List<Threshold>> thresholds = new LinkedHashMap<>();
    if (runbook != null) {
      repository
          .createDecisionDefinitionQuery()
          .deploymentId(runbook.getDeploymentId())
          .orderByDecisionDefinitionKey()
          .asc()
          .list()
          .forEach(decision -> thresholds.put(decision.getKey(), read(decision)));
    }
    return thresholds;
  }

  private List<Threshold> read(DecisionDefinition decision) {
    List<Threshold> found = new ArrayList<>();
    repository
        .getDmnModelInstance(decision.getId())
        .getModelElementsByType(DecisionTable.class)
        .forEach(
            table -> {
              List<Input> inputs = List.copyOf(table.getInputs());
              table.getRules().forEach(rule -> collect(rule, inputs, found));
            });
    return found;
  }

  private static void collect(Rule rule, List<Input> inputs, List<Threshold> found) {
    String verdict =
        rule.getOutputEntries().stream()
            .findFirst()
            .map(output -> output.getText().getTextContent().replace("\"", "").trim())
            .orElse("");
    if (verdict.equals("PASS")) {
      return;
    }
    int column = 0;
    for (InputEntry test : rule.getInputEntries()) {
      Input input = inputs.get(column++);
      Matcher limit = TEST.matcher(test.getText().getTextContent());
      if (limit.matches()) {
        found.add(
            new Threshold(
                input.getInputExpression().getText().getTextContent().trim(),
                input.getLabel(),
                limit.group(1),
                Double.parseDouble(limit.group(2)),
                verdict,
                rule.getDescription() == null ? "" : rule.getDescription().getTextContent()));
      }
    }
  }
}
