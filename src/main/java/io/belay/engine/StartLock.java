package io.belay.engine;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.context.ApplicationListener;
import org.springframework.context.event.ContextRefreshedEvent;
import org.springframework.stereotype.Component;

/**
 * Lets one node start at a time: each creates or checks the engine's tables, the first users and
 * the models, which two cannot do at once. It is an advisory lock of PostgreSQL, which ends with
 * its connection, even if the node is killed. An embedded database has one node anyway.
 */
@Component
class StartLock implements ApplicationListener<ContextRefreshedEvent>, DisposableBean {

  private static final Logger log = LoggerFactory.getLogger(StartLock.class);

  /** Any number that nobody else uses; "belay" in ASCII. */
  private static final long NUMBER = 0x62656c6179L;

  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final Duration POLL = Duration.ofMillis(500);

  private final DataSource database;
  private Connection holder;

  StartLock(DataSource database) {
    this.database = database;
  }

  /** Waits until no other node is starting, at most five minutes. */
  synchronized void acquire() {
    try {
      Connection connection = database.getConnection();
      if (!connection.getMetaData().getDatabaseProductName().equals("PostgreSQL")) {
        connection.close();
        return;
      }
      holder = connection;
      // Polls: no single statement may wait longer than the database's limit.
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (!isHeld()) {
        if (System.nanoTime() > deadline) {
          throw new SQLException("another node holds the lock");
        }
        LockSupport.parkNanos(POLL.toNanos());
      }
    } catch (SQLException e) {
      destroy();
      throw new IllegalStateException(
          "Belay cannot start: its database does not answer, or another node has been starting for five minutes",
          e);
    }
  }

  private boolean isHeld() throws SQLException {
    try (Statement statement = holder.createStatement();
        ResultSet row = statement.executeQuery("SELECT pg_try_advisory_lock(" + NUMBER + ")")) {
      row.next();
      return row.getBoolean(1);
    }
  }

  /** Workers and models have started by then. */
  @Override
  public void onApplicationEvent(ContextRefreshedEvent event) {
    destroy();
  }

  @Override
  public synchronized void destroy() {
    if (holder == null) {
      return;
    }
    try (Connection connection = holder;
        Statement statement = connection.createStatement()) {
      statement.execute("SELECT pg_advisory_unlock(" + NUMBER + ")");
    } catch (SQLException e) {
      log.warn("The lock for starting could not be given back: {}", e.getMessage());
    }
    holder = null;
  }
}
