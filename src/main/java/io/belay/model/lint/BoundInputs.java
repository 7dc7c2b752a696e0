package io.belay.model.lint;

import io.belay.step.StepDelegate;
import jakarta.validation.Validator;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.core.ResolvableType;

/**
 * Converts and validates literal inputs as a step does when it runs, one component at a time:
 * values of variables are not known yet, and must not hide a mistake in another input.
 */
public final class BoundInputs implements InputCheck {

  private final Validator validator;

  public BoundInputs(Validator validator) {
    this.validator = validator;
  }

  @Override
  public Optional<String> problem(StepDelegate<?, ?> delegate, Map<String, Object> inputs) {
    List<String> problems = new ArrayList<>();
    Class<? extends Record> type = delegate.inputType();
    for (RecordComponent component : type.getRecordComponents()) {
      String name = component.getName();
      boolean known = inputs.get(name) != null;
      if (known) {
        check(type, component, inputs.get(name), problems);
      } else if (!inputs.containsKey(name) && !hasDefault(type, name)) {
        validate(type, name, null, problems);
      }
    }
    return problems.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", problems));
  }

  private void check(
      Class<? extends Record> type,
      RecordComponent component,
      Object value,
      List<String> problems) {
    String name = component.getName();
    String key = "input." + name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    try {
      Object converted =
          new Binder(new MapConfigurationPropertySource(Map.of(key, value)))
              .bind(key, Bindable.of(ResolvableType.forType(component.getGenericType())))
              .orElse(null);
      validate(type, name, converted, problems);
    } catch (BindException e) {
      Throwable cause = NestedExceptionUtils.getMostSpecificCause(e);
      // A type with a rule of its own reports which part is wrong.
      problems.add(
          cause.getClass() == IllegalArgumentException.class
                  && !component.getType().isEnum()
                  && !component.getType().getName().startsWith("java.")
              ? "%s: %s".formatted(name, cause.getMessage())
              : "%s: '%s' is no %s".formatted(name, value, component.getType().getSimpleName()));
    }
  }

  private void validate(Class<? extends Record> type, String name, Object value, List<String> out) {
    validator.validateValue(type, name, value).stream()
        .map(violation -> name + " " + violation.getMessage())
        .sorted()
        .forEach(out::add);
  }

  /**
   * {@code @DefaultValue} is kept on the constructor's parameters only, which have the components'
   * names.
   */
  private static boolean hasDefault(Class<? extends Record> type, String name) {
    return Arrays.stream(type.getDeclaredConstructors())
        .flatMap(constructor -> Arrays.stream(constructor.getParameters()))
        .anyMatch(
            parameter ->
                parameter.getName().equals(name)
                    && parameter.isAnnotationPresent(DefaultValue.class));
  }
}
