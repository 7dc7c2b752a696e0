package io.belay.capability.backfill;

import io.belay.capability.backfill.BackfilledTable.State;
import java.util.List;

/**
 * The statements of a backfill's undo. A row gets its previous values only while it is as the
 * backfill left it. Values are compared as text: SQL's own equality takes some for the same that
 * are not (0.5 and 0.50, capitals under some collations), and not every type has one.
 */
record RestoreSql(BackfilledTable table) {

  /** Looks again at rows that an earlier attempt left alone. */
  String lookAgain() {
    return "UPDATE %s SET state = %s WHERE state = %s"
        .formatted(table.previousSql(), State.CHANGED.sql(), State.OTHER.sql());
  }

  /** How many rows are recorded in a state. */
  String count(State state) {
    return "SELECT count(*) FROM %s WHERE state = %s".formatted(table.previousSql(), state.sql());
  }

  private static String same(String one, String other) {
    return "(%s::text COLLATE \"C\") IS NOT DISTINCT FROM (%s::text COLLATE \"C\")"
        .formatted(one, other);
  }

  /**
   * Puts the previous values of some rows back: tells how many it did, and the key of the last one
   * it looked at.
   *
   * @param after the key before its first row; empty for the first of all
   */
  Query batch(List<String> after, int rows) {
    BackfillSql backfill = new BackfillSql(table, List.of(), "");
    String more = table.values("", ", old_%2$d AS belay_old_%2$d, new_%2$d AS belay_new_%2$d");
    String there =
        "SELECT %s, %s FROM %s WHERE (%s) IN (SELECT %s FROM belay_again)"
            .formatted(
                table.keys(", ", "%1$s AS belay_key_%2$d"),
                table.values(", ", "%1$s AS belay_now_%2$d"),
                table.sql(),
                table.keys(", ", "%1$s"),
                table.keys(", ", "belay_key_%2$d"));
    return new Query(
        """
        WITH belay_again AS MATERIALIZED (%1$s),
        belay_there AS MATERIALIZED (%2$s),
        belay_locked AS MATERIALIZED (%2$s FOR NO KEY UPDATE SKIP LOCKED),
        belay_judged AS MATERIALIZED (
          SELECT belay_again.*, %3$s AS belay_ours, %4$s AS belay_back
          FROM belay_again JOIN belay_locked ON %5$s),
        belay_put AS (
          UPDATE %6$s SET %7$s FROM belay_judged WHERE %8$s AND belay_ours AND NOT belay_back
          RETURNING %9$s, %10$s AS belay_exact),
        belay_fate AS (
          SELECT %11$s, CASE WHEN belay_exact THEN %12$s ELSE %13$s END AS belay_state FROM belay_put
          UNION ALL SELECT %11$s, %12$s FROM belay_judged WHERE belay_back
          UNION ALL SELECT %11$s, %13$s FROM belay_judged WHERE NOT belay_ours AND NOT belay_back
          UNION ALL SELECT %11$s, %14$s FROM belay_again WHERE NOT EXISTS (
            SELECT FROM belay_there WHERE %15$s)),
        belay_told AS (
          UPDATE %16$s AS belay_previous SET state = belay_state FROM belay_fate WHERE %17$s RETURNING 1)
        SELECT (SELECT count(*) FROM belay_told), (SELECT count(*) FROM belay_put), %18$s
        """
            .formatted(
                backfill.recorded(State.CHANGED, after, rows, more),
                there,
                table.values(" AND ", same("belay_now_%2$d", "belay_new_%2$d")),
                table.values(" AND ", same("belay_now_%2$d", "belay_old_%2$d")),
                table.keys(" AND ", "belay_again.belay_key_%2$d = belay_locked.belay_key_%2$d"),
                table.sql(),
                assignments(),
                table.keys(" AND ", "%1$s = belay_judged.belay_key_%2$d"),
                table.keys(", ", "belay_judged.belay_key_%2$d"),
                table.values(" AND ", same("%1$s", "belay_judged.belay_old_%2$d")),
                table.keys(", ", "belay_key_%2$d"),
                State.BACK.sql(),
                State.OTHER.sql(),
                State.GONE.sql(),
                table.keys(" AND ", "belay_there.belay_key_%2$d = belay_again.belay_key_%2$d"),
                table.previousSql(),
                table.keys(" AND ", "belay_previous.key_%2$d = belay_fate.belay_key_%2$d"),
                backfill.lastOfAgain()),
        after);
  }

  /** {@code SET} takes names without their table. */
  private String assignments() {
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < table.columns().size(); i++) {
      all.append(i == 0 ? "" : ", ")
          .append(SqlText.quoted(table.columns().get(i)))
          .append(" = belay_judged.belay_old_")
          .append(i + 1);
    }
    return all.toString();
  }
}
