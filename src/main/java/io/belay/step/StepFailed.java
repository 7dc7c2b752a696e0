package io.belay.step;

/** A technical failure of an attempt, with secrets masked in its message. */
class StepFailed extends Exception {

  private final boolean permanent;

  /**
   * @param permanent whether another attempt cannot help
   */
  StepFailed(String message, boolean permanent) {
    super(message);
    this.permanent = permanent;
  }

  boolean isPermanent() {
    return permanent;
  }
}
