package io.belay.capability.measure;

import com.fasterxml.jackson.annotation.JsonCreator;
import io.belay.step.Assignments;
import io.belay.step.ReservedNames;
import io.belay.step.WrittenText;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Numbers by name and where each comes from, one {@code name = source} a line. */
final class Numbers extends WrittenText {

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

  private final Map<String, NumberSource> sources = new LinkedHashMap<>();

  private Numbers(String text) {
    super(text);
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
}
