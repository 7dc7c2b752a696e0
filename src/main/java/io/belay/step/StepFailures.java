package io.belay.step;

/** Puts an exception into words. */
final class StepFailures {

  private StepFailures() {}

  /** The message of the exception and of its causes, where they add something. */
  static String describe(Throwable failure) {
    StringBuilder text = new StringBuilder();
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      String message =
          cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
      if (text.indexOf(message) < 0) {
        text.append(text.isEmpty() ? "" : ": ").append(message);
      }
      if (cause.getCause() == cause) {
        break;
      }
    }
    return text.length() <= 1500 ? text.toString() : text.substring(0, 1499) + "…";
  }
}
