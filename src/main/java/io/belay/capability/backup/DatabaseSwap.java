package io.belay.capability.backup;

import io.belay.target.PostgresTarget;
import io.belay.target.ServerWatch;
import io.belay.target.TargetException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Gives one database another's name, in one transaction of a third database: a connection reaches
 * either the one or the other, and after a crash the object id shows which.
 *
 * <p>From {@link #holdWriters} on, nobody changes a table of the old database: writers wait, and
 * the swap ends their sessions. So no acknowledged write is lost in between. A table on which the
 * login has no rights was created after the backup, and is not locked. The locks are released only
 * when no other session is left in the old database and none can enter, because the renaming locks
 * the name.
 */
final class DatabaseSwap implements AutoCloseable {

  /** The database from which the others are renamed. */
  static final String ELSEWHERE = "postgres";

  /** Prefix of a restored database's name, until it takes that of the database it replaces. */
  static final String RESTORED = "belay_restored_";

  private static final String IN_USE = "55006";
  private static final int ATTEMPTS = 5; // in each, the server itself waits for 5 s

  private static final String HOLD =
      """
      DO $belay$ DECLARE t text; BEGIN
        FOR t IN SELECT format('%%I.%%I', n.nspname, c.relname)
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
          WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
            AND has_table_privilege(c.oid, 'UPDATE, DELETE, TRUNCATE')
            AND has_schema_privilege(n.oid, 'USAGE') AND %s ORDER BY c.oid
        LOOP EXECUTE 'LOCK TABLE ' || t || ' IN EXCLUSIVE MODE'; END LOOP;
      END $belay$
      """
          .formatted(DatabaseContent.OURS);

  /** Excludes the server's own workers, which it ends itself. */
  private static final String END_SESSIONS =
      """
      select count(pg_terminate_backend(pid)) from pg_stat_activity
      where datname = any(?) and pid <> all(?) and usesysid is not null
      """;

  private static final String NAME_IS_LOCKED =
      """
      select exists (select from pg_locks where pid = ? and granted and locktype = 'object'
        and classid = 'pg_database'::regclass and objid = ? and mode = 'AccessExclusiveLock')
      """;

  private final PostgresTools tools;
  private final PostgresTarget database;
  private final String scratch;
  private final String replaced;
  private Connection writers;
  private int writersPid;

  /**
   * @param scratch name of the database that takes the place of {@code database}
   * @param replaced name that {@code database} has afterwards
   */
  DatabaseSwap(PostgresTools tools, PostgresTarget database, String scratch, String replaced) {
    this.tools = tools;
    this.database = database;
    this.scratch = scratch;
    this.replaced = replaced;
  }

  /**
   * Blocks all writers of all tables, until {@link #close} or the swap.
   *
   * @throws TargetException when the locks cannot be obtained
   */
  void holdWriters(ServerWatch watch) throws SQLException {
    writers = tools.connectUnbounded(database, watch);
    writersPid = pid(writers);
    writers.setAutoCommit(false);
    try (Statement statement = writers.createStatement()) {
      statement.execute("set local lock_timeout = '" + RestoreScript.LOCK_TIMEOUT + "'");
      statement.execute("set local idle_in_transaction_session_timeout = 0");
      statement.execute("set local search_path = pg_catalog");
      statement.execute(HOLD);
    } catch (SQLException e) {
      throw new TargetException(
          watch.blaming(
              "no lock on the tables of %s within %s: %s. The database is as it was before; end the transactions that write there, then retry"
                  .formatted(database.describe(), RestoreScript.LOCK_TIMEOUT, e.getMessage())),
          e);
    }
  }

  /**
   * Swaps the names, or leaves all as it was.
   *
   * @param oldId object id of the database that is replaced
   * @param newId of the one that takes its place
   * @throws TargetException when the server refuses; {@link #id} shows the outcome
   */
  void swap(long oldId, long newId, ServerWatch watch) throws Exception {
    PostgresTarget elsewhere = database.withDatabase(ELSEWHERE);
    pid(writers); // fails if the session with the locks is gone
    for (int attempt = 1; ; attempt++) {
      watch.throwIfCancelled();
      try (Connection connection = tools.connectUnbounded(elsewhere, watch);
          Connection ending = tools.connect(elsewhere)) {
        connection.setAutoCommit(false);
        CompletableFuture<Void> swapped = new CompletableFuture<>();
        int pid = pid(connection);
        CompletableFuture<Void> ended =
            CompletableFuture.runAsync(
                () -> endSessions(ending, pid, oldId, swapped),
                task -> new Thread(task, "end-sessions").start());
        try {
          rename(connection, oldId, newId, watch);
        } finally {
          swapped.complete(null);
          ended.exceptionally(failed -> null).join();
        }
        return;
      } catch (SQLException e) {
        if (IN_USE.equals(e.getSQLState()) && attempt < ATTEMPTS && !writers.isClosed()) {
          continue;
        }
        throw new TargetException(
            "%s cannot give its name to the restored one: %s. See whether it holds what the backup holds; the next attempt finds out"
                .formatted(database.describe(), e.getMessage()),
            e);
      }
    }
  }

  /**
   * Copies the properties to the new database as the swap does, and rolls that back.
   *
   * @return what fails, for people
   */
  Optional<String> rehearse(ServerWatch watch) throws SQLException {
    try (Connection connection = tools.connectUnbounded(database.withDatabase(ELSEWHERE), watch)) {
      connection.setAutoCommit(false);
      try (Statement statement = connection.createStatement()) {
        copyProperties(connection);
        statement.execute("alter database \"%s\" rename to \"%s\"".formatted(scratch, replaced));
        return Optional.empty();
      } catch (SQLException e) {
        return Optional.of(
            "a restored copy cannot take the place of %s: %s"
                .formatted(database.describe(), e.getMessage()));
      } finally {
        connection.rollback();
      }
    }
  }

  private void copyProperties(Connection connection) throws SQLException {
    if (!new DatabaseProperties(connection).copy(database.database(), scratch)) {
      throw new SQLException("its settings and grants cannot be copied exactly");
    }
  }

  private void rename(Connection connection, long oldId, long newId, ServerWatch watch)
      throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("set local synchronous_commit = on");
      statement.execute("set local statement_timeout = '60s'");
      statement.execute("set local lock_timeout = '" + RestoreScript.LOCK_TIMEOUT + "'");
      copyProperties(connection);
      String name = DatabaseProperties.quoted(database.database());
      statement.execute("alter database %s rename to \"%s\"".formatted(name, replaced));
      statement.execute("alter database \"%s\" rename to %s".formatted(scratch, name));
      // A replaced attempt, or its successor, may be here too: rename only these two databases.
      if (id(connection, database.database()) != newId || id(connection, replaced) != oldId) {
        throw new SQLException("another attempt is at work");
      }
      watch.throwIfCancelled();
      connection.commit();
    } catch (SQLException | RuntimeException e) {
      rollBack(connection, e);
      throw e;
    }
  }

  private static void rollBack(Connection connection, Exception why) {
    try {
      connection.rollback();
    } catch (SQLException e) {
      why.addSuppressed(e);
    }
  }

  /** Ends sessions, for which the renaming waits, until the renaming has ended. */
  private void endSessions(Connection ending, int renaming, long oldId, CompletableFuture<?> end) {
    try (PreparedStatement terminate = ending.prepareStatement(END_SESSIONS);
        PreparedStatement locked = ending.prepareStatement(NAME_IS_LOCKED)) {
      terminate.setArray(
          1, ending.createArrayOf("text", new String[] {database.database(), scratch}));
      terminate.setArray(2, ending.createArrayOf("int4", new Integer[] {writersPid}));
      locked.setInt(1, renaming);
      locked.setLong(2, oldId);
      while (!isOver(end)) {
        boolean noneCanCome = number(locked) == 1;
        if (noneCanCome && number(terminate) == 0) {
          writers.close();
        }
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e); // the renaming fails, and says what blocks it
    }
  }

  private static boolean isOver(CompletableFuture<?> end) {
    try {
      end.get(20, TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (Exception e) {
      return true;
    }
  }

  /** Object id of the database of that name; 0 when there is none. */
  static long id(Connection connection, String name) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("select max(oid::bigint) from pg_database where datname = ?")) {
      statement.setString(1, name);
      return number(statement);
    }
  }

  private static int pid(Connection connection) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement("select pg_backend_pid()")) {
      return (int) number(statement);
    }
  }

  private static long number(PreparedStatement statement) throws SQLException {
    try (ResultSet row = statement.executeQuery()) {
      row.next();
      return row.getObject(1) instanceof Boolean truth ? (truth ? 1 : 0) : row.getLong(1);
    }
  }

  @Override
  public void close() throws SQLException {
    if (writers != null) {
      writers.close();
    }
  }
}
