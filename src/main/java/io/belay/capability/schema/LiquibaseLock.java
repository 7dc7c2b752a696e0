package io.belay.capability.schema;

import io.belay.target.PostgresTarget;
import io.belay.target.TargetException;
import java.sql.SQLException;
import java.util.List;
import liquibase.database.Database;
import liquibase.exception.LiquibaseException;
import liquibase.lockservice.LockService;
import liquibase.lockservice.LockServiceFactory;

/**
 * Liquibase's own lock, a row that a killed client leaves locked. Belay signs the row in the
 * transaction that takes it, and works only under the {@link MigrationFence}. So a row with Belay's
 * signature, found under the fence, belongs to a dead attempt and is freed; any other belongs to
 * somebody who may be alive, and is respected.
 */
final class LiquibaseLock {

  private static final String SIGNATURE = "Belay run ";

  private LiquibaseLock() {}

  /** Work under the lock. */
  @FunctionalInterface
  interface Action {
    void run() throws LiquibaseException, SQLException;
  }

  /**
   * Does the work under the lock, and always releases it.
   *
   * @throws TargetException when somebody else holds the lock; nothing was done
   */
  static void during(
      DatabaseSession session,
      AtomicChangeSets connection,
      Database database,
      PostgresTarget target,
      SchemaMigration.Run run,
      Action action)
      throws LiquibaseException, SQLException {
    LockService lock = LockServiceFactory.getInstance().getLockService(database);
    lock.init();
    String holder = holder(session);
    if (holder.startsWith(SIGNATURE)) {
      run.log().accept("freeing the lock that a killed attempt left (" + holder + ")");
      free(session);
    } else if (!holder.isEmpty()) {
      throw new TargetException(
          "Liquibase's lock on %s is held by %s. This attempt changed nothing. Wait until that update ends, and retry; if its client is dead, free the lock with 'liquibase release-locks' first"
              .formatted(target.describe(), holder));
    }
    connection.beforeNextCommit(
        "UPDATE databasechangeloglock SET lockedby = '%s%s' WHERE id = 1 AND locked"
            .formatted(SIGNATURE, run.id().replace("'", "''")));
    if (!lock.acquireLock()) {
      throw new TargetException(
          "Liquibase's lock on %s was taken by somebody else at the same moment; nothing was changed, retry"
              .formatted(target.describe()));
    }
    try {
      action.run();
      // Liquibase frees it, except when it found nothing to do.
      free(session);
    } catch (LiquibaseException | SQLException | RuntimeException e) {
      try {
        session.connection().rollback();
        free(session);
      } catch (SQLException broken) {
        e.addSuppressed(broken); // the next attempt recognizes its signature and frees it
      }
      throw e;
    }
  }

  private static void free(DatabaseSession session) throws SQLException {
    session.execute(
        "UPDATE databasechangeloglock SET locked = false, lockgranted = NULL, lockedby = NULL"
            + " WHERE locked AND lockedby LIKE '%s%%'".formatted(SIGNATURE));
    session.connection().commit();
  }

  /** The lock's holder; empty if there is none. */
  private static String holder(DatabaseSession session) throws SQLException {
    List<String> holders =
        session.query(
            "SELECT coalesce(lockedby, 'an unknown client') || ' since ' || coalesce(lockgranted::text, 'an unknown time')"
                + " FROM databasechangeloglock WHERE locked",
            row -> row.getString(1));
    session.connection().commit();
    return holders.isEmpty() ? "" : holders.get(0);
  }
}
