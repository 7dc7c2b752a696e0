package io.belay.model.lint;

import io.belay.step.StepDelegate;
import java.util.Map;
import java.util.Optional;

/** Says whether a step would accept the inputs that a model gives to it. */
@FunctionalInterface
public interface InputCheck {

  /**
   * @param inputs by name; a {@code null} value is one that a variable gives at run time. A
   *     component of the input record without a key is not given at all.
   * @return what is wrong, naming each input and its rule; empty when all is well
   */
  Optional<String> problem(StepDelegate<?, ?> delegate, Map<String, Object> inputs);
}
