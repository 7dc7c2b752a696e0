package io.belay.step;

import java.util.function.UnaryOperator;

/** Puts an exception into words. */
final class StepFailures {

  private StepFailures() {}

  /** The message of the exception and of its causes, where they add something: plain text. */
  static String describe(Throwable failure) {
    return describe(failure, UnaryOperator.identity());
  }

  /**
   * @param mask applied to the whole text: half a secret at the end of a shortened one would not be
   *     recognised
   */
  static String describe(Throwable failure, UnaryOperator<String> mask) {
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
    String masked = mask.apply(text.toString());
    return PlainText.of(masked.length() <= 1500 ? masked : masked.substring(0, 1499) + "…");
  }
}
