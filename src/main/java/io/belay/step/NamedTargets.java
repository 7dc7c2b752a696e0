package io.belay.step;

import io.belay.target.Environment;
import io.belay.target.TargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The targets that an input of a step names ({@link TargetName}). */
final class NamedTargets {

  private final Record input;

  NamedTargets(Record input) {
    this.input = input;
  }

  /**
   * Why the environment does not have them.
   *
   * @param given the inputs as the model gives them; null for what is known only in the run
   */
  List<String> missingIn(Environment environment, Map<String, Object> given) {
    List<String> missing = new ArrayList<>();
    for (RecordComponent component : input.getClass().getRecordComponents()) {
      TargetName named = component.getAnnotation(TargetName.class);
      boolean known =
          !given.containsKey(component.getName()) || given.get(component.getName()) != null;
      if (named != null && known) {
        for (String name : names(component)) {
          try {
            environment.target(name, named.value());
          } catch (TargetException lacks) {
            missing.add(lacks.getMessage());
          }
        }
      }
    }
    return missing;
  }

  private List<String> names(RecordComponent component) {
    Object value = StepValues.read(component, input);
    List<?> values =
        value instanceof List<?> list ? list : value == null ? List.of() : List.of(value);
    return values.stream()
        .map(Object::toString)
        .filter(name -> !name.isBlank() && !name.equals(TargetName.NONE))
        .toList();
  }
}
