package io.belay.capability.schema;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.function.Consumer;
import liquibase.change.Change;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.ChangeSet.RunStatus;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.changelog.visitor.AbstractChangeExecListener;
import liquibase.database.Database;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.DatabaseException;
import liquibase.exception.PreconditionErrorException;
import liquibase.exception.PreconditionFailedException;
import liquibase.precondition.core.PreconditionContainer.ErrorOption;
import liquibase.precondition.core.PreconditionContainer.FailOption;

/**
 * Commits a changeset and its entry in Liquibase's history in one transaction. Liquibase commits
 * the changes first and the entry after; if killed in between, it would make the changes again.
 * This connection omits the first of the two commits (PostgreSQL's DDL is transactional), so the
 * second commits both. Not possible for changesets with {@code runInTransaction=false}.
 */
final class AtomicChangeSets extends JdbcConnection {

  private boolean leaveOutNextCommit;
  private String beforeNextCommit;

  AtomicChangeSets(Connection connection) {
    super(connection);
  }

  @Override
  public void commit() throws DatabaseException {
    if (leaveOutNextCommit) {
      leaveOutNextCommit = false;
      return;
    }
    if (beforeNextCommit != null) {
      String sql = beforeNextCommit;
      beforeNextCommit = null;
      try (Statement statement = createStatement()) {
        statement.executeUpdate(sql);
      } catch (SQLException e) {
        throw new DatabaseException(e);
      }
    }
    super.commit();
  }

  @Override
  public void rollback() throws DatabaseException {
    leaveOutNextCommit = false;
    super.rollback();
  }

  /** Adds a statement to the transaction that is committed next. */
  void beforeNextCommit(String sql) {
    beforeNextCommit = sql;
  }

  /**
   * A listener that shows this connection which commit is the first of two, and logs what happens.
   */
  ChangeSets listener(Consumer<String> log) {
    return new ChangeSets(this, log);
  }

  static final class ChangeSets extends AbstractChangeExecListener {
    private final AtomicChangeSets connection;
    private final Consumer<String> log;
    private String current = "before the first changeset";

    private ChangeSets(AtomicChangeSets connection, Consumer<String> log) {
      this.connection = connection;
      this.log = log;
    }

    /** The changeset that was started last. */
    String current() {
      return current;
    }

    @Override
    public void willRun(ChangeSet set, DatabaseChangeLog all, Database database, RunStatus status) {
      current = "changeset " + set.getId();
      log.accept("applying changeset " + set.getId() + comments(set));
    }

    @Override
    public void willRun(Change change, ChangeSet set, DatabaseChangeLog all, Database database) {
      connection.leaveOutNextCommit = false;
    }

    @Override
    public void ran(Change change, ChangeSet set, DatabaseChangeLog all, Database database) {
      connection.leaveOutNextCommit = set.isRunInTransaction();
    }

    @Override
    public void willRollback(ChangeSet set, DatabaseChangeLog all, Database database) {
      current = "changeset " + set.getId();
      log.accept("taking back changeset " + set.getId());
      connection.leaveOutNextCommit = set.isRunInTransaction();
    }

    @Override
    public void preconditionFailed(PreconditionFailedException error, FailOption onFail) {
      log.accept(current + ": a precondition does not hold (onFail=" + onFail + ")");
    }

    @Override
    public void preconditionErrored(PreconditionErrorException error, ErrorOption onError) {
      log.accept(current + ": a precondition could not be checked (onError=" + onError + ")");
    }

    private static String comments(ChangeSet set) {
      String comments = set.getComments();
      return comments == null || comments.isBlank() ? "" : ": " + comments.strip();
    }
  }
}
