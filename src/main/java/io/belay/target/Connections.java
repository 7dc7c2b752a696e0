package io.belay.target;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.ConnectionFuture;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.protocol.RedisProtocolException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Statement;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.ServiceLoader;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.postgresql.PGConnection;
import org.springframework.beans.factory.BeanClassLoaderAware;

/**
 * Opens connections to database and Redis targets, and says what a child process needs to reach
 * them. The target's own time-outs bound every wait. Credentials go to the driver or into the
 * child's environment, never into an argument.
 */
public class Connections implements AutoCloseable, BeanClassLoaderAware {

  /** How much longer the client waits than the server, so that the server's own error arrives. */
  private static final Duration MARGIN = Duration.ofSeconds(5);

  private final RedisClient redis = RedisClient.create();
  private ClassLoader classes = Connections.class.getClassLoader();

  public Connections() {
    redis.setOptions(
        ClientOptions.builder()
            .autoReconnect(false) // a step must see that the server went away
            .timeoutOptions(TimeoutOptions.enabled())
            .build());
  }

  /** Extensions may bring their own drivers. */
  @Override
  public void setBeanClassLoader(ClassLoader loader) {
    classes = loader;
  }

  /** The driver for a JDBC address. */
  Optional<Driver> driver(String url) {
    return ServiceLoader.load(Driver.class, classes).stream()
        .map(ServiceLoader.Provider::get)
        .filter(driver -> accepts(driver, url))
        .findFirst();
  }

  private static boolean accepts(Driver driver, String url) {
    try {
      return driver.acceptsURL(url);
    } catch (SQLException e) {
      return false;
    }
  }

  /**
   * A connection for checks and short statements, each bounded by the target's {@code
   * query-timeout}. The caller closes it.
   *
   * @throws TargetException naming the target when it cannot be reached or refuses the login
   */
  public Connection postgres(PostgresTarget target) {
    return open(target, target.queryTimeout());
  }

  /**
   * A connection whose statements may take as long as they need (migrations, restores, hashing a
   * large table). Only a {@link ServerWatch} detects that the server is silent.
   *
   * @throws TargetException naming the target when it cannot be reached or refuses the login
   */
  public Connection postgresUnbounded(PostgresTarget target) {
    return open(target, Duration.ZERO);
  }

  /**
   * A connection to a database of any product, each statement bounded by the target's {@code
   * query-timeout}. The caller closes it.
   *
   * @throws TargetException naming the target when it cannot be reached or refuses the login
   */
  public Connection sql(SqlTarget target) {
    if (target instanceof PostgresTarget postgres) {
      return postgres(postgres);
    }
    Properties properties = new Properties();
    if (!target.username().isEmpty()) {
      properties.setProperty("user", target.username());
    }
    if (target.password().isPresent()) {
      properties.setProperty("password", target.password().reveal());
    }
    String url = target.jdbcUrl();
    long connect = target.connectTimeout().toMillis();
    if (url.startsWith("jdbc:mariadb:")) {
      properties.setProperty("connectTimeout", Long.toString(connect));
    } else if (url.startsWith("jdbc:postgresql:")) {
      properties.setProperty("connectTimeout", Long.toString(Math.max(1, connect / 1000)));
    }
    try {
      Connection connection =
          driver(url)
              .orElseThrow(() -> new SQLException("there is no driver for " + url))
              .connect(url, properties);
      try {
        bound(connection, url, target.queryTimeout());
        return connection;
      } catch (SQLException e) {
        connection.close();
        throw e;
      }
    } catch (SQLException e) {
      throw unreachable(target, e);
    }
  }

  /**
   * As {@link #sql}, in a read-only transaction: PostgreSQL, MariaDB and MySQL refuse a statement
   * that would change something. MariaDB's driver does not tell the server by itself.
   */
  public Connection sqlReadOnly(SqlTarget target) throws SQLException {
    Connection connection = sql(target);
    try {
      if (target.jdbcUrl().startsWith("jdbc:mariadb:")) {
        try (Statement statement = connection.createStatement()) {
          statement.execute("SET SESSION TRANSACTION READ ONLY");
        }
      }
      connection.setReadOnly(true);
      connection.setAutoCommit(false);
      return connection;
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  /** The server ends a statement that takes too long; if the server is silent, the client does. */
  private static void bound(Connection connection, String url, Duration limit) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      if (url.startsWith("jdbc:postgresql:")) {
        statement.execute("SET statement_timeout = " + limit.toMillis());
      } else if (url.startsWith("jdbc:mariadb:")) {
        boolean maria = connection.getMetaData().getDatabaseProductName().contains("MariaDB");
        statement.execute(
            maria
                ? "SET SESSION max_statement_time = " + limit.toMillis() / 1000.0
                : "SET SESSION max_execution_time = " + limit.toMillis());
      }
    }
    try {
      connection.setNetworkTimeout(Runnable::run, Math.toIntExact(limit.plus(MARGIN).toMillis()));
    } catch (SQLFeatureNotSupportedException e) {
      // an embedded database has no network
    }
  }

  private static TargetException unreachable(SqlTarget target, SQLException why) {
    return new TargetException(
        "%s cannot be reached as user '%s': %s. Nothing was done there; check that it runs, its address and the login"
            .formatted(target.describe(), target.username(), why.getMessage()),
        why);
  }

  private static Connection open(PostgresTarget target, Duration statementTimeout) {
    Properties properties = new Properties();
    properties.setProperty("user", target.username());
    if (target.password().isPresent()) {
      properties.setProperty("password", target.password().reveal());
    }
    String seconds = Long.toString(Math.max(1, target.connectTimeout().toSeconds()));
    properties.setProperty("connectTimeout", seconds);
    properties.setProperty("loginTimeout", seconds);
    properties.setProperty("cancelSignalTimeout", seconds);
    properties.setProperty("tcpKeepAlive", "true");
    properties.setProperty("socketTimeout", seconds); // until the login is over
    try {
      Connection connection = DriverManager.getConnection(target.jdbcUrl(), properties);
      try (Statement statement = connection.createStatement()) {
        statement.execute("SET statement_timeout = " + statementTimeout.toMillis());
        long socket = statementTimeout.isZero() ? 0 : statementTimeout.plus(MARGIN).toMillis();
        connection.setNetworkTimeout(Runnable::run, Math.toIntExact(socket));
        return connection;
      } catch (SQLException e) {
        connection.close();
        throw e;
      }
    } catch (SQLException e) {
      throw unreachable(target, e);
    }
  }

  /**
   * Whether a pooler seems to be in between: the server's session is then older than the
   * connection, and may serve other clients.
   */
  public static boolean isPooled(Connection connection) throws SQLException {
    int known = connection.unwrap(PGConnection.class).getBackendPID();
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT pg_backend_pid()")) {
      row.next();
      return known != row.getInt(1);
    }
  }

  /**
   * Cancels the connection's statement at the server and closes the connection, without waiting for
   * either. May be called from any thread, repeatedly.
   */
  public static void interrupt(Connection connection) {
    // A silent server would hold up the caller, which may be the heartbeat of all steps.
    Thread thread = new Thread(() -> cut(connection), "interrupt-postgres");
    thread.setDaemon(true);
    thread.start();
  }

  /**
   * Rolls a transaction back; after a commit it does nothing. Call it at the end of every
   * transaction: some drivers commit on close.
   */
  public static void rollBack(Connection connection) {
    try {
      connection.rollback();
    } catch (SQLException e) {
      abort(connection);
    }
  }

  private static void cut(Connection connection) {
    try {
      connection.unwrap(PGConnection.class).cancelQuery();
    } catch (SQLException e) {
      // the server may be gone; the connection is closed in any case
    }
    abort(connection);
  }

  private static void abort(Connection connection) {
    try {
      connection.abort(Runnable::run);
    } catch (SQLException e) {
      // it is gone already
    }
  }

  /** What {@code libpq} programs need to notice a dead network, as connection string options. */
  public static String postgresKeepAlive() {
    return "keepalives_idle=30 keepalives_interval=10 keepalives_count=3 tcp_user_timeout=60000";
  }

  /**
   * What {@code libpq} programs (pg_dump, pg_restore, psql) read instead of arguments.
   *
   * @param passFile path of an open {@link PassFile}
   */
  public Map<String, Secret> postgresEnvironment(PostgresTarget target, Path passFile) {
    Map<String, Secret> environment = new LinkedHashMap<>();
    environment.put("PGHOST", Secret.of(target.host()));
    environment.put("PGPORT", Secret.of(Integer.toString(target.port())));
    environment.put("PGDATABASE", Secret.of(target.database()));
    environment.put("PGUSER", Secret.of(target.username()));
    environment.put("PGPASSFILE", Secret.of(passFile.toString()));
    environment.put(
        "PGCONNECT_TIMEOUT",
        Secret.of(Long.toString(Math.max(2, target.connectTimeout().toSeconds()))));
    environment.put("PGAPPNAME", Secret.of("belay"));
    return environment;
  }

  /**
   * {@code postgresql://user:password@host:port/database}, as Prisma and similar tools expect it.
   */
  public Secret postgresUrl(PostgresTarget target) {
    return Secret.of(
        "postgresql://%s:%s@%s:%d/%s"
            .formatted(
                encoded(target.username()),
                encoded(target.password().reveal()),
                target.host(),
                target.port(),
                encoded(target.database())));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /** A connection with binary keys and values. @see #redis(RedisTarget, RedisCodec) */
  public StatefulRedisConnection<byte[], byte[]> redis(RedisTarget target) {
    return redis(target, ByteArrayCodec.INSTANCE);
  }

  /**
   * A connection whose commands are bounded by the target's {@code timeout} and which does not
   * reconnect by itself. The caller closes it.
   *
   * @throws TargetException naming the target when it cannot be reached or refuses the login
   */
  public <K, V> StatefulRedisConnection<K, V> redis(RedisTarget target, RedisCodec<K, V> codec) {
    RedisURI.Builder uri =
        RedisURI.builder()
            .withHost(target.host())
            .withPort(target.port())
            .withTimeout(target.timeout())
            .withClientName("belay");
    if (!target.username().isEmpty()) {
      uri.withAuthentication(target.username(), target.password().reveal().toCharArray());
    } else if (target.password().isPresent()) {
      uri.withPassword(target.password().reveal().toCharArray());
    }
    ConnectionFuture<StatefulRedisConnection<K, V>> connecting =
        redis.connectAsync(codec, uri.build());
    try {
      // One time-out for reaching it, one for the login.
      return connecting.get(2 * target.timeout().toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw unreachable(target, rootMessage(e), e.getCause());
    } catch (TimeoutException e) {
      connecting.thenAccept(StatefulRedisConnection::closeAsync); // in case it is established later
      throw unreachable(target, "no answer within " + target.timeout().multipliedBy(2), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw unreachable(target, "interrupted", e);
    }
  }

  private static TargetException unreachable(RedisTarget target, String why, Throwable cause) {
    return new TargetException(
        "%s cannot be reached: %s. Nothing was done there; check that it runs, its address and the login"
            .formatted(target.describe(), why),
        cause);
  }

  /** The innermost message in the chain of causes. */
  private static String rootMessage(Throwable failure) {
    String said = null;
    Throwable innermost = failure;
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof RedisProtocolException) {
        return "what answers there does not speak Redis's protocol";
      }
      said = cause.getMessage() == null ? said : cause.getMessage();
      innermost = cause;
    }
    return innermost.getMessage() == null
        ? innermost.getClass().getSimpleName() + (said == null ? "" : ", " + said)
        : said;
  }

  @Override
  public void close() {
    redis.shutdown(Duration.ZERO, Duration.ofSeconds(2));
  }
}
