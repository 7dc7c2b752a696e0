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
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.postgresql.PGConnection;

/**
 * Opens connections to PostgreSQL and Redis targets, and says what a child process needs to reach
 * them. Every wait is bounded by the target's own time-outs. Credentials go to the driver or into
 * the child's environment, never into an address or an argument.
 */
public class Connections implements AutoCloseable {

  /** How much longer than the server the client waits, so that the server's own error arrives. */
  private static final Duration MARGIN = Duration.ofSeconds(5);

  private final RedisClient redis = RedisClient.create();

  public Connections() {
    redis.setOptions(
        ClientOptions.builder()
            .autoReconnect(false) // a step must see that the server went away
            .timeoutOptions(TimeoutOptions.enabled())
            .build());
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
   * large table). Only a {@link ServerWatch} finds out that the server is silent.
   *
   * @throws TargetException naming the target when it cannot be reached or refuses the login
   */
  public Connection postgresUnbounded(PostgresTarget target) {
    return open(target, Duration.ZERO);
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
      throw new TargetException(
          "%s cannot be reached as user '%s': %s. Nothing was done there; check that it runs, its address and the login"
              .formatted(target.describe(), target.username(), e.getMessage()),
          e);
    }
  }

  /**
   * Whether a pooler is between, as far as can be seen: the server's session is then older than the
   * connection, and may serve others.
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
   * Ends what a connection is doing, there and here, without waiting for it: its statement is
   * cancelled at the server, the connection cut. May be called from any thread, and again.
   */
  public static void interrupt(Connection connection) {
    // A silent server would hold up the caller, which may be the heartbeat of all steps.
    Thread thread = new Thread(() -> cut(connection), "interrupt-postgres");
    thread.setDaemon(true);
    thread.start();
  }

  private static void cut(Connection connection) {
    try {
      connection.unwrap(PGConnection.class).cancelQuery();
    } catch (SQLException e) {
      // the server may be gone; the connection is cut in any case
    }
    try {
      connection.abort(Runnable::run);
    } catch (SQLException e) {
      // it is gone already
    }
  }

  /** As connection string options: what {@code libpq} programs need to notice a dead network. */
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

  /** {@code postgresql://user:password@host:port/database}, as Prisma and its like want it. */
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
      connecting.thenAccept(StatefulRedisConnection::closeAsync); // should it come about later
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

  /** The innermost cause that says anything. */
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

  /** What {@code redis-cli} reads instead of an argument. */
  public Map<String, Secret> redisEnvironment(RedisTarget target) {
    return target.password().isPresent() ? Map.of("REDISCLI_AUTH", target.password()) : Map.of();
  }

  @Override
  public void close() {
    redis.shutdown(Duration.ZERO, Duration.ofSeconds(2));
  }
}
