package io.belay.model.lint;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.camunda.bpm.model.dmn.HitPolicy;
import org.camunda.bpm.model.dmn.instance.Decision;
import org.camunda.bpm.model.dmn.instance.DecisionTable;
import org.camunda.bpm.model.dmn.instance.InputEntry;
import org.camunda.bpm.model.dmn.instance.Output;
import org.camunda.bpm.model.dmn.instance.Rule;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * A decision turns numbers into a verdict with a reason, and fails closed: its first matching rule
 * decides, and what no rule expected is not passed.
 */
final class GateDecisions implements io.belay.model.lint.Rule {

  private static final Pattern VERDICT = Pattern.compile("\"(PASS|FAIL|INCONCLUSIVE|NO_DATA)\"");
  private static final Set<String> FEEL =
      Set.of(
          "",
          "feel",
          "http://www.omg.org/spec/FEEL/20140401",
          "http://www.omg.org/spec/DMN/20180521/FEEL/",
          "https://www.omg.org/spec/DMN/20191111/FEEL/");

  @Override
  public void check(ModelSet set, Consumer<Finding> out) {
    for (DecisionFile file : set.decisions()) {
      checkLanguages(file, out);
      List<Decision> decisions =
          new ArrayList<>(file.model().getModelElementsByType(Decision.class));
      if (decisions.size() != 1) {
        out.accept(
            new Finding(
                file.file(),
                "",
                "has %d decisions; a file holds exactly one".formatted(decisions.size())));
      }
      decisions.forEach(decision -> checkDecision(file, decision, out));
    }
  }

  private static void checkLanguages(DecisionFile file, Consumer<Finding> out) {
    NodeList all = file.xml().getElementsByTagName("*");
    for (int i = 0; i < all.getLength(); i++) {
      Element element = (Element) all.item(i);
      String language = element.getAttribute("expressionLanguage");
      boolean holdsJuel =
          element.getLocalName().equals("text")
              && !PlainExpressions.isLiteral(element.getTextContent());
      if (!FEEL.contains(language.trim().toLowerCase(java.util.Locale.ROOT))
              && !FEEL.contains(language)
          || holdsJuel) {
        out.accept(
            new Finding(
                file.file(),
                SafeXml.idAround(element),
                "only FEEL is allowed in a decision, but this is %s"
                    .formatted(holdsJuel ? "a JUEL expression" : language)));
      }
    }
  }

  private static void checkDecision(DecisionFile file, Decision decision, Consumer<Finding> out) {
    Consumer<String> refuse = rule -> out.accept(new Finding(file.file(), decision.getId(), rule));
    if (!file.name().equals(decision.getId())) {
      refuse.accept(
          "the decision's id is not the file's name; call it '%s'".formatted(file.name()));
    }
    if (!(decision.getExpression() instanceof DecisionTable table)) {
      refuse.accept("is no decision table; operators read and change a table");
      return;
    }
    if (table.getHitPolicy() != HitPolicy.FIRST) {
      refuse.accept("its hit policy is %s; set FIRST".formatted(table.getHitPolicy()));
    }
    List<String> outputs = table.getOutputs().stream().map(Output::getName).toList();
    if (!outputs.equals(List.of("verdict", "reason"))) {
      refuse.accept("its outputs are %s; make them verdict and reason".formatted(outputs));
      return;
    }
    List<Rule> rules = new ArrayList<>(table.getRules());
    if (rules.isEmpty()) {
      refuse.accept("has no rule; the last rule catches everything and does not pass");
      return;
    }
    for (Rule rule : rules) {
      if (!VERDICT.matcher(verdict(rule)).matches()) {
        out.accept(
            new Finding(
                file.file(),
                rule.getId(),
                "verdict %s is none of \"PASS\", \"FAIL\", \"INCONCLUSIVE\", \"NO_DATA\""
                    .formatted(verdict(rule))));
      }
    }
    for (Rule rule : rules) {
      boolean asksAll = rule.getInputEntries().stream().noneMatch(GateDecisions::isEmpty);
      if (verdict(rule).equals("\"PASS\"")
          && (!asksAll || rule.getInputEntries().size() != table.getInputs().size())) {
        out.accept(
            new Finding(
                file.file(),
                rule.getId(),
                "passes without asking every input; fill in its conditions"));
      }
    }
    Rule last = rules.get(rules.size() - 1);
    boolean catchesAll = last.getInputEntries().stream().allMatch(GateDecisions::isEmpty);
    if (!catchesAll || verdict(last).equals("\"PASS\"")) {
      out.accept(
          new Finding(
              file.file(),
              last.getId(),
              "the last rule must catch everything (all its inputs empty) and not pass"));
    }
  }

  static boolean isEmpty(InputEntry entry) {
    String test = DecisionFile.text(entry.getText());
    return test.isEmpty() || test.equals("-");
  }

  private static String verdict(Rule rule) {
    return rule.getOutputEntries().stream()
        .findFirst()
        .map(entry -> DecisionFile.text(entry.getText()))
        .orElse("");
  }
}
