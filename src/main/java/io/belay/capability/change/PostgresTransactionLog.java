package io.belay.capability.change;

import io.belay.capability.change.SqlTransaction.Fate;
import io.belay.capability.change.SqlTransaction.Mark;
import io.belay.target.TargetException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * PostgreSQL's own: the server knows each transaction by a number.
 *
 * @param name of the target
 * @param runId names the session at the server
 */
record PostgresTransactionLog(String name, String runId) implements TransactionLog {

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  @Override
  public Mark begin(Connection connection, Consumer<Mark> begun) throws SQLException {
    connection.setClientInfo("ApplicationName", "belay " + runId);
    Mark mark = mark(connection);
    begun.accept(mark);
    try (Statement settings = connection.createStatement()) {
      settings.execute("SET LOCAL lock_timeout = '5s'");
    }
    return mark;
  }

  @Override
  public boolean isIn(Connection connection, Mark mark) throws SQLException {
    return mark(connection).id().equals(mark.id());
  }

  private static Mark mark(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT pg_catalog.txid_current()::text, pg_catalog.pg_backend_pid(),"
                    + " (SELECT backend_start::text FROM pg_catalog.pg_stat_activity"
                    + " WHERE pid = pg_catalog.pg_backend_pid())")) {
      row.next();
      return new Mark(row.getString(1), row.getInt(2), row.getString(3));
    }
  }

  @Override
  public Fate fate(Connection connection, Mark mark) throws SQLException, InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    String status = status(connection, mark);
    while ("in progress".equals(status)) {
      if (System.nanoTime() > end) {
        throw new TargetException(
            "transaction %s of this run on '%s' still works in session %d, which cannot be ended. End it (SELECT pg_terminate_backend(%d)), then retry"
                .formatted(mark.id(), name, mark.session(), mark.session()));
      }
      terminate(connection, mark);
      TimeUnit.MILLISECONDS.sleep(50);
      status = status(connection, mark);
    }
    if (status == null) {
      throw new TargetException(
          "whether transaction %s of this run on '%s' was committed is not known any more: it is too long ago. Look at the database, put it right by hand, then override this step with a reason"
              .formatted(mark.id(), name));
    }
    return status.equals("committed") ? Fate.COMMITTED : Fate.ABORTED;
  }

  private static String status(Connection connection, Mark mark) throws SQLException {
    try (PreparedStatement ask =
        connection.prepareStatement("SELECT pg_catalog.txid_status(?::bigint)")) {
      ask.setString(1, mark.id());
      try (ResultSet row = ask.executeQuery()) {
        row.next();
        return row.getString(1);
      }
    }
  }

  private static void terminate(Connection connection, Mark mark) throws SQLException {
    try (PreparedStatement end =
        connection.prepareStatement(
            "SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity"
                + " WHERE pid = ? AND backend_start::text = ?")) {
      end.setInt(1, mark.session());
      end.setString(2, mark.since());
      end.execute();
    }
  }
}
