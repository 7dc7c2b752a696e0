package io.belay.model.lint;

import io.belay.step.Assignments;
import io.belay.step.StepDelegate;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.camunda.bpm.model.bpmn.instance.FlowNode;
import org.camunda.bpm.model.bpmn.instance.ServiceTask;

/** The steps that a model can name. */
final class Steps {

  private static final Pattern BEAN = Pattern.compile("\\$\\{([A-Za-z][A-Za-z0-9]*)}");

  private final Map<String, StepDelegate<?, ?>> byName = new TreeMap<>();

  Steps(Collection<? extends StepDelegate<?, ?>> delegates) {
    delegates.forEach(delegate -> byName.put(name(delegate.getClass()), delegate));
  }

  private static String name(Class<?> type) {
    Class<?> plain = type.getSimpleName().contains("$$") ? type.getSuperclass() : type;
    String name = plain.getSimpleName();
    return Character.toLowerCase(name.charAt(0)) + name.substring(1);
  }

  /** The step name in the task, whether there is such a step or not. */
  static Optional<String> nameIn(ServiceTask task) {
    if (task.getCamundaDelegateExpression() != null) {
      Matcher bean = BEAN.matcher(task.getCamundaDelegateExpression());
      return bean.matches() ? Optional.of(bean.group(1)) : Optional.empty();
    }
    return Optional.ofNullable(task.getCamundaTopic());
  }

  Optional<StepDelegate<?, ?>> of(ServiceTask task) {
    return nameIn(task).map(byName::get);
  }

  /**
   * The results that inputs of tasks name, each a variable of the process.
   *
   * @param literals values of variables that the models give
   * @return empty when some of them are known only in the run
   */
  Optional<Set<String>> namedResults(
      Collection<? extends FlowNode> nodes, Map<String, String> literals) {
    Set<String> names = new TreeSet<>();
    for (FlowNode node : nodes) {
      for (String input : namingInputs(node)) {
        String text = Parameters.inputs(node).getOrDefault(input, "");
        String value = PlainExpressions.variable(text).map(literals::get).orElse(text);
        if (!PlainExpressions.isLiteral(value)) {
          return Optional.empty();
        }
        names.addAll(Assignments.namesIn(value));
      }
    }
    return Optional.of(names);
  }

  /** The inputs of a task whose lines name results. */
  List<String> namingInputs(FlowNode node) {
    return node instanceof ServiceTask task
        ? of(task).map(StepDelegate::namingInputs).orElse(List.of())
        : List.of();
  }

  Optional<StepDelegate<?, ?>> named(String name) {
    return Optional.ofNullable(byName.get(name));
  }

  Set<String> names() {
    return byName.keySet();
  }
}
