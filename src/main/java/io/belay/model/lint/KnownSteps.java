package io.belay.model.lint;

import java.util.Optional;
import java.util.function.Consumer;
import org.camunda.bpm.model.bpmn.instance.ServiceTask;

/** A service task names a step that exists, either by delegateExpression or by topic. */
final class KnownSteps implements Rule {

  @Override
  public void check(ModelSet set, Consumer<Finding> out) {
    for (ProcessFile file : set.processes()) {
      for (ServiceTask task : file.all(ServiceTask.class)) {
        problem(set, task).ifPresent(rule -> out.accept(file.finding(task, rule)));
      }
    }
  }

  private static Optional<String> problem(ModelSet set, ServiceTask task) {
    boolean bean = task.getCamundaDelegateExpression() != null;
    boolean external = task.getCamundaType() != null || task.getCamundaTopic() != null;
    if (bean == external) {
      return Optional.of(
          "a service task names its step either by delegateExpression=\"${step}\" or by"
              + " type=\"external\" and topic=\"step\"");
    }
    if (external && !"external".equals(task.getCamundaType())) {
      return Optional.of(
          "type '%s' is refused; a topic goes with type=\"external\""
              .formatted(task.getCamundaType()));
    }
    Optional<String> name = Steps.nameIn(task);
    if (name.isEmpty()) {
      return Optional.of(
          bean
              ? "delegateExpression '%s' is refused; write \"${step}\" and nothing else"
                  .formatted(task.getCamundaDelegateExpression())
              : "an external task needs the topic, the name of its step");
    }
    if (set.steps().of(task).isEmpty()) {
      return Optional.of(
          "there is no step '%s'; a step is named like its class, with a small first letter"
              .formatted(name.get()));
    }
    return Optional.empty();
  }
}
