package io.belay.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import org.junit.jupiter.api.Test;

class EngineDatabaseTest {

  private static HikariDataSource pool(String url) {
    HikariDataSource pool = new HikariDataSource();
    pool.setJdbcUrl(url);
    return (HikariDataSource) new EngineDatabase().postProcessAfterInitialization(pool, "any");
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
}
