package io.belay.capability.configuration;

import io.belay.step.ValueStore;
import io.belay.target.Cancellation;
import io.belay.target.Connections;
import io.belay.target.SqlTarget;
import io.belay.target.TargetException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * Values in a table with one row for each key. All are written in one transaction: a killed attempt
 * wrote all of them or none, and one whose session still works holds its rows until it ends.
 */
final class TableValues implements ValueStore {

  private final Connections connections;
  private final SqlTarget database;
  private final ValuesTarget target;
  private final Cancellation cancellation;

  TableValues(
      Connections connections, SqlTarget database, ValuesTarget target, Cancellation cancellation) {
    this.cancellation = cancellation;
    this.connections = connections;
    this.database = database;
    this.target = target;
  }

  @Override
  public Map<String, String> read(Collection<String> keys) throws SQLException {
    Map<String, String> values = new TreeMap<>();
    try (Connection connection = connections.sql(database)) {
      for (String key : keys) {
        values.put(key, read(connection, key));
      }
    }
    return values;
  }

  private String read(Connection connection, String key) throws SQLException {
    try (PreparedStatement ask =
        connection.prepareStatement(
            "SELECT %s FROM %s WHERE %s = ?"
                .formatted(target.valueColumn(), target.table(), target.keyColumn()))) {
      set(ask, 1, key);
      try (ResultSet row = ask.executeQuery()) {
        if (!row.next()) {
          return null;
        }
        String value = row.getString(1);
        if (value == null || row.next()) {
          throw new TargetException(
              "the key '%s' has %s in %s; nothing was written there"
                  .formatted(
                      key, value == null ? "the value NULL" : "several rows", target.describe()));
        }
        return value;
      }
    }
  }

  /** A session that an attempt left has locked what it changed: this waits, and changes nothing. */
  @Override
  @SuppressWarnings("try") // it is only to be closed
  public void settle(Map<String, String> written) throws Exception {
    try (Connection connection = connections.sql(database);
        AutoCloseable end = () -> Connections.rollBack(connection)) {
      connection.setAutoCommit(false);
      for (Map.Entry<String, String> value : written.entrySet()) {
        settle(connection, value.getKey(), value.getValue());
      }
    } catch (SQLException e) {
      throw new TargetException(
          "whether an earlier attempt still writes to %s is not known: %s. Nothing was written; retry when its session has ended"
              .formatted(target.describe(), e.getMessage()),
          e);
    }
  }

  private void settle(Connection connection, String key, String value) throws SQLException {
    try {
      write(connection, key, value);
    } catch (SQLException e) {
      // A row that is there now was committed; a value that is refused was never written.
      if (!Objects.requireNonNullElse(e.getSQLState(), "").matches("2[23].*")) {
        throw e;
      }
    }
    connection.rollback();
  }

  @Override
  @SuppressWarnings("try") // it is only to be closed
  public void write(Map<String, String> values) throws Exception {
    try (Connection connection = connections.sql(database);
        AutoCloseable end = () -> Connections.rollBack(connection)) {
      connection.setAutoCommit(false);
      for (Map.Entry<String, String> value : values.entrySet()) {
        write(connection, value.getKey(), value.getValue());
      }
      for (Map.Entry<String, String> value : values.entrySet()) {
        requireStored(connection, value.getKey(), value.getValue());
      }
      cancellation.throwIfCancelled();
      connection.commit();
    }
  }

  /** A column that holds no text, or pads it, and a trigger may make something else of a value. */
  private void requireStored(Connection connection, String key, String value) throws SQLException {
    if (!Objects.equals(read(connection, key), value)) {
      throw new TargetException(
          "the value of '%s' becomes another one in %s, so nothing was written: write it as the column '%s' shows it, or look for a trigger"
              .formatted(key, target.describe(), target.valueColumn()));
    }
  }

  private void write(Connection connection, String key, String value) throws SQLException {
    String table = target.table();
    String keyColumn = target.keyColumn();
    if (value == null) {
      execute(connection, "DELETE FROM %s WHERE %s = ?".formatted(table, keyColumn), key);
      return;
    }
    int updated =
        execute(
            connection,
            "UPDATE %s SET %s = ? WHERE %s = ?".formatted(table, target.valueColumn(), keyColumn),
            value,
            key);
    if (updated == 0) {
      execute(
          connection,
          "INSERT INTO %s (%s, %s) VALUES (?, ?)".formatted(table, target.valueColumn(), keyColumn),
          value,
          key);
    }
  }

  private int execute(Connection connection, String sql, String... values) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < values.length; i++) {
        set(statement, i + 1, values[i]);
      }
      int rows = statement.executeUpdate();
      if (rows > 1) {
        throw new TargetException(
            "a key has %d rows in %s; nothing was written there"
                .formatted(rows, target.describe()));
      }
      return rows;
    }
  }

  private void set(PreparedStatement statement, int index, String value) throws SQLException {
    boolean postgres = database.jdbcUrl().startsWith("jdbc:postgresql:");
    statement.setObject(index, value, postgres ? Types.OTHER : Types.VARCHAR);
  }
}
