package io.belay.journal;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.List;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/** The measured values of gates, kept for plots and reports. */
@Component
public class Samples {

  /** One value; see {@code io.belay.step.Sample}. */
  public record StoredSample(
      long id, String activityId, Instant at, String metric, String subject, double value) {}

  private final JdbcTemplate jdbc;

  Samples(JdbcTemplate jdbc) {
    this.jdbc = jdbc;
  }

  public void add(String runId, String activityId, String stepKey, List<StoredSample> samples) {
    jdbc.batchUpdate(
        "INSERT INTO belay_sample (run_id, activity_id, step_key, at, metric, subject, measured)"
            + " VALUES (?,?,?,?,?,?,?)",
        samples.stream()
            .map(
                sample ->
                    new Object[] {
                      runId,
                      activityId,
                      stepKey,
                      LocalDateTime.ofInstant(sample.at(), ZoneOffset.UTC),
                      sample.metric(),
                      sample.subject(),
                      sample.value()
                    })
            .toList());
  }

  /** Samples of a run after the given id, oldest first. */
  public List<StoredSample> ofRun(String runId, long afterId, int limit) {
    return jdbc.query(
        "SELECT id, activity_id, at, metric, subject, measured FROM belay_sample"
            + " WHERE run_id = ? AND id > ? ORDER BY id LIMIT ?",
        (row, index) ->
            new StoredSample(
                row.getLong("id"),
                row.getString("activity_id"),
                row.getObject("at", LocalDateTime.class).toInstant(ZoneOffset.UTC),
                row.getString("metric"),
                row.getString("subject"),
                row.getDouble("measured")),
        runId,
        afterId,
        limit);
  }
}
