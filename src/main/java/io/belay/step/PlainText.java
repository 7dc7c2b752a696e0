package io.belay.step;

/** Text from outside in a form that the engine's database accepts: PostgreSQL refuses NUL. */
final class PlainText {

  private PlainText() {}

  /** Each control character but line ends and tabs becomes U+FFFD; null stays null. */
  static String of(String text) {
    return text == null ? null : text.replaceAll("[\\p{Cc}&&[^\\n\\r\\t]]", "\uFFFD");
  }
}
