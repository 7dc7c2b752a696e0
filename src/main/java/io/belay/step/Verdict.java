package io.belay.step;

import java.lang.reflect.RecordComponent;
import java.util.Optional;
import java.util.stream.Stream;

/** The verdict of a gate. Only {@link #PASS} lets a run go on. */
public enum Verdict {
  PASS,
  FAIL,
  INCONCLUSIVE,
  NO_DATA;

  /**
   * The name of the component of a step's result that holds its verdict, or, for a tally, the
   * decision made of several verdicts: an enum that also has {@code PASS}. Empty when the step does
   * not judge.
   */
  public static Optional<String> componentOf(Class<? extends Record> result) {
    return Stream.of(result.getRecordComponents())
        .filter(component -> component.getType().isEnum())
        .filter(
            component ->
                Stream.of(component.getType().getEnumConstants())
                    .anyMatch(value -> ((Enum<?>) value).name().equals(PASS.name())))
        .map(RecordComponent::getName)
        .findFirst();
  }
}
