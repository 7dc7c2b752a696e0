package io.belay.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.belay.playground.EmbeddedServers;
import io.belay.playground.Ports;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import redis.embedded.RedisServer;

class ConnectionsIT {

  private static final Connections CONNECTIONS = new Connections();
  private static EmbeddedPostgres server;
  private static RedisServer redis;
  private static RedisTarget cache;

  @BeforeAll
  static void start() throws Exception {
    server = EmbeddedServers.postgres().start();
    try (Connection connection = server.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE ROLE \"us:er\" LOGIN SUPERUSER PASSWORD 'p:a\\ss%&?'");
      statement.execute("CREATE DATABASE \"odd?name&x\"");
    }
    int port = Ports.free();
    redis = RedisServer.newRedisServer().port(port).setting("requirepass cachepass").build();
    redis.start();
    cache =
        new RedisTarget("localhost", port, "", Secret.of("cachepass"), 5, Duration.ofSeconds(5));
  }

  @AfterAll
  static void stop() throws Exception {
    CONNECTIONS.close();
    server.close();
    redis.stop();
  }

  private static PostgresTarget target(String database, String password) {
    return new PostgresTarget(
        "localhost",
        server.getPort(),
        database,
        "us:er",
        Secret.of(password),
        12,
        null,
        Duration.ofSeconds(2),
        Duration.ofMillis(300),
        RestoreWay.AUTO);
  }

  private static final String PASSWORD = "p:a\\ss%&?";

  @Test
  void loginAndDatabase_mayContainAnyCharacter() throws Exception {
    try (Connection connection = CONNECTIONS.postgres(target("odd?name&x", PASSWORD));
        ResultSet row =
            connection.createStatement().executeQuery("SELECT current_user, current_database()")) {
      row.next();
      assertThat(row.getString(1)).isEqualTo("us:er");
      assertThat(row.getString(2)).isEqualTo("odd?name&x");
    }
  }

  @Test
  void statementOfACheck_isBoundedByQueryTimeout_unboundedOneIsNot() throws Exception {
    try (Connection connection = CONNECTIONS.postgres(target("postgres", PASSWORD));
        Statement statement = connection.createStatement()) {
      assertThatThrownBy(() -> statement.execute("SELECT pg_sleep(20)"))
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("statement timeout");
    }
    try (Connection connection = CONNECTIONS.postgresUnbounded(target("postgres", PASSWORD));
        Statement statement = connection.createStatement()) {
      assertThat(statement.execute("SELECT pg_sleep(0.5)")).isTrue();
    }
  }

  @Test
  void unreachableDatabase_isNamedWithoutThePassword() throws Exception {
    PostgresTarget nowhere =
        new PostgresTarget(
            "localhost",
            Ports.free(),
            "shop",
            "app",
            Secret.of("hunter22"),
            12,
            null,
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            RestoreWay.AUTO);
    assertThatThrownBy(() -> CONNECTIONS.postgres(nowhere))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("PostgreSQL shop at localhost:" + nowhere.port())
        .hasMessageContaining("as user 'app'")
        .hasMessageNotContaining("hunter22");
  }

  @Test
  void psql_logsInWithThePassFile_andNothingSecretAmongArguments() throws Exception {
    PostgresTarget target = target("odd?name&x", PASSWORD);
    try (PassFile pass = PassFile.of(target)) {
      ProcessBuilder psql = new ProcessBuilder("psql", "-w", "-At", "-c", "SELECT current_user");
      Map<String, String> environment = psql.environment();
      CONNECTIONS
          .postgresEnvironment(target, pass.path())
          .forEach((name, value) -> environment.put(name, value.reveal()));
      Process process = psql.redirectErrorStream(true).start();
      assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
          .isEqualTo("us:er\n");
      assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void postgresUrl_isUnderstoodByLibpq() throws Exception {
    PostgresTarget target = target("odd?name&x", PASSWORD);
    ProcessBuilder psql =
        new ProcessBuilder(
            "sh", "-c", "psql -w -At -c 'SELECT current_database()' \"$DATABASE_URL\"");
    psql.environment().put("DATABASE_URL", CONNECTIONS.postgresUrl(target).reveal());
    Process process = psql.redirectErrorStream(true).start();
    assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
        .isEqualTo("odd?name&x\n");
  }

  @Test
  void redis_answersWithBinaryKeysAndValues() {
    try (var connection = CONNECTIONS.redis(cache)) {
      byte[] key = {0, 1, (byte) 0xff};
      connection.sync().set(key, new byte[] {(byte) 0xfe});
      assertThat(connection.sync().get(key)).containsExactly((byte) 0xfe);
    }
  }

  @Test
  void wrongRedisPassword_isRefusedWithoutShowingIt() {
    RedisTarget wrong =
        new RedisTarget(
            "localhost", cache.port(), "", Secret.of("hunter22"), 5, Duration.ofSeconds(2));
    assertThatThrownBy(() -> CONNECTIONS.redis(wrong))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("Redis at localhost:" + cache.port())
        .hasMessageContaining("WRONGPASS")
        .hasMessageNotContaining("hunter22");
  }
}
