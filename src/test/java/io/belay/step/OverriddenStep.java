package io.belay.step;

import java.util.Map;

/** What a model gets from a step that a person has overridden. */
public final class OverriddenStep {

  private OverriddenStep() {}

  public static Map<String, Object> result(Class<? extends Record> type) {
    return StepValues.absent(type);
  }
}
