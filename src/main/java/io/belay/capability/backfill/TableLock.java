package io.belay.capability.backfill;

import io.belay.target.TargetException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

/**
 * An advisory lock on the work on a table's rows: of one session at a time, and nobody else's
 * business.
 *
 * @param name of the target
 * @param table as SQL names it
 */
record TableLock(BackfillSession session, String name, String table) {

  /** Upper half of the lock's number; the lower one is the table's object id. "bfll" in ASCII. */
  private static final long LOCK = 0x62666c6cL << 32;

  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Duration BETWEEN_TRIES = Duration.ofMillis(100);

  private static final String LOCKS =
      """
      FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a USING (pid)
      WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
        AND (l.classid::bigint << 32 | l.objid::bigint) = ?::bigint
        AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
        AND a.pid <> pg_catalog.pg_backend_pid()
      """;

  private static final String HOLDERS =
      "SELECT format('session %s (%s, since %s)', a.pid, a.application_name, a.backend_start) "
          + LOCKS;

  private static final String END =
      "SELECT pg_catalog.pg_terminate_backend(a.pid)::text "
          + LOCKS
          + " AND a.application_name = ?";

  /**
   * Takes the lock, until the session is over.
   *
   * @param replaced application names of sessions that are ended if they hold it
   * @throws TargetException when somebody else holds it
   */
  void hold(List<String> replaced) throws SQLException, InterruptedException {
    long number =
        LOCK
            | session.transaction(
                work -> work.one("SELECT ?::regclass::oid::bigint", row -> row.getLong(1), table));
    String lock = Long.toString(number);
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!isTaken(lock)) {
      List<String> holders =
          session.transaction(
              work -> {
                List<String> seen = work.query(HOLDERS, row -> row.getString(1), List.of(lock));
                for (String one : replaced) {
                  work.query(END, row -> row.getString(1), List.of(lock, one));
                }
                return seen;
              });
      if (System.nanoTime() > end) {
        throw new TargetException(
            "the rows of %s on '%s' are being changed by %s. This attempt changed nothing; retry when that session has ended"
                .formatted(table, name, holders.isEmpty() ? "somebody" : holders.get(0)));
      }
      session.pause(BETWEEN_TRIES);
    }
  }

  private boolean isTaken(String lock) throws SQLException, InterruptedException {
    return session.transaction(
        work ->
            work.one(
                "SELECT pg_catalog.pg_try_advisory_lock(?::bigint)",
                row -> row.getBoolean(1),
                lock));
  }
}
