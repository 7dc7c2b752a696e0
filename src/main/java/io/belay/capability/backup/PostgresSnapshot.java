package io.belay.capability.backup;

import io.belay.target.Cancellation;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.Optional;

/**
 * One moment of a database, held open by a repeatable-read transaction that never writes: pg_dump
 * dumps it by its exported id, and the rows are counted in it, so that both agree. Lasts until
 * {@link #close()}.
 */
final class PostgresSnapshot implements AutoCloseable {

  private final Connection connection;
  private final String id;

  private PostgresSnapshot(Connection connection, String id) {
    this.connection = connection;
    this.id = id;
  }

  /** Takes over the connection; closes it when that fails. */
  static PostgresSnapshot of(Connection connection) throws SQLException {
    try {
      connection.setAutoCommit(false);
      try (Statement statement = connection.createStatement()) {
        statement.execute("set transaction isolation level repeatable read, read only");
        // the transaction lasts as long as the dump, which may take hours
        statement.execute("set local statement_timeout = 0");
        statement.execute("set local idle_in_transaction_session_timeout = 0");
        statement.execute("set local lock_timeout = '30s'");
        try (ResultSet rows = statement.executeQuery("select pg_export_snapshot()")) {
          rows.next();
          return new PostgresSnapshot(connection, rows.getString(1));
        }
      }
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  /** The argument of {@code pg_dump --snapshot}. */
  String id() {
    return id;
  }

  DatabaseContent content(Cancellation cancellation) throws SQLException {
    return DatabaseContent.of(connection, cancellation);
  }

  /**
   * Size of the whole database with its indexes, in bytes; the progress of a dump is measured by
   * it.
   */
  long databaseSize() throws SQLException {
    return Long.parseLong(optional("select pg_database_size(current_database())").orElse("0"));
  }

  /**
   * The write-ahead log's position just after the snapshot; empty when the login may not read it.
   */
  Optional<String> lsn() throws SQLException {
    return optional(
        "select case when pg_is_in_recovery() then pg_last_wal_replay_lsn()"
            + " else pg_current_wal_lsn() end");
  }

  /** The identifier of the cluster; empty when the login may not read it. */
  Optional<String> systemIdentifier() throws SQLException {
    return optional("select system_identifier from pg_control_system()");
  }

  private Optional<String> optional(String sql) throws SQLException {
    Savepoint before = connection.setSavepoint();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      return rows.next() ? Optional.ofNullable(rows.getString(1)) : Optional.empty();
    } catch (SQLException e) {
      if (connection.isClosed()) { // not a refusal: the session has ended, and e says why
        throw e;
      }
      connection.rollback(before);
      return Optional.empty();
    }
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
