package io.belay.capability.schema;

import io.belay.target.PostgresTarget;
import io.belay.target.TargetException;
import java.sql.SQLException;
import java.time.Duration;

/**
 * Lets one session at a time migrate a database: an advisory lock of the working session. The
 * server frees it when that session ends, however its client died; so the holder knows that no
 * earlier attempt is still at work.
 */
final class MigrationFence {

  /** The same for every Belay: "belay" in ASCII. */
  private static final long KEY = 0x62656c6179L;

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private MigrationFence() {}

  /**
   * Takes the fence, until the session is closed.
   *
   * @throws TargetException when another session still holds it after 30 seconds
   */
  static void hold(DatabaseSession session, PostgresTarget database) throws SQLException {
    hold(session, database, PATIENCE);
  }

  static void hold(DatabaseSession session, PostgresTarget database, Duration patience)
      throws SQLException {
    session.execute("SET lock_timeout = " + patience.toMillis());
    try {
      session.query("SELECT pg_advisory_lock(?)", row -> true, KEY);
    } catch (SQLException e) {
      if (!"55P03".equals(e.getSQLState())) {
        throw e;
      }
      throw new TargetException(
          "%s is being migrated by %s, which did not end within %s. This attempt changed nothing; retry when that session has ended"
              .formatted(database.describe(), holder(session), patience),
          e);
    }
  }

  /**
   * Ends the session of an earlier attempt of the same run that still holds the fence: its node is
   * paused or cut off, and could resume unexpectedly. Sessions of commands under that fence have
   * been ended before ({@link RunSessions#endEarlier}).
   *
   * @param name prefix of the application names of the run's sessions
   */
  static void endEarlier(DatabaseSession session, String name) throws SQLException {
    session.query(
        """
        SELECT pg_terminate_backend(a.pid) FROM pg_locks l JOIN pg_stat_activity a USING (pid)
        WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
          AND (l.classid::bigint << 32 | l.objid::bigint) = ?
          AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
          AND starts_with(a.application_name, left(?, 52)) AND a.pid <> pg_backend_pid()
        """,
        row -> true,
        KEY,
        name);
  }

  private static String holder(DatabaseSession session) throws SQLException {
    return session
        .query(
            """
            SELECT format('session %s (%s, since %s)', a.pid, a.application_name, a.backend_start)
            FROM pg_locks l JOIN pg_stat_activity a USING (pid)
            WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
              AND (l.classid::bigint << 32 | l.objid::bigint) = ?
              AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
            """,
            row -> row.getString(1), KEY)
        .stream()
        .findFirst()
        .orElse("another session");
  }
}
