package io.belay.capability.backfill;

import io.belay.capability.backfill.BackfilledTable.State;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The statements of a backfill. One statement changes the rows of a batch and records their
 * previous values, so neither happens without the other.
 *
 * <p>Rows are locked as an {@code UPDATE} locks them, which lets others refer to them by foreign
 * key. Whatever was seen and not changed is recorded as skipped.
 *
 * @param condition an expression, ready for a prepared statement
 */
record BackfillSql(BackfilledTable table, List<ColumnValue> set, String condition) {

  private static final String KEY = "%1$s AS belay_key_%2$d";
  private static final String OLD = "%1$s AS belay_old_%2$d";

  /** Makes the table for the previous values, whose columns have the types of the originals. */
  List<String> create(String comment) {
    String key = table.keys(", ", "key_%2$d");
    return List.of(
        "CREATE TABLE %s AS SELECT %s, ''::text AS state, %s, %s FROM %s WITH NO DATA"
            .formatted(
                table.previousSql(),
                table.keys(", ", "%1$s AS key_%2$d"),
                table.values(", ", "%1$s AS old_%2$d"),
                table.values(", ", "%1$s AS new_%2$d"),
                table.sql()),
        "ALTER TABLE %s ADD PRIMARY KEY (%s)".formatted(table.previousSql(), key),
        "CREATE INDEX ON %s (%s) WHERE state = %s"
            .formatted(table.previousSql(), key, State.SKIPPED.sql()),
        "COMMENT ON TABLE %s IS %s".formatted(table.previousSql(), SqlText.constant(comment)));
  }

  /** The highest key that was recorded, in an array; no row when there is none. */
  String reached() {
    return "SELECT ARRAY[%s] FROM %s ORDER BY %s LIMIT 1"
        .formatted(
            table.keys(", ", "key_%2$d::text"),
            table.previousSql(),
            table.keys(", ", "key_%2$d DESC"));
  }

  /** The highest key of the table, in an array; no row when it is empty. */
  String highest() {
    return "SELECT ARRAY[%s] FROM %s ORDER BY %s LIMIT 1"
        .formatted(table.keys(", ", "%1$s::text"), table.sql(), table.keys(", ", "%1$s DESC"));
  }

  /**
   * The key at which a batch ends, in an array; no row when fewer rows than that are left.
   *
   * @param after the key before its first row; empty for the start of the table
   */
  Query end(List<String> after, List<String> bound, int rows) {
    Range range = new Range(after, bound);
    return new Query(
        "SELECT ARRAY[%s] FROM %s WHERE %s ORDER BY %s LIMIT 1 OFFSET %d"
            .formatted(
                table.keys(", ", "%1$s::text"),
                table.sql(),
                range.sql(),
                table.keys(", ", "%1$s"),
                rows - 1),
        range.arguments(1));
  }

  /** The rows behind one key and up to another. */
  private final class Range {

    private final List<String> after;
    private final List<String> upTo;

    Range(List<String> after, List<String> upTo) {
      this.after = after;
      this.upTo = upTo;
    }

    String sql() {
      String upper = table.compareKey("%1$s", "<=");
      return after.isEmpty() ? upper : table.compareKey("%1$s", ">") + " AND " + upper;
    }

    List<String> arguments(int times) {
      List<String> once = new ArrayList<>(after);
      once.addAll(upTo);
      return Collections.nCopies(times, once).stream().flatMap(List::stream).toList();
    }
  }

  /** Changes the rows of one batch; tells how many it changed, and how many others hold locked. */
  Query batch(List<String> after, List<String> upTo) {
    Range range = new Range(after, upTo);
    String wanted =
        "SELECT %s, %s FROM %s WHERE %s AND (%s)"
            .formatted(
                table.keys(", ", KEY),
                table.values(", ", OLD),
                table.sql(),
                range.sql(),
                condition);
    return new Query(
        """
        WITH belay_seen AS MATERIALIZED (%1$s),
        belay_locked AS MATERIALIZED (%1$s FOR NO KEY UPDATE SKIP LOCKED),
        belay_changed AS (%2$s),
        belay_kept AS (
          INSERT INTO %3$s (%4$s, state, %5$s, %6$s)
          SELECT %7$s, %8$s, %9$s, %10$s FROM belay_changed
          UNION ALL
          SELECT %7$s, %11$s, %9$s, %9$s FROM belay_seen
          WHERE NOT EXISTS (SELECT FROM belay_changed WHERE %12$s)
          RETURNING state)
        SELECT count(*) FILTER (WHERE state = %8$s), count(*) FILTER (WHERE state = %11$s) FROM belay_kept
        """
            .formatted(
                wanted,
                update(range.sql() + " AND "),
                table.previousSql(),
                table.keys(", ", "key_%2$d"),
                table.values(", ", "old_%2$d"),
                table.values(", ", "new_%2$d"),
                table.keys(", ", "belay_key_%2$d"),
                State.CHANGED.sql(),
                table.values(", ", "belay_old_%2$d"),
                table.values(", ", "belay_new_%2$d"),
                State.SKIPPED.sql(),
                table.keys(" AND ", "belay_changed.belay_key_%2$d = belay_seen.belay_key_%2$d")),
        range.arguments(3));
  }

  private String update(String range) {
    return "UPDATE %s SET %s FROM belay_locked WHERE %s%s RETURNING %s, %s, %s"
        .formatted(
            table.sql(),
            set.stream().map(ColumnValue::sql).collect(Collectors.joining(", ")),
            range,
            table.keys(" AND ", "%1$s = belay_locked.belay_key_%2$d"),
            table.keys(", ", "belay_locked.belay_key_%2$d"),
            table.values(", ", "belay_locked.belay_old_%2$d"),
            table.values(", ", "%1$s AS belay_new_%2$d"));
  }

  /**
   * Tries rows again that were skipped: tells how many it took up, and the key of the last one.
   *
   * @param after the key before its first row; empty for the first of all
   */
  Query again(List<String> after, int rows) {
    String there =
        "SELECT %s, %s FROM %s WHERE (%s) IN (SELECT %s FROM belay_again) AND (%s)"
            .formatted(
                table.keys(", ", KEY),
                table.values(", ", OLD),
                table.sql(),
                table.keys(", ", "%1$s"),
                table.keys(", ", "belay_key_%2$d"),
                condition);
    String sameKey = table.keys(" AND ", "belay_previous.key_%2$d = belay_%%1$s.belay_key_%2$d");
    return new Query(
        """
        WITH belay_again AS MATERIALIZED (%1$s),
        belay_there AS MATERIALIZED (%2$s),
        belay_locked AS MATERIALIZED (%2$s FOR NO KEY UPDATE SKIP LOCKED),
        belay_changed AS (%3$s),
        belay_told AS (
          UPDATE %4$s AS belay_previous SET state = %5$s, %6$s FROM belay_changed WHERE %7$s RETURNING 1),
        belay_gone AS (
          UPDATE %4$s AS belay_previous SET state = %8$s FROM belay_again
          WHERE %9$s AND NOT EXISTS (SELECT FROM belay_there WHERE %10$s) RETURNING 1)
        SELECT (SELECT count(*) FROM belay_told), (SELECT count(*) FROM belay_gone), %11$s
        """
            .formatted(
                recorded(State.SKIPPED, after, rows, ""),
                there,
                update(""),
                table.previousSql(),
                State.CHANGED.sql(),
                table.values(", ", "old_%2$d = belay_old_%2$d, new_%2$d = belay_new_%2$d"),
                sameKey.formatted("changed"),
                State.GONE.sql(),
                sameKey.formatted("again"),
                table.keys(" AND ", "belay_there.belay_key_%2$d = belay_again.belay_key_%2$d"),
                lastOfAgain()),
        after);
  }

  /**
   * The first rows that are recorded in a state.
   *
   * @param more further columns, each with a comma before
   */
  String recorded(State state, List<String> after, int rows, String more) {
    return "SELECT %s%s FROM %s WHERE state = %s%s ORDER BY %s LIMIT %d"
        .formatted(
            table.keys(", ", "key_%2$d AS belay_key_%2$d"),
            more,
            table.previousSql(),
            state.sql(),
            after.isEmpty() ? "" : " AND " + table.compareKey("key_%2$d", ">"),
            table.keys(", ", "key_%2$d"),
            rows);
  }

  /** The highest key of the rows that were looked at. */
  String lastOfAgain() {
    return "(SELECT ARRAY[%s] FROM belay_again ORDER BY %s LIMIT 1)"
        .formatted(
            table.keys(", ", "belay_key_%2$d::text"), table.keys(", ", "belay_key_%2$d DESC"));
  }
}
