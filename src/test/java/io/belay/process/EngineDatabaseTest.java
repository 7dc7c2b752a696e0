package io.belay.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class EngineDatabaseTest {

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
  void otherDatabases_areLeftAlone() {
    assertThat(pool("jdbc:h2:mem:x").getDataSourceProperties()).isEmpty();
  }

  @Test
  void nodeFrozenInATransaction_holdsUpTheOthersOnlySoLong() throws Exception {
    try (EmbeddedPostgres server = EmbeddedPostgres.start();
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
