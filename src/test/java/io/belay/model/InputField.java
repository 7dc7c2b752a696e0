package io.belay.model;

import io.belay.target.Weight;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import java.lang.reflect.Constructor;
import java.lang.reflect.Parameter;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * An input of a step as a field of a form. Every field takes a variable too, as {@code ${name}}.
 *
 * @param value the default; empty when there is none
 * @param required whether it must not be left empty
 * @param pattern of what it takes; null for anything
 * @param message for what the pattern refuses
 * @param choices values and names, when there are only some; empty for a text
 */
record InputField(
    String name,
    String value,
    boolean required,
    String pattern,
    String message,
    Map<String, String> choices) {

  private static final String VARIABLE = "\\$\\{.+\\}";
  private static final String WHOLE = "-?[0-9]+";
  private static final String WEIGHT = "[1-9]?[0-9](\\.[0-9]{1,2})?|100(\\.00?)?";
  static final String DURATION = "[0-9]+(ns|us|ms|s|m|h|d)?|[Pp].+";

  static InputField of(Class<?> record, RecordComponent component) {
    Parameter parameter = parameter(record, component.getName());
    Class<?> type = component.getType();
    DefaultValue given = parameter.getAnnotation(DefaultValue.class);
    String value = given == null ? "" : String.join(",", given.value());
    // A number without a default would silently be 0 when it is left empty.
    boolean required =
        given == null
            && (type.isPrimitive()
                || parameter.isAnnotationPresent(NotBlank.class)
                || parameter.isAnnotationPresent(NotNull.class)
                || parameter.isAnnotationPresent(NotEmpty.class));
    Map<String, String> choices = choices(component.getName(), type);
    if (!choices.isEmpty() && value.isEmpty()) {
      value = "${" + component.getName() + "}";
    }
    String[] rule = choices.isEmpty() ? rule(component, parameter) : null;
    return new InputField(
        component.getName(),
        value,
        required,
        rule == null ? null : "^(%s|%s)$".formatted(VARIABLE, rule[0]),
        rule == null ? null : rule[1] + ", or a variable such as ${" + component.getName() + "}",
        choices);
  }

  private static Map<String, String> choices(String name, Class<?> type) {
    Map<String, String> choices = new LinkedHashMap<>();
    if (type.isEnum()) {
      Arrays.stream(type.getEnumConstants())
          .map(Object::toString)
          .forEach(constant -> choices.put(constant, constant));
    } else if (type == boolean.class || type == Boolean.class) {
      choices.put("true", "yes");
      choices.put("false", "no");
    }
    if (!choices.isEmpty()) {
      choices.put("${" + name + "}", "as the variable '%s' says".formatted(name));
    }
    return choices;
  }

  /** A pattern and what it means; null when every text will do. */
  private static String[] rule(RecordComponent component, Parameter parameter) {
    Class<?> type = component.getType();
    Pattern pattern = parameter.getAnnotation(Pattern.class);
    if (pattern != null) {
      return new String[] {pattern.regexp(), "Must match " + pattern.regexp()};
    }
    if (type == Duration.class) {
      return new String[] {DURATION, "A duration such as 500ms, 30s or PT24H"};
    }
    if (isWhole(type)) {
      return whole(parameter.getAnnotation(Min.class), parameter.getAnnotation(Max.class));
    }
    if (type == Weight.class) {
      return new String[] {WEIGHT, "A percentage from 0 to 100, in steps of 0.01"};
    }
    if (type == List.class && element(component) == Weight.class) {
      return new String[] {
        "(%s)( *, *(%s))*".formatted(WEIGHT, WEIGHT),
        "Percentages in steps of 0.01, separated by commas"
      };
    }
    if (type == List.class && isWhole(element(component))) {
      return new String[] {
        "%s( *, *%s)*".formatted(WHOLE, WHOLE), "Whole numbers separated by commas"
      };
    }
    return null;
  }

  private static String[] whole(Min min, Max max) {
    if (min == null) {
      return new String[] {WHOLE, "A whole number"};
    }
    if (max != null || min.value() < 0 || min.value() > 1) {
      throw new AssertionError("no pattern for the range of " + min + " and " + max);
    }
    return min.value() == 0
        ? new String[] {"[0-9]+", "A whole number from 0"}
        : new String[] {"0*[1-9][0-9]*", "A whole number from 1"};
  }

  private static boolean isWhole(Class<?> type) {
    return List.of(int.class, long.class, Integer.class, Long.class).contains(type);
  }

  private static Class<?> element(RecordComponent list) {
    return (Class<?>) ((ParameterizedType) list.getGenericType()).getActualTypeArguments()[0];
  }

  /** {@code @DefaultValue} is on the parameter of the constructor only. */
  private static Parameter parameter(Class<?> record, String name) {
    for (Constructor<?> constructor : record.getDeclaredConstructors()) {
      for (Parameter parameter : constructor.getParameters()) {
        if (parameter.getName().equals(name)
            && constructor.getParameterCount() == record.getRecordComponents().length) {
          return parameter;
        }
      }
    }
    throw new AssertionError(record + " has no component " + name);
  }
}
