package io.belay.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.UUID;
import liquibase.integration.spring.SpringLiquibase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.core.io.DefaultResourceLoader;

/** Without it Liquibase waits five minutes for a dead client, and gives up. */
class SchemaUpdateLockTest {

  @Test
  @Timeout(120)
  void nodeKilledWhileItUpdatedTheSchema_keepsNoOtherFromIt() throws Exception {
    try (HikariDataSource database = new HikariDataSource()) {
      database.setJdbcUrl("jdbc:h2:mem:%s;DB_CLOSE_DELAY=-1".formatted(UUID.randomUUID()));
      update(database);
      try (Connection connection = database.getConnection();
          Statement statement = connection.createStatement()) {
        statement.execute(
            "UPDATE databasechangeloglock SET locked = true, lockgranted = CURRENT_TIMESTAMP,"
                + " lockedby = 'a node that was killed'");
      }

      update(database);

      try (Connection connection = database.getConnection();
          Statement statement = connection.createStatement();
          ResultSet row = statement.executeQuery("SELECT locked FROM databasechangeloglock")) {
        row.next();
        assertThat(row.getBoolean(1)).isFalse();
      }
    }
  }

  private static void update(HikariDataSource database) throws Exception {
    SpringLiquibase liquibase = new SpringLiquibase();
    liquibase.setDataSource(database);
    liquibase.setResourceLoader(new DefaultResourceLoader());
    liquibase.setChangeLog("classpath:/db/changelog/db.changelog-master.yaml");
    SchemaUpdateLock lock = new SchemaUpdateLock();
    lock.postProcessBeforeInitialization(liquibase, "liquibase");
    liquibase.afterPropertiesSet();
    lock.postProcessAfterInitialization(liquibase, "liquibase");
  }
}
