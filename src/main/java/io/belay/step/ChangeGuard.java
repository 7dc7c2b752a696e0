package io.belay.step;

import com.fasterxml.jackson.databind.JsonNode;

/** Decides whether a step may begin, before it has any effect. */
public interface ChangeGuard {

  /**
   * Called in the transaction in which an attempt begins.
   *
   * @param input of the step, as it is recorded
   * @throws BusinessStop when the run lacks what the step needs; the message says what
   */
  void requireAllowed(StepTask task, String step, JsonNode input);
}
