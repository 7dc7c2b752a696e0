package io.belay.journal;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.RowMapper;
import org.springframework.lang.Nullable;
import org.springframework.stereotype.Component;

/**
 * The steps that work at this moment, on any node: heartbeat and progress. Unlike the journal this
 * is a state, not a record; a row lives from intent to result.
 */
@Component
public class RunningSteps {

  /** A heartbeat that does not change for this long means that the node is dead. */
  public static final Duration DEAD_AFTER = Duration.ofSeconds(15);

  private static final Duration FORGOTTEN_AFTER = Duration.ofMinutes(1);

  /**
   * @param done work done, in {@code unit}
   * @param total 0 when unknown
   */
  public record RunningStep(
      String stepKey,
      String runId,
      String instanceId,
      String activityId,
      String step,
      String node,
      Instant startedAt,
      Instant heartbeat,
      long done,
      long total,
      @Nullable String unit,
      @Nullable String message) {}

  private static final RowMapper<RunningStep> MAPPER =
      (row, index) ->
          new RunningStep(
              row.getString("step_key"),
              row.getString("run_id"),
              row.getString("instance_id"),
              row.getString("activity_id"),
              row.getString("step"),
              row.getString("node"),
              instant(row.getObject("started_at", LocalDateTime.class)),
              instant(row.getObject("heartbeat", LocalDateTime.class)),
              row.getLong("done"),
              row.getLong("total"),
              row.getString("unit"),
              row.getString("message"));

  private final JdbcTemplate jdbc;
  private final EngineSql sql;

  RunningSteps(JdbcTemplate jdbc) {
    this.jdbc = jdbc;
    this.sql = EngineSql.of(jdbc);
  }

  /** Registers a step; replaces what a dead attempt left. */
  public void begin(
      String stepKey,
      String runId,
      String instanceId,
      String activityId,
      String step,
      String node) {
    List<Object> values =
        new ArrayList<>(Arrays.asList(stepKey, runId, instanceId, activityId, step, node));
    if (!sql.timeIsInBeginStep()) {
      LocalDateTime now = databaseNow();
      values.addAll(List.of(now, now));
    }
    jdbc.update(sql.beginStep(), values.toArray());
  }

  public void end(String stepKey) {
    jdbc.update("DELETE FROM belay_running WHERE step_key = ?", stepKey);
  }

  /**
   * Ends the attempt of that node.
   *
   * @return false when the step was no longer that node's: another began it, or it was given up
   */
  public boolean end(String stepKey, String node) {
    return jdbc.update("DELETE FROM belay_running WHERE step_key = ? AND node = ?", stepKey, node)
        > 0;
  }

  /**
   * Whether that node's attempt is the current one; the answer holds until the caller's transaction
   * ends.
   */
  public boolean isOf(String stepKey, String node) {
    return jdbc.queryForList(
            "SELECT node FROM belay_running WHERE step_key = ? FOR UPDATE", String.class, stepKey)
        .contains(node);
  }

  /**
   * Records that the node is alive. Deletes its steps whose end could not be recorded: they would
   * look alive as long as the node.
   *
   * @param works whether the node works on the execution with that key
   */
  public void beat(String node, Predicate<String> works) {
    jdbc.update("UPDATE belay_running SET heartbeat = ? WHERE node = ?", databaseNow(), node);
    jdbc
        .queryForList("SELECT step_key FROM belay_running WHERE node = ?", String.class, node)
        .stream()
        .filter(works.negate())
        .forEach(this::end);
  }

  /**
   * Records that the node is alive and works on those steps. Deletes a step that it has not named
   * for a minute; not at once, because the step may have begun while the list was on its way.
   */
  public void beat(String node, List<String> stepKeys) {
    LocalDateTime now = databaseNow();
    stepKeys.forEach(
        key ->
            jdbc.update(
                "UPDATE belay_running SET heartbeat = ? WHERE node = ? AND step_key = ?",
                now,
                node,
                key));
    jdbc.update(
        "DELETE FROM belay_running WHERE node = ? AND heartbeat < ?",
        node,
        now.minus(FORGOTTEN_AFTER));
  }

  /** The execution with that key, if somebody works on it. */
  public Optional<RunningStep> find(String stepKey) {
    return jdbc.query("SELECT * FROM belay_running WHERE step_key = ?", MAPPER, stepKey).stream()
        .findFirst();
  }

  public void progress(String stepKey, long done, long total, String unit, String message) {
    jdbc.update(
        "UPDATE belay_running SET done = ?, total = ?, unit = ?, message = ? WHERE step_key = ?",
        done,
        total,
        unit,
        message == null || message.length() <= 500 ? message : message.substring(0, 500),
        stepKey);
  }

  public List<RunningStep> ofRun(String runId) {
    return jdbc.query(
        "SELECT * FROM belay_running WHERE run_id = ? ORDER BY started_at", MAPPER, runId);
  }

  /**
   * The time by which heartbeats are measured: the database's, because the clocks of nodes differ.
   */
  public Instant now() {
    return instant(databaseNow());
  }

  private LocalDateTime databaseNow() {
    OffsetDateTime now = jdbc.queryForObject("SELECT CURRENT_TIMESTAMP", OffsetDateTime.class);
    return Objects.requireNonNull(now).withOffsetSameInstant(ZoneOffset.UTC).toLocalDateTime();
  }

  private static Instant instant(LocalDateTime time) {
    return time.toInstant(ZoneOffset.UTC);
  }
}
