package io.belay.target;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;

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
   * large table). Keep-alive finds a dead peer; the caller cancels by closing the connection.
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
    if (!statementTimeout.isZero()) {
      Duration socket = statementTimeout.plus(MARGIN);
      properties.setProperty("socketTimeout", Long.toString(socket.toSeconds()));
    }
    try {
      Connection connection = DriverManager.getConnection(target.jdbcUrl(), properties);
      try (Statement statement = connection.createStatement()) {
        statement.execute("SET statement_timeout = " + statementTimeout.toMillis());
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
    try {
      return redis.connect(codec, uri.build());
    } catch (RedisException e) {
      throw new TargetException(
          "%s cannot be reached: %s. Nothing was done there; check that it runs, its address and the login"
              .formatted(target.describe(), rootMessage(e)),
          e);
    }
  }

  private static String rootMessage(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause.getMessage();
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
