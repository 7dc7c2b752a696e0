package io.belay.target;

/** Another run holds a target, or is taking or releasing one. Nothing was taken. */
public class TargetBusy extends TargetException {

  TargetBusy(String message) {
    super(message);
  }

  TargetBusy(String message, Throwable cause) {
    super(message, cause);
  }
}
