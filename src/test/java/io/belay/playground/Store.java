package io.belay.playground;

import java.io.Closeable;
import java.io.IOException;
import java.net.URI;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * The application's database and cache: a small connection pool and one Redis connection. Reads
 * only. A connection that broke is replaced; without Redis the application works on, slower.
 */
final class Store implements Closeable {

  static final int POOL_SIZE = 8;
  private static final int REDIS_TIMEOUT_MILLIS = 500;

  private final String jdbcUrl;
  private final Properties login = new Properties();
  private final URI redisUrl;
  private final Semaphore permits = new Semaphore(POOL_SIZE, true);
  private final ConcurrentLinkedDeque<Connection> idle = new ConcurrentLinkedDeque<>();
  private final Object redisLock = new Object();
  private RedisConnection redis;

  Store(Map<String, String> env) {
    URI database = URI.create(env.get("DATABASE_URL"));
    String[] user = database.getUserInfo().split(":", 2);
    jdbcUrl =
        "jdbc:postgresql://%s:%d%s"
            .formatted(database.getHost(), database.getPort(), database.getPath());
    login.setProperty("user", user[0]);
    login.setProperty("password", user[1]);
    login.setProperty("ApplicationName", "main-server");
    login.setProperty("connectTimeout", "2");
    login.setProperty("socketTimeout", "10");
    redisUrl = URI.create(env.get("REDIS_URL"));
  }

  /**
   * Opens connections before the first request comes: on a busy machine the first few take longer
   * than a request may wait. A database that cannot be reached yet is the business of the health
   * check.
   */
  void warmUp() {
    for (int i = 0; i < POOL_SIZE / 2; i++) {
      try {
        Connection connection = DriverManager.getConnection(jdbcUrl, login);
        query(connection, "SELECT 1");
      } catch (SQLException e) {
        return;
      }
    }
    redisUp();
  }

  /** Connections in use right now. */
  int poolUsed() {
    return POOL_SIZE - permits.availablePermits();
  }

  /** Runs a query; a broken pooled connection is replaced once. */
  List<String> query(String sql, Object... parameters) throws SQLException {
    try {
      if (!permits.tryAcquire(4, TimeUnit.SECONDS)) {
        throw new SQLTimeoutException("no connection became free within 4 s");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SQLException("interrupted", e);
    }
    try {
      Connection pooled = idle.pollFirst();
      if (pooled != null) {
        try {
          return query(pooled, sql, parameters);
        } catch (SQLException e) {
          if (!pooled.isClosed()) {
            throw e;
          }
        }
      }
      return query(DriverManager.getConnection(jdbcUrl, login), sql, parameters);
    } finally {
      permits.release();
    }
  }

  private List<String> query(Connection connection, String sql, Object... parameters)
      throws SQLException {
    List<String> rows = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setObject(i + 1, parameters[i]);
      }
      try (ResultSet result = statement.executeQuery()) {
        while (result.next()) {
          rows.add(result.getString(1));
        }
      }
      return rows;
    } finally {
      if (!connection.isClosed()) {
        idle.addFirst(connection);
      } else {
        connection.close();
      }
    }
  }

  /** The cached value; null when there is none or Redis does not answer. */
  String cached(String key) {
    return redis("GET", key);
  }

  /** Asks Redis now. */
  boolean redisUp() {
    return "PONG".equals(redis("PING"));
  }

  private String redis(Object... command) {
    synchronized (redisLock) {
      for (int attempt = 0; attempt < 2; attempt++) {
        boolean fresh = redis == null;
        try {
          if (fresh) {
            redis = new RedisConnection(redisUrl, REDIS_TIMEOUT_MILLIS);
          }
          return redis.text(command);
        } catch (IOException e) {
          closeRedis();
          if (fresh) {
            return null;
          }
        }
      }
      return null;
    }
  }

  private void closeRedis() {
    if (redis != null) {
      try {
        redis.close();
      } catch (IOException e) {
        // It is of no use any more, whatever close says.
      }
      redis = null;
    }
  }

  @Override
  public void close() {
    synchronized (redisLock) {
      closeRedis();
    }
    for (Connection connection = idle.poll(); connection != null; connection = idle.poll()) {
      try {
        connection.close();
      } catch (SQLException e) {
        // The process ends; the server drops what is left.
      }
    }
  }
}
