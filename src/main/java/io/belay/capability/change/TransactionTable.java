package io.belay.capability.change;

import io.belay.capability.change.SqlTransaction.Fate;
import io.belay.capability.change.SqlTransaction.Mark;
import io.belay.target.TargetException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * For a database that does not tell of its transactions: each inserts a row of its own into a table
 * there, before anything else. Who asks inserts the same row: that waits for a transaction that
 * still works, fails when it was committed, and else keeps it from ever being committed.
 *
 * @param name of the target
 * @param runId for people who read the table
 */
record TransactionTable(String name, String runId) implements TransactionLog {

  static final String TABLE = "belay_transaction";

  /** The row that says when the table was made: one that was made anew has forgotten the others. */
  private static final String ITSELF = "table";

  private static final String DEFINITION =
      "CREATE TABLE %s (id VARCHAR(36) NOT NULL PRIMARY KEY, state VARCHAR(9) NOT NULL,"
              .formatted(TABLE)
          + " run_id VARCHAR(64) NOT NULL, begun VARCHAR(30) NOT NULL)";

  private static final String COMMITTED = "committed";
  private static final String ABORTED = "aborted";

  @Override
  public Mark begin(Connection connection, Consumer<Mark> begun) throws SQLException {
    if (!exists(connection)) {
      create(connection);
    }
    waitShortlyForLocks(connection);
    if (value(connection, "begun", ITSELF) == null) {
      insert(connection, ITSELF, ITSELF);
    }
    connection.commit();
    String made = value(connection, "begun", ITSELF);
    requireRollback(connection);
    Mark mark = new Mark(UUID.randomUUID().toString(), 0, made);
    begun.accept(mark);
    insert(connection, mark.id(), COMMITTED);
    return mark;
  }

  /** A row that stays whatever becomes of its transaction would prove nothing. */
  private void requireRollback(Connection connection) throws SQLException {
    String id = UUID.randomUUID().toString();
    insert(connection, id, ABORTED);
    connection.rollback();
    boolean stays = value(connection, "state", id) != null;
    connection.rollback(); // what the statements will see begins with them
    if (stays) {
      throw new TargetException(
          "the table %s of '%s' cannot roll back, so it tells nothing. Nothing was begun. Have somebody drop it and execute: %s; then retry"
              .formatted(TABLE, name, definition(connection)));
    }
  }

  /** MyISAM, which can be the default engine, cannot roll back. */
  private static String definition(Connection connection) throws SQLException {
    return isMariaDb(connection) ? DEFINITION + " ENGINE=InnoDB" : DEFINITION;
  }

  private static boolean isMariaDb(Connection connection) throws SQLException {
    return connection.getMetaData().getURL().startsWith("jdbc:mariadb:");
  }

  private static void waitShortlyForLocks(Connection connection) throws SQLException {
    if (isMariaDb(connection)) {
      try (Statement statement = connection.createStatement()) {
        statement.execute("SET SESSION innodb_lock_wait_timeout = 5");
      }
    }
  }

  private static boolean exists(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.executeQuery("SELECT COUNT(*) FROM " + TABLE).close();
      return true;
    } catch (SQLException e) {
      connection.rollback();
      return false; // or it cannot be read, and then it cannot be made either
    }
  }

  private void create(Connection connection) throws SQLException {
    String definition = definition(connection);
    try (Statement statement = connection.createStatement()) {
      statement.execute(definition);
    } catch (SQLException e) {
      throw new TargetException(
          "'%s' keeps no record of its transactions, and the table for one was not made: %s. Nothing was begun. Have somebody execute: %s; grant SELECT and INSERT on it, then retry"
              .formatted(name, e.getMessage(), definition),
          e);
    }
  }

  private void insert(Connection connection, String id, String state) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO %s (id, state, run_id, begun) VALUES (?, ?, ?, ?)".formatted(TABLE))) {
      insert.setString(1, id);
      insert.setString(2, state);
      insert.setString(3, runId);
      insert.setString(4, Instant.now().toString());
      insert.executeUpdate();
    }
  }

  /** Always: of statements, only those are taken that end no transaction. */
  @Override
  public boolean isIn(Connection connection, Mark mark) {
    return true;
  }

  /** Of a row; null when there is none. */
  private static String value(Connection connection, String column, String id) throws SQLException {
    try (PreparedStatement ask =
        connection.prepareStatement("SELECT %s FROM %s WHERE id = ?".formatted(column, TABLE))) {
      ask.setString(1, id);
      try (ResultSet row = ask.executeQuery()) {
        return row.next() ? row.getString(1) : null;
      }
    }
  }

  @Override
  public Fate fate(Connection connection, Mark mark) throws SQLException {
    waitShortlyForLocks(connection);
    if (!mark.since().equals(value(connection, "begun", ITSELF))) { // throws when it is gone
      throw new TargetException(
          "whether a transaction of this run on '%s' was committed is not known any more: its table %s was made anew. Look at the database, put it right by hand, then override this step with a reason"
              .formatted(name, TABLE));
    }
    try {
      insert(connection, mark.id(), ABORTED);
      return Fate.ABORTED;
    } catch (SQLException e) {
      String state = value(connection, "state", mark.id());
      if (state == null) {
        throw new TargetException(
            "whether a transaction of this run on '%s' was committed is not known yet: its session may still work there (%s). Retry when it has ended"
                .formatted(name, e.getMessage()),
            e);
      }
      return state.equals(COMMITTED) ? Fate.COMMITTED : Fate.ABORTED;
    }
  }
}
