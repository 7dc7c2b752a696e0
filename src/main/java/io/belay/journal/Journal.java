package io.belay.journal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The append-only record of all that happened in a run, in the engine's database. Entries are
 * written at once; {@link JournalChain} then links them by hashes.
 *
 * <p>Two ways to write: {@link #append} joins the caller's transaction (the entry is true only if
 * the transaction commits: a phase began, a task was completed), {@link #appendNow} has one of its
 * own (the entry is true whatever becomes of the engine's transaction: a step had an effect).
 */
@Component
public class Journal {

  static final String COLUMNS =
      "id, run_id, at, kind, instance_id, activity_id, step, step_key, actor, text, payload";
  private static final int TEXT_LIMIT = 4000;

  private final JdbcTemplate jdbc;
  private final EngineSql sql;
  private final ObjectMapper json;
  private final TransactionTemplate joining;
  private final TransactionTemplate own;

  public Journal(JdbcTemplate jdbc, ObjectMapper json, PlatformTransactionManager transactions) {
    this.jdbc = jdbc;
    this.sql = EngineSql.of(jdbc);
    this.json = json;
    this.joining = new TransactionTemplate(transactions);
    this.own = new TransactionTemplate(transactions);
    own.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
  }

  /** Writes the entry in the caller's transaction, if there is one. */
  public void append(JournalEntry entry) {
    joining.executeWithoutResult(status -> insert(sql.insertEntry(), entry));
  }

  /** Writes the entry durably before returning. */
  public void appendNow(JournalEntry entry) {
    own.executeWithoutResult(status -> insert(sql.insertEntry(), entry));
  }

  /**
   * Writes the entry durably, together with {@code more} statements on the same database, the
   * engine's too: all or nothing.
   */
  public void appendNow(JournalEntry entry, Runnable more) {
    own.executeWithoutResult(
        status -> {
          insert(sql.insertEntry(), entry);
          more.run();
        });
  }

  /** Entries of a run after the given id, oldest first. */
  public List<JournalEntry> entries(String runId, long afterId, int limit) {
    return jdbc.query(
        "SELECT " + COLUMNS + " FROM belay_journal WHERE run_id = ? AND id > ? ORDER BY id LIMIT ?",
        (row, index) -> read(row),
        runId,
        afterId,
        limit);
  }

  /** The last entry of a run up to the given id that is older than that; 0 when there is none. */
  public long lastBefore(String runId, long id, Instant at) {
    return jdbc.queryForObject(
        "SELECT COALESCE(MAX(id), 0) FROM belay_journal WHERE run_id = ? AND id <= ? AND at < ?",
        Long.class,
        runId,
        id,
        LocalDateTime.ofInstant(at, ZoneOffset.UTC));
  }

  /** Entries of a run of the given kind, oldest first. */
  public List<JournalEntry> entries(String runId, Kind kind) {
    return jdbc.query(
        "SELECT " + COLUMNS + " FROM belay_journal WHERE run_id = ? AND kind = ? ORDER BY id",
        (row, index) -> read(row),
        runId,
        kind.name());
  }

  /** Entries of one execution of a step, oldest first. */
  public List<JournalEntry> ofStepKey(String stepKey) {
    return jdbc.query(
        "SELECT " + COLUMNS + " FROM belay_journal WHERE step_key = ? ORDER BY id",
        (row, index) -> read(row),
        stepKey);
  }

  /** Entries of all executions of a step in a run, oldest first. */
  public List<JournalEntry> ofStep(String runId, String step) {
    return jdbc.query(
        "SELECT " + COLUMNS + " FROM belay_journal WHERE run_id = ? AND step = ? ORDER BY id",
        (row, index) -> read(row),
        runId,
        step);
  }

  /** Entries of all executions of a step in a run, under any of its names, oldest first. */
  public List<JournalEntry> ofSteps(String runId, Collection<String> names) {
    return names.stream()
        .flatMap(name -> ofStep(runId, name).stream())
        .sorted(Comparator.comparingLong(JournalEntry::id))
        .toList();
  }

  /** Names of the steps that started in a run. */
  public List<String> startedSteps(String runId) {
    return jdbc.queryForList(
        "SELECT DISTINCT step FROM belay_journal WHERE run_id = ? AND kind = 'INTENT' AND step IS"
            + " NOT NULL ORDER BY step",
        String.class,
        runId);
  }

  /** The last entry of that kind in the run. */
  public Optional<JournalEntry> last(String runId, Kind kind) {
    return jdbc
        .query(
            "SELECT "
                + COLUMNS
                + " FROM belay_journal WHERE run_id = ? AND kind = ? ORDER BY id DESC LIMIT 1",
            (row, index) -> read(row),
            runId,
            kind.name())
        .stream()
        .findFirst();
  }

  private void insert(String statement, JournalEntry entry) {
    Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
    jdbc.update(
        statement,
        entry.runId(),
        LocalDateTime.ofInstant(now, ZoneOffset.UTC),
        entry.kind().name(),
        entry.instanceId(),
        entry.activityId(),
        entry.step(),
        entry.stepKey(),
        entry.actor(),
        bounded(entry.text()),
        write(entry.payload()));
  }

  private static String bounded(String text) {
    String oneLine = OneLine.of(text);
    return oneLine == null || oneLine.length() <= TEXT_LIMIT
        ? oneLine
        : oneLine.substring(0, TEXT_LIMIT - 1) + "…";
  }

  private static String write(JsonNode payload) {
    // JSON escapes control characters, also NUL, which PostgreSQL's text could not hold.
    return payload == null ? null : payload.toString();
  }

  JournalEntry read(ResultSet row) throws SQLException {
    return new JournalEntry(
        row.getLong("id"),
        row.getString("run_id"),
        row.getObject("at", LocalDateTime.class).toInstant(ZoneOffset.UTC),
        Kind.valueOf(row.getString("kind")),
        row.getString("instance_id"),
        row.getString("activity_id"),
        row.getString("step"),
        row.getString("step_key"),
        row.getString("actor"),
        row.getString("text"),
        parse(row.getString("payload")));
  }

  private JsonNode parse(String payload) {
    try {
      return payload == null ? null : json.readTree(payload);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a journal entry holds no valid JSON", e);
    }
  }
}
