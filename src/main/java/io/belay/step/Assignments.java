package io.belay.step;

import com.fasterxml.jackson.annotation.JsonCreator;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Values by name, one {@code NAME=value} a line. They are recorded in plain text, so they must hold
 * no secrets.
 */
public final class Assignments extends WrittenText {

  private static final Assignments NONE = new Assignments("");
  private static final Pattern LINE = Pattern.compile("([A-Za-z_][A-Za-z0-9_.-]*)\\s*=\\s*(.*)");

  private final Map<String, String> values = new LinkedHashMap<>();

  private Assignments(String text) {
    super(text);
    text.lines().map(String::strip).filter(line -> !line.isEmpty()).forEach(this::add);
  }

  private void add(String line) {
    Matcher parts = LINE.matcher(line);
    if (!parts.matches()) {
      throw new IllegalArgumentException("'%s' must be NAME=value".formatted(line));
    }
    if (values.put(parts.group(1), parts.group(2)) != null) {
      throw new IllegalArgumentException("'%s' is given twice".formatted(parts.group(1)));
    }
  }

  /**
   * @throws IllegalArgumentException naming the line that is no assignment
   */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public static Assignments valueOf(String text) {
    return new Assignments(text);
  }

  public static Assignments none() {
    return NONE;
  }

  /** The names in a text; empty when the text is null or holds no assignments. */
  public static Set<String> namesIn(Object text) {
    try {
      return text == null ? Set.of() : valueOf(text.toString()).values().keySet();
    } catch (IllegalArgumentException refusedWhereItIsBound) {
      return Set.of();
    }
  }

  /** Values by name, in the order of the lines. */
  public Map<String, String> values() {
    return Collections.unmodifiableMap(values);
  }
}
