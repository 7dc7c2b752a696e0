package io.belay.capability.schema;

import java.sql.SQLException;
import java.util.List;

/** Liquibase's history table; a database without that table has no history. */
final class LiquibaseHistory {

  private final DatabaseSession session;

  LiquibaseHistory(DatabaseSession session) {
    this.session = session;
  }

  /** All changesets executed so far. */
  int executed() throws SQLException {
    return exists() ? count("SELECT count(*) FROM databasechangelog") : 0;
  }

  /** Changesets executed after the tagged one; -1 when nothing carries the tag. */
  int executedSince(String tag) throws SQLException {
    if (!exists()) {
      return -1;
    }
    return count(
        """
        SELECT CASE WHEN t.at IS NULL THEN -1 ELSE
                 (SELECT count(*) FROM databasechangelog WHERE orderexecuted > t.at) END
        FROM (SELECT max(orderexecuted) AS at FROM databasechangelog WHERE tag = ?) t
        """,
        tag);
  }

  /**
   * Our tag; or the tag that somebody else put on the newest changeset, which ours would overwrite
   * and which serves as well.
   */
  String tagToFindBackBy(String ours) throws SQLException {
    if (!exists()) {
      return ours;
    }
    List<String> tags =
        session.query(
            """
            SELECT tag FROM databasechangelog c
            WHERE orderexecuted = (SELECT max(orderexecuted) FROM databasechangelog)
              AND tag IS NOT NULL AND tag NOT LIKE 'belay-%'
              AND 1 = (SELECT count(*) FROM databasechangelog d WHERE d.tag = c.tag)
            """,
            row -> row.getString(1));
    session.connection().commit();
    return tags.isEmpty() ? ours : tags.get(0);
  }

  /** Whether Liquibase ever worked on this database. */
  boolean exists() throws SQLException {
    return count("SELECT (to_regclass('databasechangelog') IS NOT NULL)::int") == 1;
  }

  /** Removes Liquibase's tables if they contain only the initial tag. */
  void dropIfEmpty() throws SQLException {
    if (!exists()
        || count("SELECT count(*) FROM databasechangelog WHERE author <> 'liquibase'") == 0) {
      // After a kill, the lock table may be the only one left.
      session.execute("DROP TABLE IF EXISTS databasechangelog, databasechangeloglock");
      session.connection().commit();
    }
  }

  private int count(String sql, Object... arguments) throws SQLException {
    int count = session.one(sql, row -> row.getInt(1), arguments);
    session.connection().commit();
    return count;
  }
}
