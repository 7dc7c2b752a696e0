package io.belay.step;

/** An input of a step breaks a rule; the message names step, input and rule. Not retried. */
public class InvalidStepInput extends RuntimeException {

  public InvalidStepInput(String message) {
    super(message);
  }

  public InvalidStepInput(String message, Throwable cause) {
    super(message, cause);
  }
}
