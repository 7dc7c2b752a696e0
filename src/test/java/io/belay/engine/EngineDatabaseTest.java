package io.belay.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.belay.playground.EmbeddedServers;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EngineDatabaseTest {

  private static final String QUERY = "SELECT n FROM t WHERE id = ?";

  private static HikariDataSource pool(String url) {
    HikariDataSource pool = new HikariDataSource();
    pool.setJdbcUrl(url);
    return bounded(pool, Duration.ofSeconds(60));
  }

  private static HikariDataSource bounded(HikariDataSource pool, Duration longestIdle) {
    return (HikariDataSource)
        new EngineDatabase(longestIdle).postProcessAfterInitialization(pool, "any");
  }

  @Test
  void waitsForPostgres_areBounded() {
    assertThat(pool("jdbc:postgresql://db/belay").getDataSourceProperties())
        .containsEntry("socketTimeout", "60")
        .containsEntry("connectTimeout", "10")
        .containsEntry("loginTimeout", "10");
  }

  @Test
  void whatTheAddressSays_stays() {
    assertThat(pool("jdbc:postgresql://db/belay?socketTimeout=300").getDataSourceProperties())
        .doesNotContainKey("socketTimeout")
        .containsEntry("connectTimeout", "10");
  }

  @Test
  void h2_hasNoSuchProperties() {
    assertThat(pool("jdbc:h2:mem:x").getDataSourceProperties()).isEmpty();
  }

  @Test
  void h2_keepsNoStatements_unlessTheAddressSaysSo() {
    assertThat(pool("jdbc:h2:mem:x").getJdbcUrl()).isEqualTo("jdbc:h2:mem:x;QUERY_CACHE_SIZE=0");
    String own = "jdbc:h2:mem:x;Query_Cache_Size=4";
    assertThat(pool(own).getJdbcUrl()).isEqualTo(own);
  }

  /** Of what one session has seen, another finds no older state. */
  @Test
  void h2_answersNothingFromBeforeACommit(@TempDir Path directory) throws Exception {
    String url = "jdbc:h2:file:%s;WRITE_DELAY=0".formatted(directory.resolve("engine"));
    try (HikariDataSource pool = pool(url);
        Connection writer = pool.getConnection();
        Connection first = pool.getConnection();
        Connection second = pool.getConnection()) {
      execute(writer, "CREATE TABLE t (id int PRIMARY KEY, n int, pad varchar)");
      execute(writer, "INSERT INTO t SELECT x, 0, repeat('x', 1000) FROM system_range(1, 200)");
      writer.setAutoCommit(false);
      int old = 0;
      for (int n = 1; n <= 200; n++) {
        String change = "UPDATE t SET n = %d WHERE mod(id, 10) = 1".formatted(n);
        number(second, QUERY);
        execute(writer, change);
        number(second, QUERY);
        CompletableFuture<Void> commit = CompletableFuture.runAsync(() -> commit(writer));
        for (int asked = 0; number(first, QUERY + " AND %d >= 0".formatted(asked)) != n; asked++) {
          Thread.onSpinWait();
        }
        if (number(second, QUERY) != n) {
          old++;
        }
        commit.join();
      }
      assertThat(old).as("answers from before the commit").isZero();
    }
  }

  private static void commit(Connection connection) {
    try {
      connection.commit();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static int number(Connection connection, String query) throws SQLException {
    try (var statement = connection.prepareStatement(query)) {
      statement.setInt(1, 1);
      try (ResultSet rows = statement.executeQuery()) {
        rows.next();
        return rows.getInt(1);
      }
    }
  }

  @Test
  void nodeFrozenInATransaction_holdsUpTheOthersOnlySoLong() throws Exception {
    try (EmbeddedPostgres server = EmbeddedServers.postgres().start();
        HikariDataSource pool = new HikariDataSource()) {
      pool.setJdbcUrl(server.getJdbcUrl("postgres", "postgres"));
      bounded(pool, Duration.ofSeconds(1));
      try (Connection frozen = pool.getConnection();
          Connection other = pool.getConnection()) {
        execute(other, "CREATE TABLE head (seq int)");
        execute(other, "INSERT INTO head VALUES (1)");
        frozen.setAutoCommit(false);
        execute(frozen, "UPDATE head SET seq = 2");

        execute(other, "UPDATE head SET seq = seq + 10");

        assertThatThrownBy(() -> execute(frozen, "SELECT 1")).isInstanceOf(SQLException.class);
        try (ResultSet row = other.createStatement().executeQuery("SELECT seq FROM head")) {
          row.next();
          assertThat(row.getInt(1)).isEqualTo(11);
        }
      }
    }
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
