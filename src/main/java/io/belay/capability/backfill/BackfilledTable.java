package io.belay.capability.backfill;

import io.belay.target.Identity;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;
import java.util.stream.IntStream;

/**
 * The table that a backfill changes, and the one beside it with the previous values: for each row
 * that was seen, its key ({@code key_1}, …), its state, and the values before ({@code old_1}, …)
 * and after ({@code new_1}, …).
 *
 * @param key columns by which a row is known
 * @param keyTypes their types, as SQL names them
 * @param columns that are assigned
 * @param previous name of the table with the previous values, in the same schema
 */
record BackfilledTable(
    String schema,
    String table,
    List<String> key,
    List<String> keyTypes,
    List<String> columns,
    String previous) {

  /** What became of a row, in the table with the previous values. */
  enum State {
    /** Others held it locked, so it is still to be changed. */
    SKIPPED,
    CHANGED,
    /** It was deleted meanwhile, or does not meet the condition any more. */
    GONE,
    /** The undo put its previous values back. */
    BACK,
    /** Somebody has changed it since, so the undo left it alone. */
    OTHER;

    /** As an SQL constant. */
    String sql() {
      return "'" + name().toLowerCase(Locale.ROOT) + "'";
    }
  }

  /**
   * Name of the table with the previous values.
   *
   * @param stepKey of the execution that fills it
   */
  static String previous(String runId, String stepKey) {
    String run = runId.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
    return "belay_rows_%.32s_%s".formatted(run, mark(stepKey));
  }

  /** Short and different for each execution. */
  static String mark(String stepKey) {
    return Identity.digest(stepKey).substring(0, 8);
  }

  /** The table, as SQL names it. */
  String sql() {
    return SqlText.quoted(schema) + "." + SqlText.quoted(table);
  }

  /** The table with the previous values, as SQL names it. */
  String previousSql() {
    return SqlText.quoted(schema) + "." + SqlText.quoted(previous);
  }

  /**
   * SQL for each column of the key.
   *
   * @param format gets the column (1) and its number (2)
   */
  String keys(String separator, String format) {
    return each(key, separator, format);
  }

  /** SQL for each assigned column. */
  String values(String separator, String format) {
    return each(columns, separator, format);
  }

  private String each(List<String> names, String separator, String format) {
    StringJoiner all = new StringJoiner(separator);
    for (int i = 0; i < names.size(); i++) {
      String column = SqlText.quoted(table) + "." + SqlText.quoted(names.get(i));
      all.add(format.formatted(column, i + 1));
    }
    return all.toString();
  }

  /**
   * Compares the key with a position: a question mark for each of its columns.
   *
   * @param format of a column of the key
   */
  String compareKey(String format, String operator) {
    StringJoiner position = new StringJoiner(", ", "(", ")");
    IntStream.range(0, key.size()).forEach(i -> position.add("?::" + keyTypes.get(i)));
    return "(%s) %s %s".formatted(keys(", ", format), operator, position);
  }
}
