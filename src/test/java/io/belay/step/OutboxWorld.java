package io.belay.step;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.belay.journal.Journal;
import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import java.time.LocalDateTime;
import java.util.List;
import java.util.UUID;
import liquibase.integration.spring.SpringLiquibase;
import org.springframework.core.io.DefaultResourceLoader;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;

/** An outbox in a database of its own, which outlives whoever uses it. */
public final class OutboxWorld {

  private final JdbcTemplate jdbc;
  private final JdbcTransactionManager transactions;
  private final Journal journal;

  public OutboxWorld() throws Exception {
    DriverManagerDataSource database =
        new DriverManagerDataSource(
            "jdbc:h2:mem:%s;DB_CLOSE_DELAY=-1".formatted(UUID.randomUUID()));
    SpringLiquibase liquibase = new SpringLiquibase();
    liquibase.setDataSource(database);
    liquibase.setResourceLoader(new DefaultResourceLoader());
    liquibase.setChangeLog("classpath:/db/changelog/db.changelog-master.yaml");
    liquibase.afterPropertiesSet();
    jdbc = new JdbcTemplate(database);
    transactions = new JdbcTransactionManager(database);
    journal = new Journal(jdbc, new ObjectMapper(), transactions);
  }

  /** As each node has one. */
  public Outbox outbox() {
    return new DatabaseOutbox(jdbc, journal, transactions);
  }

  /** How many messages wait. */
  public long kept() {
    return jdbc.queryForObject("SELECT COUNT(*) FROM belay_outbox", Long.class);
  }

  /** When the only message that waits is due, in UTC. */
  public LocalDateTime due() {
    return jdbc.queryForObject("SELECT next_at FROM belay_outbox", LocalDateTime.class);
  }

  /** Makes all that waits due now. */
  public void hurry() {
    jdbc.update("UPDATE belay_outbox SET next_at = TIMESTAMP '2000-01-01 00:00:00'");
  }

  /** What the run's log says. */
  public List<String> logs(String runId) {
    return journal.entries(runId, Kind.LOG).stream().map(JournalEntry::text).toList();
  }
}
