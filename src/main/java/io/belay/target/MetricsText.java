package io.belay.target;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the series of a document in the Prometheus text format or in OpenMetrics; names may be
 * quoted. As in Prometheus, one line that is not understood makes the whole document unreadable:
 * its series are not known to be zero.
 *
 * @see <a href="https://prometheus.io/docs/instrumenting/exposition_formats/">The text format</a>
 */
public final class MetricsText {

  /**
   * One sample.
   *
   * @param labels by name, unescaped
   * @param value may be infinite or NaN
   */
  public record Series(String name, Map<String, String> labels, double value) {}

  /** A line is not of either format; the message shows it. */
  public static final class NotUnderstood extends Exception {
    private static final long serialVersionUID = 1L;

    NotUnderstood(int number, String line) {
      super(
          "line %d is neither a comment nor a series: '%s'"
              .formatted(number, line.length() <= 80 ? line : line.substring(0, 80) + "…"));
    }
  }

  private static final Pattern NAME = Pattern.compile("[a-zA-Z_:][a-zA-Z0-9_:]*");
  private static final Pattern NUMBER =
      Pattern.compile(
          "[-+]?(?:(?:[0-9]+(?:\\.[0-9]*)?|\\.[0-9]+)(?:[eE][-+]?[0-9]+)?|[iI]nf(?:inity)?)|[nN]a[nN]");
  private static final Pattern TIME =
      Pattern.compile("[-+]?[0-9]+(?:\\.[0-9]+)?(?:[eE][-+]?[0-9]+)?");
  private static final Pattern TYPE = Pattern.compile("#\\s*TYPE\\s+\\S.*\\s(\\S+)");

  private static final Set<String> TYPES =
      Set.of(
          "counter",
          "gauge",
          "histogram",
          "gaugehistogram",
          "gauge_histogram",
          "summary",
          "info",
          "stateset",
          "unknown",
          "untyped");

  private MetricsText() {}

  /**
   * @throws NotUnderstood naming the first line that neither format allows
   */
  public static List<Series> read(String document) throws NotUnderstood {
    List<Series> all = new ArrayList<>();
    boolean ended = false;
    int number = 0;
    for (String raw : document.split("\n", -1)) {
      number++;
      String line = raw.strip();
      if (line.isEmpty()) {
        continue;
      }
      boolean understood = !ended;
      if (line.startsWith("#")) {
        Matcher type = TYPE.matcher(line);
        understood &= !type.matches() || TYPES.contains(type.group(1).toLowerCase(Locale.ROOT));
        ended = line.equals("# EOF");
      } else {
        Series series = new Line(line).series();
        understood &= series != null;
        all.add(series);
      }
      if (!understood) {
        throw new NotUnderstood(number, line);
      }
    }
    return all;
  }

  /** Parses a value, a bucket's limit or a quantile's rank; NaN if it is not a number. */
  public static double number(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    if (!NUMBER.matcher(text).matches() || lower.equals("nan")) {
      return Double.NaN;
    }
    if (lower.contains("inf")) {
      return lower.startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
    }
    return Double.parseDouble(lower);
  }

  /** Reads one line from left to right; an absent part is null. */
  private static final class Line {

    private final String text;
    private int at;

    Line(String text) {
      this.text = text;
    }

    Series series() {
      String name = take(NAME);
      boolean apart = blanks();
      Map<String, String> labels = new TreeMap<>();
      if (peek() == '{') {
        String quoted = labels(labels);
        if (quoted == null || (name == null) == quoted.isEmpty()) {
          return null;
        }
        name = name == null ? quoted : name;
        blanks();
        apart = true;
      }
      String value = apart ? take(NUMBER) : null;
      boolean complete = name != null && value != null && time() && exemplar() && atEnd();
      return complete ? new Series(name, labels, number(value)) : null;
    }

    /**
     * Reads the labels. Returns the metric's name if it is quoted among them; empty if it is not,
     * null if the labels are malformed.
     */
    private String labels(Map<String, String> labels) {
      String name = "";
      at++;
      boolean more = true;
      for (blanks(); peek() != '}'; blanks()) {
        if (!more) {
          return null;
        }
        if (peek() == ',' && labels.isEmpty() && name.isEmpty()) {
          comma();
          more = false; // the format's own parsers accept a comma without labels
          continue;
        }
        boolean quoted = peek() == '"';
        String label = quoted ? quoted() : take(NAME);
        blanks();
        if (label != null && peek() == '=') {
          at++;
          blanks();
          String value = quoted();
          if (value == null || labels.put(label, value) != null) {
            return null;
          }
        } else if (label == null || !quoted || !name.isEmpty()) {
          return null;
        } else {
          name = label;
        }
        blanks();
        more = comma();
      }
      at++;
      return name;
    }

    private boolean comma() {
      boolean there = peek() == ',';
      at += there ? 1 : 0;
      return there;
    }

    private boolean time() {
      boolean apart = blanks();
      return atEnd() || peek() == '#' || apart && take(TIME) != null;
    }

    private boolean exemplar() {
      blanks();
      if (atEnd()) {
        return true;
      }
      if (peek() != '#' || !Character.isWhitespace(text.charAt(at - 1))) {
        return false;
      }
      at++;
      boolean labelled = blanks() && peek() == '{' && "".equals(labels(new TreeMap<>()));
      if (!labelled || !blanks() || take(NUMBER) == null) {
        return false;
      }
      return atEnd() || blanks() && take(TIME) != null;
    }

    private boolean atEnd() {
      return at == text.length();
    }

    /** The next character; at the end of the line one that no rule accepts. */
    private char peek() {
      return atEnd() ? '\0' : text.charAt(at);
    }

    private boolean blanks() {
      int from = at;
      while (peek() == ' ' || peek() == '\t') {
        at++;
      }
      return at > from;
    }

    private String take(Pattern token) {
      Matcher found = token.matcher(text).region(at, text.length());
      if (!found.lookingAt()) {
        return null;
      }
      at = found.end();
      return found.group();
    }

    private String quoted() {
      if (peek() != '"') {
        return null;
      }
      StringBuilder value = new StringBuilder();
      for (at++; !atEnd(); at++) {
        char c = peek();
        if (c == '"') {
          at++;
          return value.toString();
        }
        boolean escape = c == '\\' && at + 1 < text.length();
        char next = escape ? text.charAt(at + 1) : '\0';
        if (escape && (next == 'n' || next == '\\' || next == '"')) {
          value.append(next == 'n' ? '\n' : next);
          at++;
        } else {
          value.append(c);
        }
      }
      return null;
    }
  }
}
