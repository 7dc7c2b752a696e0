package io.belay.process.lint;

import io.belay.step.StepDelegate;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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

  /** The name that the task gives to its step, whether there is such a step or not. */
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

  Set<String> names() {
    return byName.keySet();
  }
}
