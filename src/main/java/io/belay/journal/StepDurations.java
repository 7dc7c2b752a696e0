package io.belay.journal;

import java.time.Duration;
import java.time.LocalDateTime;
import java.util.Optional;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/** How long steps took in earlier runs. */
@Component
public class StepDurations {

  private final JdbcTemplate jdbc;

  StepDurations(JdbcTemplate jdbc) {
    this.jdbc = jdbc;
  }

  /** How long the step's newest finished execution took, from its first intent to its result. */
  public Optional<Duration> last(String step) {
    return jdbc
        .query(
            "SELECT r.at AS done, (SELECT min(i.at) FROM belay_journal i WHERE i.step_key ="
                + " r.step_key AND i.kind = 'INTENT') AS began FROM belay_journal r WHERE r.step = ?"
                + " AND r.kind = 'RESULT' ORDER BY r.id DESC LIMIT 1",
            (row, index) ->
                Duration.between(
                    row.getObject("began", LocalDateTime.class),
                    row.getObject("done", LocalDateTime.class)),
            step)
        .stream()
        .findFirst();
  }
}
