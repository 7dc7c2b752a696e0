package io.belay.capability.backfill;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A column and what it becomes.
 *
 * @param column its name, without quotes
 * @param value an SQL expression
 */
record ColumnValue(String column, String value) {

  /**
   * Reads assignments as {@code UPDATE … SET} has them, one a line, with or without a comma at the
   * end.
   *
   * @throws IllegalArgumentException naming the line and the rule
   */
  static List<ColumnValue> parse(String text) {
    List<ColumnValue> all = new ArrayList<>();
    text.lines().map(String::strip).filter(line -> !line.isEmpty()).forEach(line -> add(line, all));
    if (all.isEmpty()) {
      throw new IllegalArgumentException("'set' has no assignment");
    }
    return List.copyOf(all);
  }

  private static void add(String line, List<ColumnValue> all) {
    SqlText.Names column;
    try {
      column = SqlText.leadingNames(line, '.');
    } catch (IllegalArgumentException e) {
      throw wrong(line, e.getMessage());
    }
    if (column.names().size() != 1
        || column.end() == line.length()
        || line.charAt(column.end()) != '=') {
      throw wrong(line, "it must be column = expression");
    }
    String name = column.names().get(0);
    if (all.stream().anyMatch(other -> other.column().equals(name))) {
      throw wrong(line, "the column is given twice");
    }
    try {
      String value = line.substring(column.end() + 1).replaceFirst(",$", "");
      all.add(new ColumnValue(name, SqlText.expression(value)));
    } catch (IllegalArgumentException e) {
      throw wrong(line, "the expression " + e.getMessage());
    }
  }

  private static IllegalArgumentException wrong(String line, String why) {
    return new IllegalArgumentException("'set' has the line '%s': %s".formatted(line, why));
  }

  /** As {@code SET} takes it. */
  String sql() {
    String expression =
        value.toUpperCase(Locale.ROOT).equals("DEFAULT") ? "DEFAULT" : "(" + value + ")";
    return SqlText.quoted(column) + " = " + expression;
  }
}
