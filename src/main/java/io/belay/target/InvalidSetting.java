package io.belay.target;

/** A setting of Belay itself is wrong, so that it cannot start; names the property and the rule. */
public class InvalidSetting extends IllegalArgumentException {

  public InvalidSetting(String message) {
    super(message);
  }

  public InvalidSetting(String message, Throwable cause) {
    super(message, cause);
  }
}
