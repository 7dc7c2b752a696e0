package io.belay.capability.backfill;

import io.belay.step.BusinessStop;
import io.belay.step.StepContext;
import io.belay.target.Connections;
import io.belay.target.PostgresTarget;
import io.belay.target.ServerWords;
import io.belay.target.TargetException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.postgresql.PGConnection;

/**
 * The one session that works on a table's rows. It holds an advisory lock, which the server frees
 * only when the session is over: so no earlier attempt is still at work, whatever became of it.
 */
final class BackfillSession implements AutoCloseable {

  /** Work within one transaction. */
  @FunctionalInterface
  interface Work<T> {
    T in(BackfillSession session) throws SQLException;
  }

  /** Reads one row. */
  @FunctionalInterface
  interface Row<T> {
    T read(ResultSet row) throws SQLException;
  }

  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);

  /** A lock that was not had in time, a deadlock, a transaction that has to be repeated. */
  private static final Set<String> REPEATED = Set.of("55P03", "40P01", "40001");

  private static final String TOO_LONG = "57014";

  private final String name;
  private final Connection connection;
  private final StepContext context;
  private final Duration lockedWithin;
  private final AutoCloseable registration;

  private BackfillSession(
      String name, Connection connection, StepContext context, Duration lockedWithin) {
    this.name = name;
    this.connection = connection;
    this.context = context;
    this.lockedWithin = lockedWithin;
    this.registration = context.cancellation().onCancel(() -> Connections.interrupt(connection));
  }

  /**
   * @param name of the target
   * @param lockTimeout how long a statement waits for a lock
   * @param lockedWithin how long a transaction is repeated that did not get its locks
   * @throws TargetException when the server cannot be reached or refuses the login
   */
  static BackfillSession open(
      Connections connections,
      String name,
      Duration lockTimeout,
      Duration lockedWithin,
      StepContext context)
      throws SQLException {
    Connection connection = connections.postgres(context.target(name, PostgresTarget.class));
    BackfillSession session = new BackfillSession(name, connection, context, lockedWithin);
    try {
      session.begin(lockTimeout);
      return session;
    } catch (SQLException | RuntimeException e) {
      session.close();
      throw e;
    }
  }

  private void begin(Duration lockTimeout) throws SQLException {
    if (Connections.isPooled(connection)) {
      throw new BusinessStop(
          "'%s' is reached through a pooler, where a session is not Belay's own: name the server itself. Nothing was changed"
              .formatted(name));
    }
    connection.unwrap(PGConnection.class).setPrepareThreshold(0); // plan with the batch's values
    connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
    connection.setClientInfo("ApplicationName", applicationName(context.stepKey()));
    connection.setAutoCommit(false);
    execute("SET lock_timeout = " + lockTimeout.toMillis());
    query(
        "SELECT set_config('synchronous_commit', 'on', false)"
            + " WHERE current_setting('synchronous_commit') IN ('off', 'local')",
        row -> row.getString(1),
        List.of());
    execute("SET standard_conforming_strings = on");
    execute("SET jit = off"); // a batch is short
    // Values are compared as text, which must tell all of them apart.
    execute("SET IntervalStyle = 'postgres'");
    execute("SET DateStyle = 'ISO'");
    execute("SET extra_float_digits = 3");
    query(
        "SELECT set_config(name, '0', false) FROM pg_catalog.pg_settings WHERE name IN"
            + " ('idle_session_timeout', 'idle_in_transaction_session_timeout',"
            + " 'transaction_timeout')",
        row -> row.getString(1),
        List.of());
    connection.commit();
  }

  private String applicationName(String stepKey) {
    return "belay %.36s %s".formatted(context.runId(), BackfilledTable.mark(stepKey));
  }

  /**
   * Takes the table's lock, until the session is over.
   *
   * @param table as SQL names it
   * @param replaced keys of further executions whose sessions are ended
   * @throws TargetException when somebody else holds it
   * @see TableLock
   */
  void hold(String table, List<String> replaced) throws SQLException, InterruptedException {
    List<String> names = new ArrayList<>(List.of(applicationName(context.stepKey())));
    replaced.forEach(key -> names.add(applicationName(key)));
    new TableLock(this, name, table).hold(names);
  }

  /**
   * Does the work in one transaction and commits. When a lock is not had in time, it is rolled back
   * and repeated.
   */
  <T> T transaction(Work<T> work) throws SQLException, InterruptedException {
    long end = System.nanoTime() + lockedWithin.toNanos();
    for (int tries = 0; ; tries++) {
      context.cancellation().throwIfCancelled();
      try {
        T result = work.in(this);
        context.cancellation().throwIfCancelled();
        connection.commit();
        return result;
      } catch (SQLException e) {
        context.cancellation().throwIfCancelled();
        if (!REPEATED.contains(String.valueOf(e.getSQLState())) || System.nanoTime() > end) {
          throw e;
        }
      } finally {
        Connections.rollBack(connection);
      }
      long longest = Math.min(LONGEST_PAUSE.toMillis(), 50L << Math.min(tries, 10));
      pause(Duration.ofMillis(longest / 2 + ThreadLocalRandom.current().nextLong(longest / 2)));
    }
  }

  /**
   * The same for a statement that begins with recorded rows: it must go through them in the order
   * of their key, from where it is. Without statistics of that table, the server would read and
   * sort all of it for each batch.
   */
  <T> T transactionAlongRecord(Work<T> work) throws SQLException, InterruptedException {
    return transaction(
        session -> {
          session.execute("SET LOCAL enable_seqscan = off");
          session.execute("SET LOCAL enable_bitmapscan = off");
          session.execute("SET LOCAL enable_sort = off");
          return work.in(session);
        });
  }

  Connection connection() {
    return connection;
  }

  void execute(String sql, String... arguments) throws SQLException {
    try (PreparedStatement statement = prepare(sql, List.of(arguments))) {
      statement.execute();
    }
  }

  <T> List<T> query(String sql, Row<T> reader, List<String> arguments) throws SQLException {
    try (PreparedStatement statement = prepare(sql, arguments);
        ResultSet rows = statement.executeQuery()) {
      List<T> result = new ArrayList<>();
      while (rows.next()) {
        result.add(reader.read(rows));
      }
      return result;
    }
  }

  /** The only row of a query that always has one. */
  <T> T one(String sql, Row<T> reader, String... arguments) throws SQLException {
    return query(sql, reader, List.of(arguments)).get(0);
  }

  private PreparedStatement prepare(String sql, List<String> arguments) throws SQLException {
    PreparedStatement statement = connection.prepareStatement(sql);
    for (int i = 0; i < arguments.size(); i++) {
      statement.setObject(i + 1, arguments.get(i), Types.OTHER); // the server knows the type
    }
    return statement;
  }

  /** An array of texts as a list; empty for NULL. */
  static List<String> texts(ResultSet row, int column) throws SQLException {
    return row.getArray(column) == null
        ? List.of()
        : List.of((String[]) row.getArray(column).getArray());
  }

  /** Waits, and ends the wait soon after the step was cancelled. */
  void pause(Duration time) throws InterruptedException {
    long end = System.nanoTime() + time.toNanos();
    for (long left = time.toNanos(); left > 0; left = end - System.nanoTime()) {
      context.cancellation().throwIfCancelled();
      TimeUnit.NANOSECONDS.sleep(Math.min(left, TimeUnit.MILLISECONDS.toNanos(200)));
    }
  }

  /**
   * What to throw for a failure.
   *
   * @param state in which things are, for people
   */
  TargetException failure(SQLException e, String state) {
    context.cancellation().throwIfCancelled();
    String cure =
        TOO_LONG.equals(e.getSQLState())
            ? "A statement took longer than the target's query-timeout; take a smaller batch. "
            : "";
    SQLException said = ServerWords.withoutDetail(e);
    return new TargetException(
        "'%s' failed: %s. %s%s".formatted(name, said.getMessage(), cure, state), said);
  }

  @Override
  @SuppressWarnings("try") // it is only to be closed
  public void close() {
    try (Connection closed = connection) {
      registration.close();
    } catch (Exception e) {
      // it is gone already; the server ends the session by itself
    }
  }
}
