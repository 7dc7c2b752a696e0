package io.belay.capability.outbox;

import io.belay.step.StepContext;
import io.belay.target.TargetException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Waits for the transactions that have an outbox open for writing. A transaction holds the table's
 * lock from before it takes an event's number until its commit is visible. So when those that held
 * it after number N was read have ended, each event below N is visible, or will never be.
 */
final class OpenWriters {

  private static final long POLL_MILLIS = 50;

  /** Also prepared transactions, which have no session. */
  private static final String WRITERS =
      """
      SELECT l.virtualtransaction, CASE WHEN l.pid IS NULL
        THEN 'a prepared transaction (see pg_prepared_xacts)'
        ELSE format('session %s of user %s (application %s%s)', l.pid, a.usename, a.application_name,
          ', its transaction is ' || date_trunc('second', now() - a.xact_start) || ' old') END
      FROM pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_stat_activity a USING (pid)
      WHERE l.locktype = 'relation' AND l.granted AND l.mode = 'RowExclusiveLock'
        AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
        AND l.relation IN (SELECT ?::bigint::oid UNION SELECT relid::oid FROM pg_partition_tree(?::bigint::oid::regclass))
        AND l.pid IS DISTINCT FROM pg_backend_pid()
      ORDER BY a.xact_start
      """;

  private final Connection connection;
  private final long table;

  OpenWriters(Connection connection, long table) {
    this.connection = connection;
    this.table = table;
  }

  /**
   * Waits until those that are open now have ended; others may begin meanwhile.
   *
   * @throws TargetException naming the sessions, when they have not ended within that time
   */
  void awaitEnd(Duration patience, StepContext context) throws SQLException, InterruptedException {
    long end = System.nanoTime() + patience.toNanos();
    Map<String, String> open = now();
    while (!open.isEmpty()) {
      if (System.nanoTime() > end) {
        throw new TargetException(
            "transactions that have written into the outbox did not end within %d s, and may hold events that come before others: %s. Nothing was published; wait for them or end them, then retry"
                .formatted(patience.toSeconds(), String.join("; ", open.values())));
      }
      context.progress().report(0, 0, "events", "waiting for open transactions: " + open.values());
      context.cancellation().throwIfCancelled();
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
      open.keySet().retainAll(now().keySet());
    }
  }

  private Map<String, String> now() throws SQLException {
    try (PreparedStatement ask = connection.prepareStatement(WRITERS)) {
      ask.setLong(1, table);
      ask.setLong(2, table);
      Map<String, String> open = new LinkedHashMap<>();
      try (ResultSet row = ask.executeQuery()) {
        while (row.next()) {
          open.put(row.getString(1), row.getString(2));
        }
      }
      return open;
    }
  }
}
