package io.belay.step;

import java.util.function.Supplier;

/** The journals of executions of steps. */
public interface StepJournals {

  /**
   * @param step bean name of the delegate
   */
  StepJournal of(StepTask task, String step);

  /**
   * Runs {@code work} in one transaction, where the journal is in the engine's database; an agent
   * writes each entry separately.
   */
  <T> T together(Supplier<T> work);

  /** Reports that this node is alive, and its steps with it. */
  void beat(Node node);
}
