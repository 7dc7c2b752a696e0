package io.belay.step;

/** Where executions of steps are written down. */
public interface StepJournals {

  /**
   * @param step bean name of the delegate
   */
  StepJournal of(StepTask task, String step);

  /** Says that this node lives, and its steps with it. */
  void beat(Node node);
}
