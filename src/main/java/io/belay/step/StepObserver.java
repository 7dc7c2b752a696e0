package io.belay.step;

/**
 * Learns how far each execution of a step has come. An exception from an observer ends the attempt
 * as if the step had failed at that moment: crash tests rely on that.
 */
@FunctionalInterface
public interface StepObserver {

  /** The moments at which a crash leaves different things behind. */
  enum Moment {
    /** Nothing is written down and nothing was done. */
    BEFORE_INTENT,
    /** The intent is in the journal; nothing was done. */
    AFTER_INTENT,
    /** The step took effect; the journal does not know it. */
    AFTER_EFFECT,
    /** The result is in the journal; the engine does not know it. */
    AFTER_RESULT
  }

  /**
   * @param step bean name of the delegate
   */
  void reached(Moment moment, String runId, String activityId, String step);
}
