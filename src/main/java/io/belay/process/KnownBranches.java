package io.belay.process;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.camunda.bpm.model.bpmn.instance.ExclusiveGateway;
import org.camunda.bpm.model.bpmn.instance.FlowNode;
import org.camunda.bpm.model.bpmn.instance.SequenceFlow;

/** Which ways a run can take behind a node, as far as its parameters decide that. */
final class KnownBranches {

  /** As the lint allows them: a variable compared with a text. */
  private static final Pattern COMPARISON =
      Pattern.compile("\\$\\{\\s*(\\w+)\\s*==\\s*'([^']*)'\\s*}");

  private final Map<String, Object> parameters;

  KnownBranches(Map<String, Object> parameters) {
    this.parameters = parameters;
  }

  /** The flows that can be taken from there. */
  Collection<SequenceFlow> from(FlowNode node) {
    if (!(node instanceof ExclusiveGateway gateway)) {
      return node.getOutgoing();
    }
    List<SequenceFlow> conditional =
        node.getOutgoing().stream().filter(flow -> !flow.equals(gateway.getDefault())).toList();
    if (!conditional.stream().allMatch(this::isDecided)) {
      return node.getOutgoing();
    }
    return conditional.stream()
        .filter(this::holds)
        .findFirst()
        .or(() -> Optional.ofNullable(gateway.getDefault()))
        .map(List::of)
        .orElseGet(() -> List.copyOf(node.getOutgoing()));
  }

  private boolean isDecided(SequenceFlow flow) {
    Matcher condition = condition(flow);
    return condition.matches() && parameters.containsKey(condition.group(1));
  }

  private boolean holds(SequenceFlow flow) {
    Matcher condition = condition(flow);
    return condition.matches()
        && condition.group(2).equals(String.valueOf(parameters.get(condition.group(1))));
  }

  private static Matcher condition(SequenceFlow flow) {
    return COMPARISON.matcher(
        flow.getConditionExpression() == null
            ? ""
            : flow.getConditionExpression().getTextContent());
  }
}
