package io.belay.step;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * Values of a step's result whose names the model chooses: each becomes a variable of that name. A
 * value is a number, a text, a boolean, or null when absent.
 */
public final class NamedValues {

  private final Map<String, Object> values;

  private NamedValues(Map<String, ?> values) {
    this.values = new TreeMap<>(values);
  }

  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  static NamedValues of(Map<String, Object> values) {
    values.forEach(
        (name, value) -> {
          if (value != null
              && !(value instanceof Number)
              && !(value instanceof String)
              && !(value instanceof Boolean)) {
            throw new IllegalArgumentException("'%s' is no single value".formatted(name));
          }
        });
    return new NamedValues(values);
  }

  public static NamedValues ofTexts(Map<String, String> values) {
    return new NamedValues(values);
  }

  /**
   * @param values null for one that could not be measured
   */
  public static NamedValues ofNumbers(Map<String, Double> values) {
    return new NamedValues(values);
  }

  @JsonValue
  public Map<String, Object> values() {
    return Collections.unmodifiableMap(values);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof NamedValues those && those.values.equals(values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }

  @Override
  public String toString() {
    return values.toString();
  }
}
