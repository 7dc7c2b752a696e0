package io.belay.target;

/** A target is missing, of the wrong type, or cannot be used as asked. Never carries a secret. */
public class TargetException extends RuntimeException {

  public TargetException(String message) {
    super(message);
  }

  public TargetException(String message, Throwable cause) {
    super(message, cause);
  }
}
