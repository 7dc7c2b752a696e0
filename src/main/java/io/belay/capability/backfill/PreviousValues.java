package io.belay.capability.backfill;

import io.belay.step.BusinessStop;
import java.sql.SQLException;
import java.util.List;

/** The table that holds the previous values of the rows that a backfill has changed. */
record PreviousValues(BackfillSession session, BackfilledTable table) {

  boolean isThere() throws SQLException, InterruptedException {
    return session.transaction(
        work ->
            work.one(
                "SELECT pg_catalog.to_regclass(?) IS NOT NULL",
                row -> row.getBoolean(1),
                table.previousSql()));
  }

  /**
   * Makes it, if an attempt that was killed has not.
   *
   * @param comment for people who find it
   * @throws BusinessStop when its rows would be published to subscribers
   */
  void make(BackfillSql sql, String comment) throws SQLException, InterruptedException {
    if (isThere()) {
      return;
    }
    session.transaction(
        work -> {
          for (String statement : sql.create(comment)) {
            work.execute(statement);
          }
          requireUnpublished(work);
          return true;
        });
  }

  private void requireUnpublished(BackfillSession work) throws SQLException {
    List<String> publications =
        work.query(
            "SELECT pubname FROM pg_catalog.pg_publication_tables WHERE schemaname = ? AND tablename = ?",
            row -> row.getString(1),
            List.of(table.schema(), table.previous()));
    if (!publications.isEmpty()) {
      throw new BusinessStop(
          "publication %s would publish the table with the previous values, and a subscriber without it stops; publish the tables by name. Nothing was changed"
              .formatted(String.join(", ", publications)));
    }
  }

  void drop() throws SQLException, InterruptedException {
    session.transaction(
        work -> {
          work.execute("DROP TABLE IF EXISTS " + table.previousSql());
          return true;
        });
  }
}
