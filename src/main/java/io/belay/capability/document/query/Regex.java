package io.belay.capability.document.query;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;

/**
 * A JavaScript regular expression, matched by RE2 in time linear in the text, whatever the
 * expression. Refuses what RE2 cannot do (lookaround, back references).
 */
final class Regex {

  private static final int LONGEST = 1000;
  private static final int CHECK_EVERY = 1 << 16;

  private final Pattern pattern;

  /**
   * @param options JavaScript's flags; {@code i}, {@code m} and {@code s} have an effect
   * @throws InvalidQuery naming {@code field}
   */
  Regex(String field, String expression, String options) {
    if (expression.length() > LONGEST) {
      throw new InvalidQuery(field, "has more than %d characters".formatted(LONGEST));
    }
    int flags = 0;
    for (char option : options.toCharArray()) {
      flags |=
          switch (option) {
            case 'i' -> Pattern.CASE_INSENSITIVE;
            case 'm' -> Pattern.MULTILINE;
            case 's' -> Pattern.DOTALL;
            case 'g', 'u' -> 0;
            default ->
                throw new InvalidQuery(field, "$options may have i, m, s, g and u, no " + option);
          };
    }
    try {
      pattern =
          Pattern.compile(
              new RegexTranslation(field, expression, (flags & Pattern.DOTALL) != 0).toRe2(),
              flags);
    } catch (PatternSyntaxException e) {
      throw new InvalidQuery(field, "is no regular expression: " + e.getDescription());
    }
  }

  boolean finds(String text, Deadline deadline) {
    return pattern.matcher(new Watched(text, deadline)).find();
  }

  /** A text that checks the deadline while it is read. */
  private static final class Watched implements CharSequence {

    private final String text;
    private final Deadline deadline;
    private int reads;

    Watched(String text, Deadline deadline) {
      this.text = text;
      this.deadline = deadline;
    }

    @Override
    public char charAt(int index) {
      if (++reads % CHECK_EVERY == 0) {
        deadline.check();
      }
      return text.charAt(index);
    }

    @Override
    public int length() {
      return text.length();
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      return text.substring(start, end);
    }

    @Override
    public String toString() {
      return text;
    }
  }
}
