package io.belay.engine;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import liquibase.integration.spring.SpringLiquibase;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.stereotype.Component;

/**
 * Lets one node at a time update Belay's own schema when it starts; a node killed in the middle
 * does not block the others. Liquibase's lock is a row, which a killed client leaves locked for
 * ever. So each node first takes a lock that ends with its session (on PostgreSQL an advisory one;
 * H2's file is open to one process anyway), and then frees a locked row: no live node holds it.
 */
@Component
class SchemaUpdateLock implements BeanPostProcessor {

  private static final Logger LOG = LoggerFactory.getLogger(SchemaUpdateLock.class);

  /** The same for every Belay: "schema" in ASCII. */
  private static final long KEY = 0x736368656d61L;

  private static final Duration PATIENCE = Duration.ofMinutes(10);
  private static final Duration POLL = Duration.ofMillis(500);

  private final Duration patience;
  private Connection session;

  SchemaUpdateLock() {
    this(PATIENCE);
  }

  SchemaUpdateLock(Duration patience) {
    this.patience = patience;
  }

  /**
   * @throws IllegalStateException when another node holds the lock for longer than ten minutes
   */
  @Override
  public Object postProcessBeforeInitialization(Object bean, String name) {
    if (bean instanceof SpringLiquibase liquibase) {
      try {
        session = liquibase.getDataSource().getConnection();
        hold();
        freeWhatADeadNodeHeld();
      } catch (SQLException e) {
        throw new IllegalStateException(
            "Belay's own schema cannot be updated: " + e.getMessage(), e);
      }
    }
    return bean;
  }

  private void hold() throws SQLException {
    if (!isPostgres()) {
      return;
    }
    long deadline = System.nanoTime() + patience.toNanos();
    while (!yes("SELECT pg_try_advisory_lock(" + KEY + ")")) {
      if (System.nanoTime() >= deadline) {
        throw new IllegalStateException(
            "another node updates Belay's schema for more than %s; see what it does, then start again"
                .formatted(patience));
      }
      LockSupport.parkNanos(POLL.toNanos());
    }
  }

  private void freeWhatADeadNodeHeld() throws SQLException {
    try (ResultSet table =
        session
            .getMetaData()
            .getTables(
                session.getCatalog(),
                session.getSchema(),
                isPostgres() ? "databasechangeloglock" : "DATABASECHANGELOGLOCK",
                null)) {
      if (!table.next()) {
        return;
      }
    }
    try (Statement statement = session.createStatement()) {
      int freed =
          statement.executeUpdate(
              "UPDATE databasechangeloglock SET locked = false, lockgranted = NULL, lockedby = NULL"
                  + " WHERE locked");
      if (freed > 0) {
        LOG.warn("An update of Belay's schema was broken off by a kill; it goes on now");
      }
    }
  }

  private boolean isPostgres() throws SQLException {
    return session.getMetaData().getDatabaseProductName().equals("PostgreSQL");
  }

  private boolean yes(String sql) throws SQLException {
    try (Statement statement = session.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      return row.next() && row.getBoolean(1);
    }
  }

  @Override
  public Object postProcessAfterInitialization(Object bean, String name) {
    if (bean instanceof SpringLiquibase && session != null) {
      try {
        if (isPostgres()) {
          yes("SELECT pg_advisory_unlock(" + KEY + ")"); // the pool keeps the session
        }
        session.close();
      } catch (SQLException e) {
        LOG.warn("The lock of the schema's update ends with its session: {}", e.getMessage());
      } finally {
        session = null;
      }
    }
    return bean;
  }
}
