package io.belay.engine;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.belay.target.InvalidSetting;
import java.time.LocalDateTime;
import java.util.UUID;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;

class EngineTimesTest {

  private static final LocalDateTime START = LocalDateTime.of(2026, 10, 1, 14, 5, 0);

  private final JdbcTemplate database;
  private final EngineTimes times;

  EngineTimesTest() {
    JdbcDataSource source = new JdbcDataSource();
    source.setURL("jdbc:h2:mem:%s;DB_CLOSE_DELAY=-1".formatted(UUID.randomUUID()));
    database = new JdbcTemplate(source);
    times = new EngineTimes(source);
    database.execute(
        "CREATE TABLE belay_run (id VARCHAR(64), name VARCHAR(100), started_at TIMESTAMP, ended_at TIMESTAMP)");
  }

  private void run(String name, LocalDateTime inTheEngine, LocalDateTime ended) {
    database.execute(
        "CREATE TABLE IF NOT EXISTS ACT_HI_PROCINST (ID_ VARCHAR(64), START_TIME_ TIMESTAMP)");
    database.update("INSERT INTO belay_run VALUES (?, ?, ?, ?)", name, name, START, ended);
    database.update("INSERT INTO ACT_HI_PROCINST VALUES (?, ?)", name, inTheEngine);
  }

  @Test
  void openRunWhoseEngineTimesAreLocal_isRefused_namingIt() {
    run("move-1", START.minusHours(4), null);

    assertThatThrownBy(times::requireUtc)
        .isInstanceOf(InvalidSetting.class)
        .hasMessageContaining(
            "move-1 (started at 2026-10-01T14:05 UTC, the engine says 2026-10-01T10:05)")
        .hasMessageContaining("Nothing was changed")
        .hasMessageContaining("let the runs end or abort them");
  }

  @Test
  void runsInUtc_andRunsThatHaveEnded_areNoObstacle() {
    run("move-2", START.plusSeconds(1), null);
    run("move-3", START.minusHours(4), START.plusHours(1));

    assertThatCode(times::requireUtc).doesNotThrowAnyException();
  }

  @Test
  void newDatabase_isNoObstacle() {
    assertThatCode(times::requireUtc).doesNotThrowAnyException();
  }
}
