package io.belay.model;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The type of a parameter or an input, as a model writes it: {@code duration}, {@code
 * target:postgres}, {@code targets:postgres|mysql}, {@code target} for a target of any kind.
 *
 * @param kinds of targets; empty for any, and for a type that is no target
 */
public record DeclaredType(Parameter.Type type, List<String> kinds) {

  /** The type of a parameter or an input. */
  public static DeclaredType of(Parameter parameter) {
    return new DeclaredType(parameter.type(), parameter.kinds());
  }

  /**
   * Whether every value of this type is also a value of the other.
   *
   * @param other of an input that gets the value
   */
  public boolean fits(DeclaredType other) {
    boolean sameType =
        type == other.type
            || other.type == Parameter.Type.TEXT
            || type == Parameter.Type.INTEGER && other.type == Parameter.Type.DECIMAL
            || type == Parameter.Type.TARGET && other.type == Parameter.Type.TARGETS;
    return sameType
        && (other.kinds.isEmpty() || !kinds.isEmpty() && other.kinds.containsAll(kinds));
  }

  /** As a model writes it. */
  @Override
  public String toString() {
    return kinds.isEmpty() ? name(type) : name(type) + ":" + String.join("|", kinds);
  }

  /**
   * @throws IllegalArgumentException naming the known types
   */
  public static DeclaredType parse(String text) {
    String[] parts = text.split(":", 2);
    Parameter.Type type =
        Arrays.stream(Parameter.Type.values())
            .filter(known -> name(known).equals(parts[0]))
            .findFirst()
            .orElseThrow(() -> unknown(text));
    if (parts.length == 1) {
      return new DeclaredType(type, List.of());
    }
    boolean target = type == Parameter.Type.TARGET || type == Parameter.Type.TARGETS;
    List<String> kinds = List.of(parts[1].split("\\|", -1));
    if (!target || kinds.stream().anyMatch(String::isBlank)) {
      throw unknown(text);
    }
    return new DeclaredType(type, kinds);
  }

  private static IllegalArgumentException unknown(String text) {
    return new IllegalArgumentException(
        "type '%s' is unknown; it is one of %s, or target:<kind>, targets:<kind>"
            .formatted(
                text,
                Arrays.stream(Parameter.Type.values())
                    .map(DeclaredType::name)
                    .collect(Collectors.joining(", "))));
  }

  private static String name(Parameter.Type type) {
    return type.name().toLowerCase(Locale.ROOT);
  }
}
