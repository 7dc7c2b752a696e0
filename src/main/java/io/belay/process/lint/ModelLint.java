package io.belay.process.lint;

import io.belay.step.StepDelegate;
import java.util.*;
import java.util.function.BiFunction;

public final class ModelLint {
  public ModelLint(
      Collection<? extends StepDelegate<?, ?>> steps,
      BiFunction<StepDelegate<?, ?>, Map<String, Object>, Optional<String>> check) {}

  public List<Finding> check(Map<String, byte[]> models) {
    return List.of();
  }
}
