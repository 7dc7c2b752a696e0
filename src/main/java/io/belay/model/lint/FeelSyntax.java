package io.belay.model.lint;

import java.util.function.Consumer;
import java.util.function.Function;
import org.camunda.bpm.model.dmn.instance.DmnElement;
import org.camunda.bpm.model.dmn.instance.InputEntry;
import org.camunda.bpm.model.dmn.instance.InputExpression;
import org.camunda.bpm.model.dmn.instance.OutputEntry;
import org.camunda.bpm.model.dmn.instance.Text;
import org.camunda.feel.api.FeelEngineApi;
import org.camunda.feel.api.FeelEngineBuilder;
import org.camunda.feel.api.ParseResult;

/** The engine's FEEL can read each cell of a decision table: else its gate would be an incident. */
final class FeelSyntax implements Rule {

  private final FeelEngineApi feel = FeelEngineBuilder.forJava().build();

  @Override
  public void check(ModelSet set, Consumer<Finding> out) {
    for (DecisionFile file : set.decisions()) {
      file.model()
          .getModelElementsByType(InputExpression.class)
          .forEach(cell -> check(file, cell, cell.getText(), feel::parseExpression, out));
      file.model().getModelElementsByType(InputEntry.class).stream()
          .filter(cell -> !GateDecisions.isEmpty(cell))
          .forEach(cell -> check(file, cell, cell.getText(), feel::parseUnaryTests, out));
      file.model().getModelElementsByType(OutputEntry.class).stream()
          .filter(cell -> !DecisionFile.text(cell.getText()).isEmpty()) // the engine's null
          .forEach(cell -> check(file, cell, cell.getText(), feel::parseExpression, out));
    }
  }

  private static void check(
      DecisionFile file,
      DmnElement cell,
      Text content,
      Function<String, ParseResult> parser,
      Consumer<Finding> out) {
    String text = DecisionFile.text(content);
    ParseResult parsed = parser.apply(text);
    if (!parsed.isSuccess()) {
      out.accept(
          new Finding(
              file.file(),
              cell.getId(),
              "'%s' is not valid FEEL: %s".formatted(text, parsed.failure().message())));
    }
  }
}
