package io.belay.model;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.camunda.bpm.model.bpmn.BpmnModelInstance;
import org.camunda.bpm.model.bpmn.instance.ExclusiveGateway;
import org.camunda.bpm.model.bpmn.instance.FlowNode;
import org.camunda.bpm.model.bpmn.instance.SequenceFlow;

/** Which flows a process can take after a node, as far as known variables decide that. */
final class KnownBranches {

  /** As the lint allows them: a variable by itself, or compared with a value. */
  private static final Pattern CONDITION =
      Pattern.compile(
          "\\$\\{\\s*(?:(!?)(\\w+)|(\\w+)\\s*([=!]=)\\s*(?:'([^']*)'|\"([^\"]*)\"|([\\w.-]+)))\\s*}");

  private final Outgoing outgoing;
  private final Map<String, Object> variables;

  /**
   * @param variables whose values are known; a parameter that was left out is null
   */
  KnownBranches(BpmnModelInstance model, Map<String, Object> variables) {
    this.outgoing = new Outgoing(model);
    this.variables = variables;
  }

  /** The flows that can be taken from there. */
  Collection<SequenceFlow> from(FlowNode node) {
    List<SequenceFlow> all = outgoing.of(node);
    if (!(node instanceof ExclusiveGateway gateway)) {
      return all;
    }
    List<SequenceFlow> conditional =
        all.stream().filter(flow -> !flow.equals(gateway.getDefault())).toList();
    if (!conditional.stream().allMatch(flow -> holds(flow).isPresent())) {
      return all;
    }
    return conditional.stream()
        .filter(flow -> holds(flow).orElseThrow())
        .findFirst()
        .or(() -> Optional.ofNullable(gateway.getDefault()))
        .map(List::of)
        .orElseGet(() -> all);
  }

  /** Whether the condition holds; empty when that is known only in the run. */
  private Optional<Boolean> holds(SequenceFlow flow) {
    Matcher condition =
        CONDITION.matcher(
            flow.getConditionExpression() == null
                ? ""
                : flow.getConditionExpression().getTextContent().trim());
    if (!condition.matches()) {
      return Optional.empty();
    }
    String variable = condition.group(2) == null ? condition.group(3) : condition.group(2);
    if (!variables.containsKey(variable)) {
      return Optional.empty();
    }
    String value = String.valueOf(variables.get(variable));
    if (condition.group(2) != null) {
      return Optional.of(Boolean.parseBoolean(value) == condition.group(1).isEmpty());
    }
    String wanted =
        Stream.of(5, 6, 7).map(condition::group).filter(Objects::nonNull).findFirst().orElseThrow();
    return condition.group(7) != null && !isValue(wanted)
        ? Optional.empty() // compares two variables
        : Optional.of(value.equals(wanted) == condition.group(4).equals("=="));
  }

  private static boolean isValue(String text) {
    return text.matches("true|false|null|-?[0-9]+(\\.[0-9]+)?");
  }
}
