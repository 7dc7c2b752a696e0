package io.belay.capability.schema;

import io.belay.target.Cancellation;
import io.belay.target.Connections;
import io.belay.target.PostgresTarget;
import io.belay.target.ServerWatch;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One connection to a PostgreSQL target. When the step is cancelled, the running statement is
 * cancelled on the server and the connection is cut, so that no work continues there. A server that
 * falls silent is detected ({@link ServerWatch}), and the failure says so.
 */
final class DatabaseSession implements AutoCloseable {

  /** Reads one row. */
  @FunctionalInterface
  interface Row<T> {
    T read(ResultSet row) throws SQLException;
  }

  private static final String LOCK_TIMEOUT = "55P03";

  private final PostgresTarget target;
  private final Connection connection;
  private final ServerWatch watch;

  private DatabaseSession(PostgresTarget target, Connection connection, ServerWatch watch) {
    this.target = target;
    this.connection = connection;
    this.watch = watch;
  }

  /**
   * @param name application name, shown in the server's activity view
   * @throws io.belay.target.TargetException when the server refuses or cannot be reached
   */
  static DatabaseSession open(
      Connections connections, PostgresTarget target, String name, Cancellation cancellation)
      throws SQLException {
    Connection connection = connections.postgresUnbounded(target);
    DatabaseSession session =
        new DatabaseSession(
            target, connection, ServerWatch.start(connections, target, cancellation));
    try {
      session.watch.of(connection);
      connection.setClientInfo("ApplicationName", name);
      return session;
    } catch (SQLException e) {
      session.close();
      throw session.explained(e);
    }
  }

  /**
   * Starts the read-only transaction that sees everything at the same instant, and fixes every
   * setting that affects how a value is written as text.
   *
   * @param statementTimeout time limit for one statement; zero for none
   */
  void beginSnapshot(Duration statementTimeout) throws SQLException {
    connection.setAutoCommit(false);
    connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
    connection.setReadOnly(true);
    execute("SET LOCAL statement_timeout = " + statementTimeout.toMillis());
    // Waiting for another session's exclusive lock is bounded even if the work itself is not.
    execute("SET LOCAL lock_timeout = " + target.queryTimeout().toMillis());
    execute("SET LOCAL search_path = ''");
    execute("SET LOCAL TimeZone = 'UTC'");
    execute("SET LOCAL DateStyle = 'ISO, YMD'");
    execute("SET LOCAL IntervalStyle = 'postgres'");
    execute("SET LOCAL bytea_output = 'hex'");
    execute("SET LOCAL extra_float_digits = 3");
    execute("SET LOCAL lc_monetary = 'C'");
    // A policy that hides rows must make the read fail, not return fewer rows.
    execute("SET LOCAL row_security = off");
  }

  Connection connection() {
    return connection;
  }

  /** Cancelled when the step is, and when the server falls silent. */
  Cancellation cancellation() {
    return watch;
  }

  /** Why the session was cut; empty while the server gives signs of life. */
  Optional<String> silence() {
    return Optional.ofNullable(watch.silence());
  }

  /** A failure's message, with the session that blocked this one or the work that it fences. */
  String blaming(String message) {
    return watch.blaming(message);
  }

  void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw explained(e);
    }
  }

  <T> List<T> query(String sql, Row<T> reader, Object... arguments) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < arguments.length; i++) {
        statement.setObject(i + 1, arguments[i]);
      }
      try (ResultSet rows = statement.executeQuery()) {
        List<T> result = new ArrayList<>();
        while (rows.next()) {
          result.add(reader.read(rows));
        }
        return result;
      }
    } catch (SQLException e) {
      throw explained(e);
    }
  }

  private SQLException explained(SQLException e) {
    if (LOCK_TIMEOUT.equals(e.getSQLState())) {
      return new SQLException(blaming(e.getMessage()), LOCK_TIMEOUT, e);
    }
    return silence().map(why -> new SQLException(why, "08006", e)).orElse(e);
  }

  <T> T one(String sql, Row<T> reader, Object... arguments) throws SQLException {
    return query(sql, reader, arguments).get(0);
  }

  @Override
  public void close() {
    watch.close();
    try {
      connection.close();
    } catch (SQLException e) {
      // Nothing to do for a broken connection: the server ends the session by itself.
    }
  }
}
