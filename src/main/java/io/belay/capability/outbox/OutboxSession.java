package io.belay.capability.outbox;

import io.belay.step.BusinessStop;
import io.belay.step.StepContext;
import io.belay.target.Connections;
import io.belay.target.PostgresTarget;
import io.belay.target.TargetException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.UUID;

/**
 * The one session in which a drain works. It holds an advisory lock of the table, which the server
 * frees when the session ends, however its client died. No transaction is open while an event is
 * published.
 */
final class OutboxSession implements AutoCloseable {

  /** The key is its hash: the same for every Belay. */
  private static final String LOCK = "belay outbox ";

  private static final Duration STATEMENT_LOCKS = Duration.ofSeconds(10);

  private static final String HOLDERS =
      """
      SELECT %s FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a USING (pid)
      WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
        AND (l.classid::bigint << 32 | l.objid::bigint) = hashtextextended(?, 0)
        AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
        AND a.application_name LIKE ? AND a.pid <> pg_backend_pid()
      """;

  private final Connection connection;
  private final String database;
  private final StepContext context;

  private OutboxSession(Connection connection, String database, StepContext context) {
    this.connection = connection;
    this.database = database;
    this.context = context;
  }

  /**
   * @param database name of the target
   */
  static OutboxSession open(Connections connections, String database, StepContext context)
      throws SQLException {
    Connection connection = connections.postgres(context.target(database, PostgresTarget.class));
    try {
      if (Connections.isPooled(connection)) {
        throw new BusinessStop(
            "a pooler stands before '%s', so a session lock cannot keep two drains apart; name a target that is the server itself"
                .formatted(database));
      }
      connection.setClientInfo("ApplicationName", name(context));
      try (Statement settings = connection.createStatement()) {
        settings.execute("SET lock_timeout = " + STATEMENT_LOCKS.toMillis());
        settings.execute(
            "SELECT set_config(name, '0', false) FROM pg_catalog.pg_settings"
                + " WHERE name = 'idle_session_timeout'"); // PostgreSQL 14 and newer
      }
      return new OutboxSession(connection, database, context);
    } catch (SQLException | RuntimeException e) {
      connection.close();
      throw e;
    }
  }

  /** The same for all attempts of this execution; a server keeps 63 characters. */
  private static String name(StepContext context) {
    int execution = UUID.nameUUIDFromBytes(context.stepKey().getBytes()).hashCode();
    return "belay %s %08x".formatted(context.runId(), execution);
  }

  Connection connection() {
    return connection;
  }

  /**
   * Takes the lock of a table. A session of an earlier attempt of this execution is ended; it is
   * paused or cut off.
   *
   * @throws TargetException when another drain still holds it after that time
   */
  void lock(long table, Duration patience) throws SQLException, InterruptedException {
    long end = System.nanoTime() + patience.toNanos();
    while (!tryLock(table)) {
      context.cancellation().throwIfCancelled();
      if (context.attempt() > 1) {
        endEarlier(table);
      }
      if (System.nanoTime() > end) {
        throw new TargetException(
            "another drain is at work on this outbox of '%s': %s. This attempt published nothing; retry when that session has ended"
                .formatted(database, holder(table)));
      }
      Thread.sleep(50);
    }
  }

  private boolean tryLock(long table) throws SQLException {
    return "true"
        .equals(text("SELECT pg_try_advisory_lock(hashtextextended(?, 0))::text", LOCK + table));
  }

  private void endEarlier(long table) throws SQLException {
    text(HOLDERS.formatted("pg_terminate_backend(a.pid)::text"), LOCK + table, name(context));
  }

  private String holder(long table) throws SQLException {
    String holder =
        text(
            HOLDERS.formatted(
                "format('session %s (%s, since %s)', a.pid, a.application_name, a.backend_start)"),
            LOCK + table,
            "%");
    return holder == null ? "another session" : holder;
  }

  /** The first column of the first row; null when there is none. */
  private String text(String query, String... arguments) throws SQLException {
    try (PreparedStatement ask = connection.prepareStatement(query)) {
      for (int i = 0; i < arguments.length; i++) {
        ask.setString(i + 1, arguments[i]);
      }
      try (ResultSet row = ask.executeQuery()) {
        return row.next() ? row.getString(1) : null;
      }
    }
  }

  /**
   * Call it right before an event is published: a session that has ended holds no lock.
   *
   * @throws SQLException when the server does not answer in it any more
   */
  void requireHeld() throws SQLException {
    text("SELECT '1'");
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
