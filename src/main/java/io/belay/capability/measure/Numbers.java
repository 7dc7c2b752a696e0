package io.belay.capability.measure;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.belay.step.Assignments;
import io.belay.step.ReservedNames;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Numbers by name and where each comes from, one {@code name = source} a line. */
final class Numbers {

  /** Variables of another meaning in a phase that measures, besides Belay's: the gate's inputs. */
  static final Set<String> RESERVED =
      Set.of(
          "complete",
          "missing",
          "numbers",
          "figures",
          "table",
          "every",
          "allowedFailures",
          "requiredPasses",
          "duration",
          "deadline");

  private final String text;
  private final Map<String, NumberSource> sources = new LinkedHashMap<>();

  private Numbers(String text) {
    this.text = text;
    Assignments.valueOf(text)
        .values()
        .forEach(
            (name, source) -> {
              if (!name.matches("[A-Za-z][A-Za-z0-9_]*")
                  || RESERVED.contains(name)
                  || ReservedNames.ALL.contains(name)) {
                throw new IllegalArgumentException(
                    "'%s' cannot be the name of a number".formatted(name));
              }
              sources.put(name, NumberSource.valueOf(source));
            });
  }

  /**
   * @throws IllegalArgumentException naming the line and its rule
   */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public static Numbers valueOf(String text) {
    return new Numbers(text);
  }

  /** In the order of the lines. */
  Map<String, NumberSource> sources() {
    return Collections.unmodifiableMap(sources);
  }

  @JsonValue
  @Override
  public String toString() {
    return text;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Numbers those && those.text.equals(text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }
}
