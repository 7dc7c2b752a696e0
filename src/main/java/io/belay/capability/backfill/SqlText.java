package io.belay.capability.backfill;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Parts of PostgreSQL statements that people write: names and expressions. */
final class SqlText {

  private static final Pattern NAME =
      Pattern.compile(
          "\\s*(?:\"((?:[^\"]|\"\")+)\"|([A-Za-z_\\u0080-\\uffff][\\w$\\u0080-\\uffff]*))\\s*");

  private static final Pattern QUOTED =
      Pattern.compile(
          "(?s)(?<![\\w$])\\$((?:[A-Za-z_]\\w*)?)\\$.*?\\$\\1\\$|(?<![\\w$])[eE]'(?:[^'\\\\]|\\\\.|'')*'|'(?:[^']|'')*'|\"(?:[^\"]|\"\")+\"");

  private SqlText() {}

  /**
   * The names at the start of a text, as PostgreSQL reads them: in lower case, or as they stand in
   * double quotes.
   *
   * @param end where the last one ended
   */
  record Names(List<String> names, int end) {}

  /**
   * Reads all of a text as names.
   *
   * @throws IllegalArgumentException when it holds anything else
   */
  static List<String> names(String text, char separator) {
    Names read = leadingNames(text, separator);
    if (read.end() != text.length()) {
      throw new IllegalArgumentException(
          "'%s' is no name; write it as in SQL, with double quotes where it has capitals"
              .formatted(text.strip()));
    }
    return read.names();
  }

  /**
   * Reads names from the start of a text, as far as there are any.
   *
   * @throws IllegalArgumentException when there is none
   */
  static Names leadingNames(String text, char separator) {
    List<String> names = new ArrayList<>();
    Matcher name = NAME.matcher(text);
    int from = 0;
    while (name.region(from, text.length()).lookingAt()) {
      names.add(
          name.group(1) == null
              ? name.group(2).toLowerCase(Locale.ROOT)
              : name.group(1).replace("\"\"", "\""));
      if (name.end() == text.length() || text.charAt(name.end()) != separator) {
        return new Names(List.copyOf(names), name.end());
      }
      from = name.end() + 1;
    }
    throw new IllegalArgumentException("'%s' does not begin with a name".formatted(text.strip()));
  }

  /** In double quotes. */
  static String quoted(String name) {
    return "\"" + name.replace("\"", "\"\"") + "\"";
  }

  /** As a text constant. */
  static String constant(String text) {
    return "'" + text.replace("'", "''") + "'";
  }

  /**
   * Requires that a text stays one expression wherever it stands in parentheses.
   *
   * @return the text for a prepared statement, in which a question mark is an operator's
   * @throws IllegalArgumentException naming the rule
   */
  static String expression(String text) {
    if (text.isBlank()) {
      throw new IllegalArgumentException("must not be empty");
    }
    StringBuilder bare = new StringBuilder();
    StringBuilder prepared = new StringBuilder();
    Matcher quoted = QUOTED.matcher(text);
    int from = 0;
    while (quoted.find()) {
      bare.append(text, from, quoted.start()).append(' ');
      prepared.append(text.substring(from, quoted.start()).replace("?", "??"));
      prepared.append(quoted.group());
      from = quoted.end();
    }
    bare.append(text.substring(from));
    prepared.append(text.substring(from).replace("?", "??"));
    requireOne(bare.toString());
    return prepared.toString().strip();
  }

  private static void requireOne(String bare) {
    if (bare.contains("'") || bare.contains("\"")) {
      throw new IllegalArgumentException("has a quote that is not closed");
    }
    if (bare.contains("--") || bare.contains("/*")) {
      throw new IllegalArgumentException("must have no comment");
    }
    if (bare.contains(";") || Pattern.compile("\\$\\d").matcher(bare).find()) {
      throw new IllegalArgumentException("must be one expression, without ';' and '$1'");
    }
    StringBuilder open = new StringBuilder();
    for (char next : bare.toCharArray()) {
      if (next == '(' || next == '[') {
        open.append(next == '(' ? ')' : ']');
      } else if (next == ')' || next == ']') {
        int last = open.length() - 1;
        if (last < 0 || open.charAt(last) != next) {
          throw new IllegalArgumentException("has a '%c' that nothing opens".formatted(next));
        }
        open.setLength(last);
      }
    }
    if (!open.isEmpty()) {
      throw new IllegalArgumentException("lacks a '%s'".formatted(open));
    }
  }
}
