package io.belay.model.lint;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.camunda.bpm.model.bpmn.instance.ExclusiveGateway;
import org.camunda.bpm.model.bpmn.instance.FlowNode;
import org.camunda.bpm.model.bpmn.instance.SequenceFlow;

/** The conditions on the ways out of a gateway. */
final class Answers {

  private static final Pattern IS =
      Pattern.compile("\\$\\{\\s*([A-Za-z][A-Za-z0-9_]*)\\s*==\\s*['\"]([^'\"]*)['\"]\\s*}");
  private static final Pattern ASKED = Pattern.compile("\\$\\{\\s*!?([A-Za-z][A-Za-z0-9_]*).*}");

  private Answers() {}

  /** Whether the node is a gateway that asks the variable. */
  static boolean asks(Flow flow, FlowNode node, String variable) {
    return node instanceof ExclusiveGateway
        && flow.outgoing(node).stream()
            .anyMatch(answer -> group(ASKED, answer, 1).filter(variable::equals).isPresent());
  }

  /** The text that a variable must be equal to; empty for a condition of another form. */
  static Optional<String> value(SequenceFlow answer) {
    return group(IS, answer, 2);
  }

  private static Optional<String> group(Pattern pattern, SequenceFlow answer, int group) {
    return Optional.ofNullable(answer.getConditionExpression())
        .map(condition -> pattern.matcher(condition.getTextContent().trim()))
        .filter(Matcher::matches)
        .map(condition -> condition.group(group));
  }
}
