package io.belay.step;

import com.fasterxml.jackson.databind.JsonNode;
import io.belay.target.Environment;
import io.belay.target.MigrationTarget;
import io.belay.target.TargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

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

  /** Their names, and with a migration the name of the database that it changes. */
  Set<String> in(Environment environment) {
    return in(environment, input.getClass(), this::names);
  }

  /**
   * The same of an input as the journal keeps it.
   *
   * @param type of the input
   */
  static Set<String> in(Environment environment, Class<?> type, JsonNode recorded) {
    return in(
        environment,
        type,
        component -> {
          JsonNode value = recorded.path(component.getName());
          List<String> names = new ArrayList<>();
          (value.isArray() ? value : List.of(value)).forEach(name -> names.add(name.asText()));
          return names;
        });
  }

  private static Set<String> in(
      Environment environment, Class<?> type, Function<RecordComponent, List<String>> named) {
    Set<String> names = new LinkedHashSet<>();
    for (RecordComponent component : type.getRecordComponents()) {
      if (component.isAnnotationPresent(TargetName.class)) {
        names.addAll(named.apply(component));
      }
    }
    for (String name : List.copyOf(names)) {
      if (environment.targets().get(name) instanceof MigrationTarget migration) {
        names.add(migration.database());
      }
    }
    return names;
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
