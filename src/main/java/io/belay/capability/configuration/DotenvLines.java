package io.belay.capability.configuration;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads as the npm package dotenv does (16 to 18): with its own expression, translated to Java.
 * What the expression passes over, dotenv does not see; here it is a problem.
 */
final class DotenvLines {

  /** JavaScript's {@code \s}. */
  private static final String S =
      "[\\t-\\r \\u00A0\\u1680\\u2000-\\u200A\\u2028\\u2029\\u202F\\u205F\\u3000\\uFEFF]";

  private static final String END = "(?=[\\n\\u2028\\u2029]|\\z)";
  private static final Pattern LINE =
      Pattern.compile(
          ("(?:\\A|(?<=[\\n\\u2028\\u2029]))S*(?:exportS+)?([\\w.-]+)(?:S*=S*?|:S+?)"
                  + "(S*'(?:[^'\\\\]++|\\\\'|\\\\)*'|S*\"(?:[^\"\\\\]++|\\\\\"|\\\\)*\""
                  + "|S*`(?:[^`\\\\]++|\\\\`|\\\\)*`|[^#\\n]+)?"
                  + "S*(?:#[^\\n\\u2028\\u2029]*)?END")
              .replace("S", S)
              .replace("END", END));
  private static final Pattern QUOTED = Pattern.compile("^(['\"`])(.*)\\1$", Pattern.DOTALL);
  private static final Pattern TRIMMED = Pattern.compile("^S+|S+$".replace("S", S));

  private DotenvLines() {}

  static void read(String content, List<EnvAssignment> found, List<String> problems) {
    String text = content.replaceAll("\\r\\n?", "\n");
    Matcher line = LINE.matcher(text);
    int understood = 0;
    while (line.find()) {
      passedOver(text, understood, line.start(), problems);
      understood = line.end();
      String raw = line.group(2) == null ? "" : TRIMMED.matcher(line.group(2)).replaceAll("");
      found.add(
          new EnvAssignment(line.group(1), value(raw), raw, EnvText.lineOf(text, line.start(1))));
    }
    passedOver(text, understood, text.length(), problems);
  }

  private static void passedOver(String text, int from, int to, List<String> problems) {
    int at = from;
    for (String line : text.substring(from, to).split("\n", -1)) {
      String stripped = TRIMMED.matcher(line).replaceAll("");
      if (!stripped.isEmpty() && !stripped.startsWith("#")) {
        problems.add("line %d is no assignment".formatted(EnvText.lineOf(text, at)));
      }
      at += line.length() + 1;
    }
  }

  private static String value(String raw) {
    Matcher quoted = QUOTED.matcher(raw);
    String inner = quoted.matches() ? quoted.group(2) : raw;
    return raw.startsWith("\"") ? inner.replace("\\n", "\n").replace("\\r", "\r") : inner;
  }
}
