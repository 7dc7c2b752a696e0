package io.belay.capability.document.query;

/**
 * Translates a JavaScript regular expression to RE2's syntax with the same meaning. Refuses what
 * only one of them supports, so that no expression silently changes its meaning.
 */
final class RegexTranslation {

  /** Limit on the copies that counted repetitions make, multiplied over the whole expression. */
  private static final long MOST_COPIES = 1000;

  private static final String LINE_ENDS = "\\n\\r\\x{2028}\\x{2029}";
  private static final String SPACES =
      "\\t\\n\\x0b\\f\\r \\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}\\x{feff}";

  private final String field;
  private final String source;
  private final boolean dotAll;
  private final StringBuilder out = new StringBuilder();
  private long copies = 1;
  private int at;

  RegexTranslation(String field, String source, boolean dotAll) {
    this.field = field;
    this.source = source;
    this.dotAll = dotAll;
  }

  String toRe2() {
    while (at < source.length()) {
      char c = source.charAt(at);
      switch (c) {
        case '\\' -> escape(false);
        case '[' -> characterClass();
        case '(' -> group();
        case '{' -> repetition();
        case '.' -> {
          out.append(dotAll ? "." : "[^" + LINE_ENDS + "]");
          at++;
        }
        default -> {
          out.append(c);
          at++;
        }
      }
    }
    return out.toString();
  }

  private void group() {
    at++;
    if (!source.startsWith("?", at)) {
      out.append('(');
    } else if (source.startsWith("?:", at)) {
      out.append("(?:");
      at += 2;
    } else if (source.startsWith("?<", at)
        && !source.startsWith("?<=", at)
        && !source.startsWith("?<!", at)) {
      int end = source.indexOf('>', at);
      if (end < 0) {
        throw refused("has a group without the end of its name");
      }
      out.append('(');
      at = end + 1;
    } else {
      throw refused("looks ahead or behind, or sets flags in a group, which is not supported");
    }
  }

  private void repetition() {
    var counted =
        java.util.regex.Pattern.compile("\\{([0-9]{1,4})(?:(,)([0-9]{1,4})?)?\\}")
            .matcher(source)
            .region(at, source.length());
    if (!counted.lookingAt()) {
      if (source.substring(at).matches("(?s)\\{[0-9]+(,[0-9]*)?\\}.*")) {
        throw refused("repeats something more than 1000 times");
      }
      out.append("\\{"); // in JavaScript any other brace is literal
      at++;
      return;
    }
    String most = counted.group(3) == null ? counted.group(1) : counted.group(3);
    copies *= Math.max(1, Long.parseLong(most));
    if (copies > MOST_COPIES) {
      throw refused("repeats something more than %d times in all".formatted(MOST_COPIES));
    }
    out.append(counted.group());
    at = counted.end();
  }

  private void characterClass() {
    at++;
    out.append('[');
    if (source.startsWith("^", at)) {
      out.append('^');
      at++;
    }
    if (source.startsWith("]", at)) {
      throw refused("has an empty character class");
    }
    while (at < source.length() && source.charAt(at) != ']') {
      char c = source.charAt(at);
      if (c == '\\') {
        escape(true);
      } else {
        out.append(c == '[' ? "\\[" : c);
        at++;
      }
    }
    if (at == source.length()) {
      throw refused("has a character class without an end");
    }
    out.append(']');
    at++;
  }

  private void escape(boolean inClass) {
    if (at + 1 == source.length()) {
      throw refused("ends with a backslash");
    }
    char c = source.charAt(at + 1);
    at += 2;
    switch (c) {
      case 'd', 'D', 'w', 'W', 't', 'n', 'r', 'f' -> out.append('\\').append(c);
      case 'v' -> out.append("\\x0b");
      case 's' -> out.append(inClass ? SPACES : "[" + SPACES + "]");
      case 'S' -> {
        if (inClass) {
          throw refused("has \\S within a character class, which is not supported");
        }
        out.append("[^").append(SPACES).append(']');
      }
      case 'b', 'B' -> {
        if (inClass && c == 'B') {
          throw refused("has \\B within a character class");
        }
        out.append(inClass ? "\\x08" : "\\" + c);
      }
      case 'x' -> codePoint(2);
      case 'u' -> codePoint(4);
      default -> {
        if (Character.isLetterOrDigit(c)) {
          throw refused(
              "has \\%s, which is not supported (back references are not, either)".formatted(c));
        }
        out.append(c < 128 ? "\\" + c : String.valueOf(c));
      }
    }
  }

  private void codePoint(int digits) {
    String hex = source.substring(at, Math.min(source.length(), at + digits));
    if (!hex.matches("[0-9a-fA-F]{%d}".formatted(digits))) {
      throw refused("has an escape that lacks its %d hexadecimal digits".formatted(digits));
    }
    out.append("\\x{").append(hex).append('}');
    at += digits;
  }

  private InvalidQuery refused(String why) {
    return new InvalidQuery(field, why);
  }
}
