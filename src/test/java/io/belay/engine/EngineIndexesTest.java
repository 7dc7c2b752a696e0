package io.belay.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.belay.playground.EmbeddedServers;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
class EngineIndexesTest {

  @Test
  void indexes_areMadeOnceOnH2(CapturedOutput output) throws Exception {
    JdbcDataSource database = new JdbcDataSource();
    database.setURL("jdbc:h2:mem:engine-indexes;DB_CLOSE_DELAY=-1");
    areMadeOnce(
        database,
        "SELECT count(*) FROM INFORMATION_SCHEMA.INDEXES WHERE INDEX_NAME LIKE 'BELAY_%'");
    assertThat(output.getAll()).doesNotContain("cannot be made");
  }

  @Test
  void indexes_areMadeOnceOnPostgres(CapturedOutput output) throws Exception {
    try (EmbeddedPostgres server = EmbeddedServers.postgres().start()) {
      areMadeOnce(
          server.getPostgresDatabase(),
          "SELECT count(*) FROM pg_indexes WHERE indexname LIKE 'belay_%'");
    }
    assertThat(output.getAll()).doesNotContain("cannot be made");
  }

  @Test
  void missingTable_doesNotKeepBelayFromStarting(CapturedOutput output) {
    JdbcDataSource database = new JdbcDataSource();
    database.setURL("jdbc:h2:mem:no-tables");
    new EngineIndexes(database).ensure();
    assertThat(output.getAll()).contains("The index BELAY_JOB_DUE on ACT_RU_JOB cannot be made");
  }

  private static void areMadeOnce(DataSource database, String count) throws SQLException {
    try (Connection connection = database.getConnection();
        var statement = connection.createStatement()) {
      statement.execute("CREATE TABLE ACT_RU_JOB (ID_ varchar(64), DUEDATE_ timestamp)");
      statement.execute("CREATE TABLE ACT_RU_AUTHORIZATION (ID_ varchar(64), TYPE_ integer)");
      for (int start = 1; start <= 2; start++) {
        new EngineIndexes(database).ensure();
        try (ResultSet row = statement.executeQuery(count)) {
          row.next();
          assertThat(row.getInt(1)).isEqualTo(2);
        }
      }
    }
  }
}
