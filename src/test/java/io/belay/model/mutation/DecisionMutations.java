package io.belay.model.mutation;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.camunda.bpm.model.dmn.Dmn;
import org.camunda.bpm.model.dmn.DmnModelInstance;
import org.camunda.bpm.model.dmn.HitPolicy;
import org.camunda.bpm.model.dmn.instance.DecisionTable;
import org.camunda.bpm.model.dmn.instance.InputEntry;
import org.camunda.bpm.model.dmn.instance.OutputEntry;
import org.camunda.bpm.model.dmn.instance.Rule;
import org.camunda.bpm.model.xml.impl.util.IoUtil;

/** All mutants of one decision table. */
final class DecisionMutations {

  private final String file;
  private final String text;
  private final List<Mutant> mutants = new ArrayList<>();

  private DecisionMutations(String file, String text) {
    this.file = file;
    this.text = text;
  }

  static List<Mutant> of(String file, String text) {
    DecisionMutations mutations = new DecisionMutations(file, text);
    mutations.rules();
    return mutations.mutants;
  }

  private void rules() {
    DmnModelInstance original = read();
    List<Rule> rules = new ArrayList<>(original.getModelElementsByType(Rule.class));
    for (int r = 0; r < rules.size(); r++) {
      int rule = r;
      String id = rules.get(r).getId();
      mutate("rule deleted", id, model -> table(model).getRules().remove(rule(model, rule)));
      OutputEntry verdict = rules.get(r).getOutputEntries().iterator().next();
      if (!verdict.getTextContent().contains("PASS")) {
        mutate(
            "rule passes",
            id,
            model ->
                rule(model, rule)
                    .getOutputEntries()
                    .iterator()
                    .next()
                    .getText()
                    .setTextContent("\"PASS\""));
      }
      List<InputEntry> inputs = new ArrayList<>(rules.get(r).getInputEntries());
      for (int i = 0; i < inputs.size(); i++) {
        int input = i;
        if (!inputs.get(i).getTextContent().isBlank()) {
          mutate(
              "condition of a rule emptied",
              id + " input " + (i + 1),
              model ->
                  new ArrayList<>(rule(model, rule).getInputEntries())
                      .get(input)
                      .getText()
                      .setTextContent(""));
        }
      }
    }
    mutate("hit policy changed", "table", model -> table(model).setHitPolicy(HitPolicy.ANY));
  }

  private DmnModelInstance read() {
    return Dmn.readModelFromStream(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
  }

  private void mutate(String operator, String place, Consumer<DmnModelInstance> change) {
    mutants.add(
        new Mutant(
            file,
            operator,
            place,
            () -> {
              DmnModelInstance model = read();
              change.accept(model);
              return IoUtil.convertXmlDocumentToString(model.getDocument())
                  .getBytes(StandardCharsets.UTF_8);
            }));
  }

  private static DecisionTable table(DmnModelInstance model) {
    return model.getModelElementsByType(DecisionTable.class).iterator().next();
  }

  private static Rule rule(DmnModelInstance model, int index) {
    return new ArrayList<>(model.getModelElementsByType(Rule.class)).get(index);
  }
}
