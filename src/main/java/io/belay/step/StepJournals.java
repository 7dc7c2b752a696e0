package io.belay.step;

import java.util.function.Supplier;

/** Where executions of steps are written down. */
public interface StepJournals {

  /**
   * @param step bean name of the delegate
   */
  StepJournal of(StepTask task, String step);

  /**
   * What {@code work} writes is written as a whole or not at all, where that is the engine's
   * database; an agent writes each piece by itself.
   */
  <T> T together(Supplier<T> work);

  /** Says that this node lives, and its steps with it. */
  void beat(Node node);
}
