package io.belay.capability.backup;

import io.belay.target.Cancellation;
import io.belay.target.PostgresTarget;
import io.belay.target.TargetException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Asks the server what became of a transaction. */
final class RestoreTransaction {

  private static final Duration LONGEST_ROLLBACK = Duration.ofMinutes(1);

  private final PostgresTools tools;
  private final PostgresTarget database;

  RestoreTransaction(PostgresTools tools, PostgresTarget database) {
    this.tools = tools;
    this.database = database;
  }

  /**
   * Whether the transaction was committed; waits while it is being rolled back.
   *
   * @throws TargetException when the server does not know any more, or the transaction does not end
   */
  boolean isCommitted(long transaction, Cancellation cancellation) {
    long deadline = System.nanoTime() + LONGEST_ROLLBACK.toNanos();
    try (Connection connection = tools.connect(database)) {
      while (true) {
        cancellation.throwIfCancelled();
        String status = status(connection, transaction);
        if ("committed".equals(status)) {
          return true;
        } else if ("aborted".equals(status)) {
          return false;
        } else if (status == null) {
          throw new TargetException(
              "%s no longer knows what became of transaction %d, in which an earlier attempt restored it. Look whether the tables hold what the backup holds, then override or start this step with a new run"
                  .formatted(database.describe(), transaction));
        } else if (System.nanoTime() > deadline) {
          throw new TargetException(
              "transaction %d of an earlier restore of %s is still in progress. End its session (application_name 'belay' in pg_stat_activity), then retry"
                  .formatted(transaction, database.describe()));
        }
        LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
      }
    } catch (SQLException e) {
      throw new TargetException(
          "what became of the restore of %s cannot be read: %s. Retry when the server answers"
              .formatted(database.describe(), e.getMessage()),
          e);
    }
  }

  /**
   * Ends the session of an earlier attempt whose transaction is still in progress: its node is
   * paused or cut off, and must not commit when it resumes.
   */
  void endEarlier(long transaction) {
    try (Connection connection = tools.connect(database);
        PreparedStatement statement =
            connection.prepareStatement(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                    + " where backend_xid::text = ? and datname = current_database()")) {
      statement.setString(1, Long.toString(transaction & 0xffff_ffffL));
      statement.execute();
    } catch (SQLException e) {
      throw new TargetException(
          "the session of an earlier restore of %s cannot be ended: %s. End it (application_name 'belay' in pg_stat_activity), then retry"
              .formatted(database.describe(), e.getMessage()),
          e);
    }
  }

  private static String status(Connection connection, long transaction) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement("select txid_status(?)")) {
      statement.setLong(1, transaction);
      try (ResultSet rows = statement.executeQuery()) {
        rows.next();
        return rows.getString(1);
      }
    }
  }
}
