package io.belay.capability.schema;

import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Makes definitions (of constraints, indexes, views, defaults) as PostgreSQL prints them
 * comparable. After a dump and reload they may be printed differently: {@code (ARRAY['a'::varchar])
 * ::text[]} comes back as {@code ARRAY[('a'::varchar)::text]}. So casts, and brackets around a
 * single name, literal or list of literals, are ignored. String literals are kept.
 */
final class Definition {

  private static final String LITERAL = "'(?:[^']|'')*'";
  private static final String QUOTED = "\"(?:[^\"]|\"\")*\"";

  private static final Pattern CAST =
      Pattern.compile(
          "("
              + LITERAL
              + "|"
              + QUOTED
              + ")|::(?:character varying|double precision|bit varying"
              + "|time(?:stamp)?(?:\\(\\d\\))? with(?:out)? time zone|(?:[\\w.]|"
              + QUOTED
              + ")+)(?:\\(\\d+(?:,\\s*\\d+)?\\))?(?:\\[\\])*");

  private static final Pattern NEEDLESS_BRACKETS =
      Pattern.compile(
          "("
              + LITERAL
              + "|"
              + QUOTED
              + ")|(?<![\\w\"])\\(("
              + LITERAL
              + "|"
              + QUOTED
              + "|[\\w.]+|ARRAY\\[(?:"
              + LITERAL
              + "|[\\w.]+|,\\s*)*\\])\\)");

  private Definition() {}

  static String canonical(String definition) {
    String text = CAST.matcher(definition).replaceAll("$1");
    String before;
    do {
      before = text;
      text = NEEDLESS_BRACKETS.matcher(text).replaceAll(Definition::content);
    } while (!text.equals(before));
    return text;
  }

  private static String content(MatchResult match) {
    return Matcher.quoteReplacement(match.group(1) != null ? match.group(1) : match.group(2));
  }

  static boolean same(String one, String other) {
    return one.equals(other) || canonical(one).equals(canonical(other));
  }
}
