package io.belay.step;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.belay.target.Environment;
import io.belay.target.FormerName;
import io.belay.target.Target;
import io.belay.target.TargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/** The targets that an input of a step names ({@link TargetName}). */
final class NamedTargets {

  private final Record input;

  NamedTargets(Record input) {
    this.input = input;
  }

  /**
   * Says for each target that the environment lacks why.
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

  /** Names of the targets, and of the targets that change with them. */
  Set<String> in(Environment environment) {
    return in(environment, input.getClass(), this::names);
  }

  /**
   * The same for an input as the journal keeps it.
   *
   * @param type of the input
   */
  static Set<String> in(Environment environment, Class<?> type, JsonNode recorded) {
    return in(environment, type, component -> names(component, recorded));
  }

  /** Only the targets that an input names, as the journal keeps it. */
  static Set<String> in(Class<?> type, JsonNode recorded) {
    return in(type, component -> names(component, recorded));
  }

  private static List<String> names(RecordComponent component, JsonNode recorded) {
    JsonNode value = recorded(component, recorded);
    List<String> names = new ArrayList<>();
    (value.isArray() ? value : List.of(value)).forEach(name -> names.add(name.asText("")));
    names.removeIf(NamedTargets::isNone);
    return names;
  }

  private static JsonNode recorded(RecordComponent component, JsonNode input) {
    FormerName former = component.getAnnotation(FormerName.class);
    return Stream.concat(
            Stream.of(component.getName()),
            former == null ? Stream.of() : Stream.of(former.value()))
        .map(input::path)
        .filter(value -> !value.isMissingNode())
        .findFirst()
        .orElse(MissingNode.getInstance());
  }

  private static Set<String> in(
      Environment environment, Class<?> type, Function<RecordComponent, List<String>> named) {
    Set<String> names = in(type, named);
    Deque<String> open = new ArrayDeque<>(names);
    while (!open.isEmpty()) {
      Target target = environment.targets().get(open.remove());
      if (target != null) {
        target.alsoChanged().stream().filter(names::add).forEach(open::add);
      }
    }
    return names;
  }

  private static Set<String> in(Class<?> type, Function<RecordComponent, List<String>> named) {
    Set<String> names = new LinkedHashSet<>();
    for (RecordComponent component : type.getRecordComponents()) {
      if (component.isAnnotationPresent(TargetName.class)) {
        names.addAll(named.apply(component));
      }
    }
    return names;
  }

  private List<String> names(RecordComponent component) {
    Object value = StepValues.read(component, input);
    List<?> values =
        value instanceof List<?> list ? list : value == null ? List.of() : List.of(value);
    return values.stream().map(Object::toString).filter(name -> !isNone(name)).toList();
  }

  private static boolean isNone(String name) {
    return name.isBlank() || name.equals(TargetName.NONE);
  }
}
