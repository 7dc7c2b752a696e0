package io.belay.model.lint;

import io.belay.step.StepDelegate;
import io.belay.step.TargetName;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.camunda.bpm.model.bpmn.instance.ServiceTask;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.lang.Nullable;

/**
 * A target that a task's step works on.
 *
 * @param name null when only the run knows it
 * @param kind that the step demands
 */
record NamedByTask(@Nullable String name, Class<?> kind) {

  /**
   * @param literals values of variables that the models give
   */
  static List<NamedByTask> of(
      StepDelegate<?, ?> step, ServiceTask task, Map<String, String> literals) {
    List<NamedByTask> named = new ArrayList<>();
    for (RecordComponent component : step.inputType().getRecordComponents()) {
      TargetName demanded = component.getAnnotation(TargetName.class);
      if (demanded != null) {
        String given = Parameters.inputs(task).get(component.getName());
        String text = given == null ? byDefault(step, component.getName()) : given;
        String value = PlainExpressions.variable(text).map(literals::get).orElse(text);
        if (!PlainExpressions.isLiteral(value)) {
          named.add(new NamedByTask(null, demanded.value()));
        } else {
          Arrays.stream(value.split(","))
              .map(String::trim)
              .filter(name -> !name.isEmpty() && !name.equals(TargetName.NONE))
              .forEach(name -> named.add(new NamedByTask(name, demanded.value())));
        }
      }
    }
    return named;
  }

  private static String byDefault(StepDelegate<?, ?> step, String component) {
    return Arrays.stream(step.inputType().getDeclaredConstructors())
        .flatMap(constructor -> Arrays.stream(constructor.getParameters()))
        .filter(parameter -> parameter.getName().equals(component))
        .flatMap(
            parameter -> Optional.ofNullable(parameter.getAnnotation(DefaultValue.class)).stream())
        .flatMap(given -> Arrays.stream(given.value()))
        .findFirst()
        .orElse("");
  }
}
