package io.belay.journal;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.RowMapper;
import org.springframework.stereotype.Component;

/**
 * One row for each run: who started what, where, and how it stands. Joins the caller's transaction.
 */
@Component
public class RunRecords {

  /** How a run stands, as far as its own row tells. */
  public enum State {
    RUNNING,
    ROLLING_BACK,
    COMPLETED,
    ROLLED_BACK,
    /** It has ended, but a change that had to be taken back still stands. */
    ROLLBACK_INCOMPLETE,
    /** It went down the ladder, but a person overrode at least one undo. */
    TAKEN_OVER,
    /** It was deleted in the engine; nothing was taken back. */
    CANCELLED;

    public boolean isFinal() {
      return this != RUNNING && this != ROLLING_BACK;
    }
  }

  /**
   * @param id of the root process instance
   * @param name the business key
   * @param reason why it rolled back; may be null
   * @param fence number of the lease on its targets; 0 when it holds none
   */
  public record RunRecord(
      String id,
      String name,
      String runbook,
      String definitionId,
      String environment,
      String startedBy,
      Instant startedAt,
      Instant endedAt,
      State state,
      String reason,
      long fence) {}

  private static final RowMapper<RunRecord> MAPPER =
      (row, index) ->
          new RunRecord(
              row.getString("id"),
              row.getString("name"),
              row.getString("runbook"),
              row.getString("definition_id"),
              row.getString("environment"),
              row.getString("started_by"),
              instant(row.getObject("started_at", LocalDateTime.class)),
              instant(row.getObject("ended_at", LocalDateTime.class)),
              State.valueOf(row.getString("state")),
              row.getString("reason"),
              row.getLong("fence"));

  private final JdbcTemplate jdbc;

  RunRecords(JdbcTemplate jdbc) {
    this.jdbc = jdbc;
  }

  public void started(
      String id,
      String name,
      String runbook,
      String definitionId,
      String environment,
      String by,
      long fence) {
    jdbc.update(
        "INSERT INTO belay_run (id, name, runbook, definition_id, environment, started_by,"
            + " started_at, state, fence) VALUES (?,?,?,?,?,?,?,?,?)",
        id,
        name,
        runbook,
        definitionId,
        environment,
        by,
        now(),
        State.RUNNING.name(),
        fence);
  }

  /** The run began to go down the ladder; only the first call counts. */
  public boolean rollingBack(String id, String reason) {
    return jdbc.update(
            "UPDATE belay_run SET state = ?, reason = ? WHERE id = ? AND state = ?",
            State.ROLLING_BACK.name(),
            limit(reason),
            id,
            State.RUNNING.name())
        == 1;
  }

  /** Locks the run until the caller's transaction ends, and returns its state. */
  public Optional<State> lock(String id) {
    return jdbc
        .queryForList("SELECT state FROM belay_run WHERE id = ? FOR UPDATE", String.class, id)
        .stream()
        .findFirst()
        .map(State::valueOf);
  }

  public void ended(String id, State state) {
    jdbc.update(
        "UPDATE belay_run SET state = ?, ended_at = ? WHERE id = ? AND ended_at IS NULL",
        state.name(),
        now(),
        id);
  }

  public Optional<RunRecord> find(String id) {
    return jdbc.query("SELECT * FROM belay_run WHERE id = ?", MAPPER, id).stream().findFirst();
  }

  /** The existing runs among these ids, unordered. */
  public List<RunRecord> find(Collection<String> ids) {
    return ids.isEmpty()
        ? List.of()
        : jdbc.query(
            "SELECT * FROM belay_run WHERE id IN (%s)".formatted(places(ids.size())),
            MAPPER,
            ids.toArray());
  }

  private static String places(int count) {
    return String.join(",", Collections.nCopies(count, "?"));
  }

  /** Runs of these runbooks in an environment, newest first. */
  public List<RunRecord> of(String environment, List<String> runbooks, int limit) {
    List<Object> arguments = new ArrayList<>(runbooks);
    arguments.add(0, environment);
    arguments.add(limit);
    return jdbc.query(
        "SELECT * FROM belay_run WHERE environment = ? AND runbook IN (%s) ORDER BY started_at DESC LIMIT ?"
            .formatted(places(runbooks.size())),
        MAPPER,
        arguments.toArray());
  }

  /** Newest first. */
  public List<RunRecord> list(int limit, int offset) {
    return jdbc.query(
        "SELECT * FROM belay_run ORDER BY started_at DESC LIMIT ? OFFSET ?", MAPPER, limit, offset);
  }

  private static String limit(String text) {
    return text == null || text.length() <= 2000 ? text : text.substring(0, 2000);
  }

  private static LocalDateTime now() {
    return LocalDateTime.now(ZoneOffset.UTC);
  }

  private static Instant instant(LocalDateTime time) {
    return time == null ? null : time.toInstant(ZoneOffset.UTC);
  }
}
