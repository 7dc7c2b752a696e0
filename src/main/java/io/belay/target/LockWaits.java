package io.belay.target;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.StringJoiner;

/**
 * Finds the sessions that block Belay and its commands at a PostgreSQL server. Ask while they wait:
 * after the wait has failed, the server no longer says who blocked it.
 *
 * <p>Sessions count as Belay's or a command's by their name, or if the target's login has opened
 * them since the start, because a command may set a name of its own.
 */
final class LockWaits {

  /** How long a tool may take to report that its wait has failed. */
  private static final Duration MEMORY = Duration.ofSeconds(30);

  private static final String BLOCKERS =
      """
      SELECT blocker.pid, b.usename, b.application_name, b.state, b.query,
        date_trunc('second', now() - coalesce(b.xact_start, b.backend_start)) AS age
      FROM (
        SELECT DISTINCT unnest(pg_blocking_pids(w.pid)) AS pid FROM pg_stat_activity w
        WHERE w.datname = current_database() AND w.wait_event_type = 'Lock'
          AND (starts_with(w.application_name, 'belay')
            OR w.usename = session_user AND w.backend_start >= ?::timestamptz)
          -- that they wait for each other at the migration's fence is no secret
          AND NOT (starts_with(w.application_name, 'belay ') AND w.wait_event = 'advisory')
      ) AS blocker LEFT JOIN pg_stat_activity b ON b.pid = blocker.pid
      ORDER BY b.xact_start NULLS LAST LIMIT 3
      """;

  private final long begin = System.nanoTime();
  private String since;
  private volatile String last;
  private volatile long seen;

  /** To be called every few seconds while something may wait. */
  void ask(Connection connection) throws SQLException {
    if (since == null) {
      since = serverTime(connection, Duration.ofNanos(System.nanoTime() - begin));
    }
    StringJoiner blockers = new StringJoiner("; ");
    try (PreparedStatement ask = connection.prepareStatement(BLOCKERS)) {
      ask.setString(1, since);
      try (ResultSet row = ask.executeQuery()) {
        while (row.next()) {
          blockers.add(describe(row));
        }
      }
    }
    if (blockers.length() > 0) {
      last = blockers.toString();
      seen = System.nanoTime();
    }
  }

  private static String serverTime(Connection connection, Duration ago) throws SQLException {
    try (PreparedStatement ask =
        connection.prepareStatement("SELECT (clock_timestamp() - ?::interval)::text")) {
      ask.setString(1, ago.toString());
      try (ResultSet row = ask.executeQuery()) {
        row.next();
        return row.getString(1);
      }
    }
  }

  private static String describe(ResultSet row) throws SQLException {
    if (row.getInt("pid") == 0) {
      return "a prepared transaction (see pg_prepared_xacts)";
    }
    String state = row.getString("state");
    String query = row.getString("query");
    return "session %d of user %s (application '%s', %s, its transaction is %s old)%s"
        .formatted(
            row.getInt("pid"),
            row.getString("usename"),
            row.getString("application_name"),
            state == null ? "this login may not see its state" : state,
            row.getString("age"),
            state == null || query == null
                ? ""
                : ("active".equals(state) ? ", which runs: " : ", which last ran: ")
                    + CommandSession.shortened(query));
  }

  /** What blocked last, within the last 30 s; for people. */
  Optional<String> recent() {
    String what = last;
    return what == null || System.nanoTime() - seen > MEMORY.toNanos()
        ? Optional.empty()
        : Optional.of(what);
  }
}
