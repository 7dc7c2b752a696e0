package io.belay.capability.change;

import io.belay.step.BusinessStop;
import io.belay.step.Comparison;
import io.belay.step.StepContext;
import io.belay.target.Connections;
import io.belay.target.ServerWords;
import io.belay.target.SqlTarget;
import io.belay.target.TargetException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.Map;
import java.util.function.Consumer;

/**
 * One transaction that is known again afterwards: the database says whether it was committed,
 * however the client that began it ended.
 */
final class SqlTransaction {

  /**
   * What is recorded before the transaction has an effect.
   *
   * @param id the server's number of the transaction, or the id of its row in Belay's table
   * @param session process id of its session; 0 where the server has none
   * @param since when that session began, or Belay's table was made
   */
  record Mark(String id, int session, String since) {}

  /** What became of a transaction. */
  enum Fate {
    COMMITTED,
    ABORTED
  }

  private final Connections connections;
  private final String name;
  private final SqlTarget target;
  private final StepContext context;
  private final TransactionLog log;

  /**
   * @param name of the target
   */
  SqlTransaction(Connections connections, String name, StepContext context) {
    this.connections = connections;
    this.name = name;
    this.target = context.target(name, SqlTarget.class);
    this.context = context;
    this.log =
        isPostgres(target)
            ? new PostgresTransactionLog(name, context.runId())
            : new TransactionTable(name, context.runId());
  }

  /**
   * Executes the statements and commits, when they touched as many rows as wanted.
   *
   * @param begun takes the mark before the first statement
   * @return the rows that were inserted, updated and deleted
   * @throws BusinessStop when it was rolled back for its number of rows
   */
  @SuppressWarnings("try") // they are only to be closed
  long commit(
      SqlStatements statements, Map<String, String> values, Comparison rows, Consumer<Mark> begun)
      throws Exception {
    context.cancellation().throwIfCancelled();
    try (Connection connection = connections.sql(target);
        AutoCloseable registration =
            context.cancellation().onCancel(() -> Connections.interrupt(connection));
        AutoCloseable end = () -> Connections.rollBack(connection)) {
      connection.setAutoCommit(false);
      Mark mark = log.begin(connection, begun);
      long touched = execute(connection, statements, values);
      if (!rows.holdsFor(Long.toString(touched))) {
        connection.rollback();
        throw new BusinessStop(
            "the statements on '%s' touched %d rows, where %s is wanted; they were rolled back, and nothing was changed"
                .formatted(name, touched, rows));
      }
      if (!log.isIn(connection, mark)) {
        throw new BusinessStop(
            "a statement on '%s' has ended the transaction, so its rows are not bounded; the undo statements take back the part that was committed, look at the database for the rest"
                .formatted(name));
      }
      context.cancellation().throwIfCancelled();
      connection.commit();
      return touched;
    } catch (SQLException e) {
      context.cancellation().throwIfCancelled();
      SQLException said = ServerWords.withoutDetail(e);
      throw new TargetException(
          "the statements on '%s' failed: %s. The server rolls them back; whether a commit that was under way took effect, the next attempt asks"
              .formatted(name, said.getMessage()),
          said);
    }
  }

  /** The rows that were touched. */
  private long execute(Connection connection, SqlStatements statements, Map<String, String> values)
      throws SQLException {
    if (isPostgres(target)) {
      return execute(connection, statements, values, Types.OTHER); // the server knows the type
    }
    long touched = 0;
    for (SqlStatements one : statements.each()) { // not every driver takes several at once
      touched += execute(connection, one, values, Types.VARCHAR);
    }
    return touched;
  }

  private static long execute(
      Connection connection, SqlStatements statements, Map<String, String> values, int type)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(statements.jdbc())) {
      Object[] arguments = statements.arguments(values);
      for (int i = 0; i < arguments.length; i++) {
        statement.setObject(i + 1, arguments[i], type);
      }
      long touched = 0;
      boolean result = statement.execute();
      while (result || statement.getLargeUpdateCount() >= 0) {
        touched += result ? 0 : statement.getLargeUpdateCount();
        result = statement.getMoreResults();
      }
      return touched;
    }
  }

  static boolean isPostgres(SqlTarget target) {
    return target.jdbcUrl().startsWith("jdbc:postgresql:");
  }

  /**
   * Asks the server what became of a transaction; one that still works is ended first.
   *
   * @throws TargetException when that cannot be known
   */
  Fate fate(Mark mark) throws InterruptedException {
    try (Connection connection = connections.sql(target)) {
      return log.fate(connection, mark);
    } catch (SQLException e) {
      throw new TargetException(
          "'%s' does not tell what became of a transaction of this run: %s. Nothing was begun; retry"
              .formatted(name, e.getMessage()),
          e);
    }
  }
}
