package io.belay.step;

import java.sql.Timestamp;
import java.util.Collection;
import java.util.List;
import org.camunda.bpm.engine.impl.persistence.entity.SuspensionState;
import org.camunda.bpm.engine.impl.util.ClockUtil;
import org.springframework.context.annotation.Profile;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/**
 * Which steps wait for a worker. A search of the engine for all steps that Belay has would cost
 * more than all the rest of a short step; the engine's own list of topics costs H2 a plan that it
 * cannot keep.
 */
@Component
@Profile("!agent")
class WaitingSteps {

  private final JdbcTemplate jdbc;

  WaitingSteps(JdbcTemplate jdbc) {
    this.jdbc = jdbc;
  }

  /** Those of {@code steps} with an external task that could be locked now. */
  List<String> among(Collection<String> steps) {
    return jdbc
        .queryForList(
            "SELECT DISTINCT TOPIC_NAME_ FROM ACT_RU_EXT_TASK WHERE SUSPENSION_STATE_ = ?"
                + " AND (RETRIES_ IS NULL OR RETRIES_ > 0)"
                + " AND (LOCK_EXP_TIME_ IS NULL OR LOCK_EXP_TIME_ <= ?)",
            String.class,
            SuspensionState.ACTIVE.getStateCode(),
            new Timestamp(ClockUtil.getCurrentTime().getTime()))
        .stream()
        .filter(steps::contains)
        .toList();
  }
}
