package io.belay.step;

import io.belay.target.FormerName;
import io.belay.target.Secret;
import io.belay.target.Weight;
import jakarta.validation.Validator;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.stereotype.Component;
import org.springframework.util.StringUtils;

/** Converts between the engine's variables and the typed input and result of a step. */
@Component
class StepValues {

  private static final int VARIABLE_LIMIT = 4000;

  private final Validator validator;

  StepValues(Validator validator) {
    this.validator = validator;
  }

  /**
   * Binds input parameters to the record of the delegate.
   *
   * @throws InvalidStepInput naming element, step, input and rule
   */
  <I extends Record> I bind(
      StepDelegate<I, ?> delegate, String step, String activityId, Map<String, Object> inputs) {
    I input = read(delegate, step, activityId, inputs);
    String problems =
        validator.validate(input).stream()
            .map(violation -> violation.getPropertyPath() + " " + violation.getMessage())
            .sorted()
            .collect(Collectors.joining("; "));
    if (!problems.isEmpty()) {
      throw new InvalidStepInput("%s (%s): input %s".formatted(activityId, step, problems));
    }
    return input;
  }

  /**
   * The same without the input's own rules: some of it may not be known yet.
   *
   * @throws InvalidStepInput when a value is of another type
   */
  <I extends Record> I read(
      StepDelegate<I, ?> delegate, String step, String activityId, Map<String, Object> inputs) {
    Class<I> type = delegate.inputType();
    Map<String, Object> known = new LinkedHashMap<>();
    for (RecordComponent component : type.getRecordComponents()) {
      Object value = passed(component, inputs);
      if (value != null && !(value instanceof String text && text.isBlank())) {
        known.put(component.getName(), value instanceof Collection<?> ? value : value.toString());
      }
    }
    try {
      var source = new MapConfigurationPropertySource();
      known.forEach((name, value) -> source.put("input." + kebab(name), value));
      return new Binder(source).bindOrCreate("input", Bindable.of(type));
    } catch (BindException e) {
      throw new InvalidStepInput(
          "%s (%s): input %s: %s"
              .formatted(
                  activityId,
                  step,
                  e.getName().toString().replaceFirst("^input\\.?", ""),
                  StepFailures.describe(rootCause(e))));
    }
  }

  /** A model of an earlier version passes a component under its former name. */
  private static Object passed(RecordComponent component, Map<String, Object> inputs) {
    FormerName former = component.getAnnotation(FormerName.class);
    Object value = inputs.get(component.getName());
    if (value != null || former == null) {
      return value;
    }
    return Stream.of(former.value())
        .map(inputs::get)
        .filter(Objects::nonNull)
        .findFirst()
        .orElse(null);
  }

  /**
   * The components of a result as variables of simple types; of {@link NamedValues} each value.
   *
   * @throws IllegalStateException for a component that is no scalar, or longer than a variable may
   *     be
   */
  Map<String, Object> variables(Record result) {
    Map<String, Object> variables = new LinkedHashMap<>();
    for (RecordComponent component : result.getClass().getRecordComponents()) {
      Object value = read(component, result);
      if (value instanceof NamedValues named) {
        named.values().forEach((name, one) -> variables.put(name, variable(component, one)));
      } else {
        variables.put(component.getName(), variable(component, value));
      }
    }
    return variables;
  }

  /**
   * A result that nobody has: its variables exist, so that a model can read them, as null. Of
   * {@link NamedValues} there are none: their component is no variable.
   */
  static Map<String, Object> absent(Class<? extends Record> resultType) {
    Map<String, Object> variables = new LinkedHashMap<>();
    for (RecordComponent component : resultType.getRecordComponents()) {
      if (component.getType() != NamedValues.class) {
        variables.put(component.getName(), null);
      }
    }
    return variables;
  }

  private static Object variable(RecordComponent component, Object value) {
    if (value == null || value instanceof Number || value instanceof Boolean) {
      return value;
    }
    if (value instanceof Weight weight) {
      return weight.number();
    }
    if (value instanceof Enum<?> constant) {
      return constant.name();
    }
    if (value instanceof String || value instanceof Duration || value instanceof Instant) {
      String text = PlainText.of(value.toString());
      if (text.length() > VARIABLE_LIMIT) {
        throw new IllegalStateException(
            "result %s of %s has %d characters, more than a variable's %d"
                .formatted(
                    component.getName(),
                    component.getDeclaringRecord().getSimpleName(),
                    text.length(),
                    VARIABLE_LIMIT));
      }
      return text;
    }
    throw new IllegalStateException(
        "result %s of %s is a %s; only scalars become variables%s"
            .formatted(
                component.getName(),
                component.getDeclaringRecord().getSimpleName(),
                value.getClass().getSimpleName(),
                value instanceof Secret ? ", secrets never" : ""));
  }

  static Object read(RecordComponent component, Record record) {
    try {
      component.getAccessor().setAccessible(true);
      return component.getAccessor().invoke(record);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Throwable rootCause(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null && cause.getCause() != cause) {
      cause = cause.getCause();
    }
    return cause;
  }

  private static String kebab(String name) {
    StringBuilder kebab = new StringBuilder();
    for (char c : name.toCharArray()) {
      kebab.append(Character.isUpperCase(c) ? "-" + Character.toLowerCase(c) : String.valueOf(c));
    }
    return StringUtils.trimLeadingCharacter(kebab.toString(), '-');
  }
}
