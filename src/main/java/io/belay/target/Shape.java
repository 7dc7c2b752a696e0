package io.belay.target;

import io.belay.target.InvalidEnvironment.Problem;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Compares the settings in a file with the record they are meant for, before they are bound. */
final class Shape {

  private final String path;
  private final List<Problem> problems;

  private Shape(String path, List<Problem> problems) {
    this.path = path;
    this.problems = problems;
  }

  /** Adds unknown keys, mappings where a value belongs, and durations without a unit. */
  static void check(Map<?, ?> settings, Class<?> type, String path, List<Problem> problems) {
    settings.forEach(
        (key, value) -> {
          Shape at = new Shape(path + "." + key, problems);
          component(type, key.toString())
              .ifPresentOrElse(
                  component -> at.check(value, component.getGenericType()), () -> at.unknown(type));
        });
  }

  private void unknown(Class<?> type) {
    String known =
        Stream.of(type.getRecordComponents())
            .map(component -> TargetBinding.dashed(component.getName()))
            .collect(Collectors.joining(", "));
    problems.add(new Problem(path, "unknown key; known are " + known));
  }

  /**
   * Finds the component by Spring's relaxed names: {@code queryTimeout} is {@code query-timeout}.
   */
  private static Optional<RecordComponent> component(Class<?> type, String key) {
    String uniform = key.replace("-", "").toLowerCase(Locale.ROOT);
    return Stream.of(type.getRecordComponents())
        .filter(component -> component.getName().toLowerCase(Locale.ROOT).equals(uniform))
        .findFirst();
  }

  private void check(Object value, Type type) {
    if (type instanceof ParameterizedType generic) {
      Type[] arguments = generic.getActualTypeArguments();
      if (generic.getRawType() == List.class) {
        checkList(value, (Class<?>) arguments[0]);
      } else {
        checkMap(value);
      }
    } else if (((Class<?>) type).isRecord()) {
      if (value instanceof Map<?, ?> map && !map.isEmpty()) {
        check(map, (Class<?>) type, path, problems);
      } else {
        problems.add(new Problem(path, rule((Class<?>) type)));
      }
    } else if (!(value instanceof String text)) {
      problems.add(new Problem(path, rule((Class<?>) type)));
    } else if (type == Duration.class && text.matches("-?\\d+")) {
      problems.add(new Problem(path, rule(Duration.class)));
    }
  }

  private void checkList(Object value, Class<?> element) {
    if (value instanceof List<?> list) {
      for (int i = 0; i < list.size(); i++) {
        new Shape(path + "[" + i + "]", problems).check(list.get(i), element);
      }
    } else if (value instanceof Map<?, ?> || element.isRecord()) {
      problems.add(new Problem(path, "must be a list"));
    }
  }

  private void checkMap(Object value) {
    if (!(value instanceof Map<?, ?> map)) {
      problems.add(new Problem(path, "must be a mapping"));
    } else {
      map.forEach(
          (key, item) -> {
            if (!(item instanceof String)) {
              problems.add(new Problem(path + "." + key, rule(String.class)));
            }
          });
    }
  }

  /** What a value of that type must look like. */
  static String rule(Class<?> type) {
    if (type == int.class || type == long.class) {
      return "must be a whole number";
    }
    if (type == Duration.class) {
      return "must be a duration with a unit, such as 500ms, 30s, 10m or 2h";
    }
    if (type == URI.class) {
      return "must be an address such as http://host:8080";
    }
    if (type == Command.class) {
      return "must be a mapping with 'arguments', a list such as [docker, start, main-server]";
    }
    if (type.isEnum()) {
      return "must be one of "
          + Arrays.stream(type.getEnumConstants())
              .map(constant -> constant.toString().toLowerCase(Locale.ROOT))
              .collect(Collectors.joining(", "));
    }
    return type.isRecord() ? "must be a mapping" : "must be a single value";
  }
}
