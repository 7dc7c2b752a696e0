package io.belay.capability.schema;

import io.belay.target.Connections;
import io.belay.target.PostgresTarget;
import io.belay.target.ServerWords;
import io.belay.target.TargetException;
import java.io.StringWriter;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import liquibase.Contexts;
import liquibase.LabelExpression;
import liquibase.Liquibase;
import liquibase.Scope;
import liquibase.UpdateSummaryOutputEnum;
import liquibase.database.core.PostgresDatabase;
import liquibase.exception.LiquibaseException;
import liquibase.logging.core.NoOpLogService;
import liquibase.ui.LoggerUIService;

/**
 * Migrates with the embedded Liquibase. Each changeset is applied and recorded in one transaction,
 * so that a killed attempt has applied a changeset completely or not at all, and the next continues
 * with the first missing one. Reverted by the changelog's own rollbacks, down to the tag {@code
 * belay-<run>}. A statement that waits longer than 5 s for another session's lock fails and is
 * retried with the step, instead of making all other queries queue up behind it.
 */
final class LiquibaseMigration implements SchemaMigration {

  /** One at a time in this JVM, since Liquibase keeps locks and services in static fields. */
  private static final ReentrantLock ONE_AT_A_TIME = new ReentrantLock();

  private final MigrationTarget migration;
  private final PostgresTarget database;
  private final Connections connections;
  private final Run run;

  LiquibaseMigration(
      MigrationTarget migration, PostgresTarget database, Connections connections, Run run) {
    this.connections = connections;
    this.migration = migration;
    this.database = database;
    this.run = run;
  }

  /** Liquibase at work on an open connection. */
  private record Work(
      Liquibase liquibase,
      DatabaseSession session,
      AtomicChangeSets connection,
      PostgresDatabase database,
      LiquibaseHistory history) {}

  @FunctionalInterface
  private interface Action<T> {
    T on(Work work) throws Exception;
  }

  @Override
  public Preview preview() {
    return inLiquibase(
        true,
        RunSessions.name(run.id()),
        work -> {
          int pending =
              work.liquibase()
                  .listUnrunChangeSets(new Contexts(), new LabelExpression(), false)
                  .size();
          List<String> details = new ArrayList<>();
          details.add(pending + " changesets to apply");
          StringWriter update = new StringWriter();
          work.liquibase().updateSql(new Contexts(), new LabelExpression(), update);
          details.add(update.toString().strip());
          details.add(futureRollback(work));
          return new Preview(pending, details);
        });
  }

  private static String futureRollback(Work work) {
    StringWriter rollback = new StringWriter();
    try {
      work.liquibase().futureRollbackSQL(new Contexts(), new LabelExpression(), rollback);
      return rollback.toString().strip();
    } catch (LiquibaseException e) {
      return "cannot be taken back by the changelog, only by restoring the backup: "
          + ServerWords.of(e);
    }
  }

  @Override
  public Mark mark() {
    return inLiquibase(
        false,
        RunSessions.name(run.id()),
        work -> {
          // Only reads: the mark must be recorded before the first effect, which is the tag.
          boolean newHistory = !work.history().exists();
          String tag = "belay-" + run.id();
          int since = work.history().executedSince(tag);
          if (since < 0) {
            tag = work.history().tagToFindBackBy(tag);
            since = Math.max(0, work.history().executedSince(tag));
          }
          int before = work.history().executed() - since;
          return new Mark(tag, before, newHistory);
        });
  }

  @Override
  public int apply(Mark mark) {
    return changing(
        work -> {
          if (work.history().executedSince(mark.tag()) < 0) {
            // The first attempt; or everything, including the history, was reverted since.
            underLock(work, () -> work.liquibase().tag(mark.tag()));
          }
          underLock(work, () -> work.liquibase().update(new Contexts(), new LabelExpression()));
          return work.history().executedSince(mark.tag());
        });
  }

  @Override
  public int revert(Mark mark) {
    return changing(
        work -> {
          int since = work.history().executedSince(mark.tag());
          if (since < 0 && work.history().executed() <= mark.executed()) {
            run.log().accept("no changeset was executed since " + mark.tag());
            if (mark.newHistory()) {
              work.history().dropIfEmpty();
            }
            return 0;
          }
          if (since < 0) {
            throw new TargetException(
                "the tag %s is missing on %s, though changesets were executed since; take them back by hand or restore the backup"
                    .formatted(mark.tag(), database.describe()));
          }
          if (since > 0) {
            rollback(work, mark);
          }
          if (mark.newHistory()) {
            work.history().dropIfEmpty();
          }
          return since;
        });
  }

  private void rollback(Work work, Mark mark) throws LiquibaseException, SQLException {
    underLock(
        work, () -> work.liquibase().rollback(mark.tag(), new Contexts(), new LabelExpression()));
    int left = work.history().executedSince(mark.tag());
    if (left != 0) {
      throw new TargetException(
          "%d changesets on %s are still applied after the rollback to %s: the changelog does not contain them any more; take them back by hand or restore the backup"
              .formatted(left, database.describe(), mark.tag()));
    }
  }

  private void underLock(Work work, LiquibaseLock.Action action)
      throws LiquibaseException, SQLException {
    LiquibaseLock.during(work.session(), work.connection(), work.database(), database, run, action);
  }

  /**
   * Runs an action that changes the schema. A changeset without a transaction continues at the
   * server after the session was cut.
   */
  private int changing(Action<Integer> action) {
    String name = run.sessions().open();
    try {
      int changes = inLiquibase(false, name, action);
      run.sessions().ended();
      return changes;
    } catch (RuntimeException e) {
      throw run.sessions().endAfter(e);
    }
  }

  private <T> T inLiquibase(boolean readOnly, String name, Action<T> action) {
    awaitTurn();
    try (DatabaseSession session =
        DatabaseSession.open(connections, database, name, run.cancellation())) {
      if (readOnly) {
        session.execute("SET default_transaction_read_only = on");
      } else {
        run.cancellation().throwIfCancelled();
        MigrationFence.endEarlier(session, RunSessions.name(run.id()));
        MigrationFence.hold(session, database);
        run.cancellation().throwIfCancelled();
        session.execute("SET lock_timeout = '5s'");
      }
      AtomicChangeSets connection = new AtomicChangeSets(session.connection());
      AtomicChangeSets.ChangeSets changeSets = connection.listener(run.log());
      try {
        return Scope.child(
            Map.of(
                Scope.Attr.ui.name(),
                new LoggerUIService(),
                Scope.Attr.logService.name(),
                new NoOpLogService(),
                "liquibase.analytics.enabled",
                false),
            () -> {
              ChangeLogFile changelog = new ChangeLogFile(migration.changelog());
              PostgresDatabase postgres = new PostgresDatabase();
              postgres.setConnection(connection);
              Liquibase liquibase =
                  new Liquibase(changelog.name(), changelog.resources(), postgres);
              liquibase.setShowSummaryOutput(UpdateSummaryOutputEnum.LOG);
              liquibase.setChangeExecListener(changeSets);
              return action.on(
                  new Work(
                      liquibase, session, connection, postgres, new LiquibaseHistory(session)));
            });
      } catch (Exception e) {
        throw failed(e, changeSets, session);
      }
    } catch (SQLException e) {
      run.cancellation().throwIfCancelled();
      throw new TargetException(
          "%s: %s. Nothing was changed; retry".formatted(database.describe(), e.getMessage()), e);
    } finally {
      ONE_AT_A_TIME.unlock();
    }
  }

  private static void awaitTurn() {
    try {
      if (!ONE_AT_A_TIME.tryLock(60, TimeUnit.SECONDS)) {
        throw new TargetException(
            "another migration is being worked on in this process for more than 60 s; nothing was"
                + " changed, retry later");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TargetException("interrupted while waiting for another migration", e);
    }
  }

  private RuntimeException failed(
      Exception e, AtomicChangeSets.ChangeSets changeSets, DatabaseSession session) {
    run.cancellation().throwIfCancelled();
    if (e instanceof TargetException already) {
      return already;
    }
    return new TargetException(
        session.blaming(
            "%s failed on %s at %s: %s. Each changeset is applied whole or not at all, those before it are recorded. Retry when the cause is removed, or abort the run: revertSchema takes back what was applied"
                .formatted(
                    migration.describe(),
                    database.describe(),
                    changeSets.current(),
                    session.silence().orElseGet(() -> ServerWords.of(e)))),
        e);
  }
}
