package io.belay.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.camunda.bpm.dmn.engine.DmnDecisionResult;
import org.camunda.bpm.dmn.engine.DmnEngine;
import org.camunda.bpm.dmn.engine.DmnEngineConfiguration;
import org.camunda.bpm.model.dmn.Dmn;
import org.camunda.bpm.model.dmn.DmnModelInstance;
import org.camunda.bpm.model.dmn.instance.Decision;
import org.camunda.bpm.model.dmn.instance.DecisionTable;
import org.camunda.bpm.model.dmn.instance.Input;
import org.camunda.bpm.model.dmn.instance.Output;
import org.camunda.bpm.model.dmn.instance.OutputEntry;
import org.camunda.bpm.model.dmn.instance.Rule;

/**
 * {@code ./belay verify report.json}: evaluates the decision table of every gate of a run's report
 * again, from the numbers and the table in the report. Exit code 0 when each verdict is the same, 1
 * when one is not, 2 when the file is no report, 3 when the report has no gate.
 */
public final class GateVerification {

  private static final int NO_GATE = 3;

  private final DmnEngine engine =
      DmnEngineConfiguration.createDefaultDmnEngineConfiguration().buildEngine();
  private final ObjectMapper json = new ObjectMapper();

  private GateVerification() {}

  public static void main(String[] args) {
    if (args.length != 1) {
      System.err.println("usage: ./belay verify <report.json>");
      System.exit(2);
    }
    try {
      JsonNode report = new ObjectMapper().readTree(Files.readAllBytes(Path.of(args[0])));
      System.exit(verify(report, System.out));
    } catch (IOException e) {
      System.err.printf("%s is no report: %s%n", args[0], e.getMessage());
      System.exit(2);
    }
  }

  /** Returns the exit code. */
  public static int verify(JsonNode report, PrintStream out) {
    GateVerification verification = new GateVerification();
    JsonNode gates = report.at("/run/gates");
    int same = 0;
    for (JsonNode gate : gates) {
      String recorded = gate.path("verdict").asText();
      String again = verification.again(gate, report.path("tables"));
      boolean right = again.equals(recorded);
      same += right ? 1 : 0;
      out.printf(
          "%s: %s, %s: %s%n",
          right ? "same again" : "DIFFERENT",
          gate.path("decision").asText(),
          recorded,
          gate.path("reason").asText());
      if (!right) {
        out.printf("  evaluated again: %s%n", again);
      }
    }
    out.printf("%d of %d gates evaluated again with the same verdict%n", same, gates.size());
    return gates.isEmpty() ? NO_GATE : same == gates.size() ? 0 : 1;
  }

  /** The verdict, or why there is none. */
  private String again(JsonNode gate, JsonNode tables) {
    String key = gate.path("decision").asText();
    String text = tables.path(key).asText("");
    if (text.isEmpty()) {
      return "the report does not have the table";
    }
    try {
      DmnModelInstance model =
          Dmn.readModelFromStream(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
      Decision decision = model.getModelElementById(key);
      DecisionTable table = (DecisionTable) decision.getExpression();
      keepVerdictOnly(table);
      Map<String, Object> values = values(gate.path("inputs"), table);
      // What a table requires is among the recorded numbers.
      decision.getInformationRequirements().clear();
      DmnDecisionResult result = engine.evaluateDecision(engine.parseDecision(key, model), values);
      String verdict = "NO_DATA";
      for (Map<String, Object> rule : result) {
        verdict = String.valueOf(rule.get("verdict"));
      }
      return verdict;
    } catch (RuntimeException broken) {
      return "the table cannot be evaluated: " + broken.getMessage();
    }
  }

  /** The other outputs are texts, for which a report does not have all variables. */
  private static void keepVerdictOnly(DecisionTable table) {
    List<Output> outputs = List.copyOf(table.getOutputs());
    List<Rule> rules = List.copyOf(table.getRules());
    for (int column = outputs.size() - 1; column >= 0; column--) {
      if (!"verdict".equals(outputs.get(column).getName())) {
        table.getOutputs().remove(outputs.get(column));
        for (Rule rule : rules) {
          List<OutputEntry> entries = new ArrayList<>(rule.getOutputEntries());
          rule.getOutputEntries().remove(entries.get(column));
        }
      }
    }
  }

  /** Each recorded number under its name, and as what the expression of its column yields. */
  private Map<String, Object> values(JsonNode recorded, DecisionTable table) {
    Map<String, Object> values = new HashMap<>();
    recorded
        .properties()
        .forEach(it -> values.put(it.getKey(), json.convertValue(it.getValue(), Object.class)));
    int column = 0;
    for (Input input : table.getInputs()) {
      if (!recorded.has(input.getLabel())) {
        throw new IllegalArgumentException("no number is recorded for " + input.getLabel());
      }
      Object value = values.get(input.getLabel());
      String name = "column" + column++;
      values.put(input.getInputExpression().getText().getTextContent().trim(), value);
      values.put(name, value);
      input.getInputExpression().getText().setTextContent(name);
    }
    return values;
  }
}
