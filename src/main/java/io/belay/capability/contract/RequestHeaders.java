package io.belay.capability.contract;

import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/** Which headers of a recorded request are sent again. */
final class RequestHeaders {

  /** What the client sets itself, and what depends on an earlier answer. */
  private static final Set<String> OF_THE_CONNECTION =
      Set.of(
          "accept-encoding",
          "connection",
          "content-length",
          "expect",
          "host",
          "if-modified-since",
          "if-none-match",
          "keep-alive",
          "proxy-connection",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade");

  private RequestHeaders() {}

  static boolean isName(String name) {
    return name.matches("[A-Za-z0-9!#$%&'*+.^_`|~-]+");
  }

  /** Whether a request may carry it as it stands in a list. */
  static boolean isSendable(String name, String value) {
    return isName(name)
        && !OF_THE_CONNECTION.contains(name.toLowerCase(Locale.ROOT))
        && value.chars().allMatch(c -> c >= ' ' && c < 0x7f || c == '\t');
  }

  /**
   * Those of a recording that are sent again. Credentials are not: they are old, and the target has
   * its own.
   *
   * @param credentials is given each credential that is left out
   */
  static Map<String, String> ofRecording(
      Map<String, String> recorded, BiConsumer<String, String> credentials) {
    Map<String, String> sent = new TreeMap<>();
    recorded.forEach(
        (name, value) -> {
          if (ComparisonRules.isSecret(name)) {
            credentials.accept(name, value);
          } else if (isSendable(name, value)) {
            sent.put(name, value);
          }
        });
    return sent;
  }
}
