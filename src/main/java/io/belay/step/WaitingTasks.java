package io.belay.step;

import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.camunda.bpm.engine.impl.persistence.entity.SuspensionState;
import org.camunda.bpm.engine.impl.util.ClockUtil;
import org.springframework.context.annotation.Profile;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.RowMapper;
import org.springframework.stereotype.Component;

/**
 * The external tasks that wait for a worker. The engine's own search, for all steps that Belay has,
 * would cost more than all the rest of a short step, and it locks what it finds in a transaction of
 * its own.
 */
@Component
@Profile("!agent")
class WaitingTasks {

  /**
   * @param retries attempts left; null before the first failure
   * @param environment of its run; null when the run has none
   */
  record WaitingTask(
      String id, String topic, String activityId, Integer retries, String environment) {}

  private static final int PAGE = 32;

  private static final String SQL =
      "SELECT T.ID_, T.TOPIC_NAME_, T.ACT_ID_, T.RETRIES_, V.TEXT_ FROM ACT_RU_EXT_TASK T"
          + " LEFT JOIN ACT_RU_VARIABLE V ON V.EXECUTION_ID_ = T.PROC_INST_ID_ AND V.NAME_ = ?"
          + " WHERE T.SUSPENSION_STATE_ = ? AND (T.RETRIES_ IS NULL OR T.RETRIES_ > 0)"
          + " AND (T.LOCK_EXP_TIME_ IS NULL OR T.LOCK_EXP_TIME_ <= ?)"
          + " ORDER BY T.PRIORITY_ DESC, T.CREATE_TIME_, T.ID_ LIMIT ? OFFSET ?";

  private static final RowMapper<WaitingTask> ROW =
      (row, number) ->
          new WaitingTask(
              row.getString(1),
              row.getString(2),
              row.getString(3),
              row.getObject(4, Integer.class),
              row.getString(5));

  private final JdbcTemplate jdbc;

  WaitingTasks(JdbcTemplate jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * The tasks that could be locked now, by priority, oldest first.
   *
   * @param most maximum number
   */
  List<WaitingTask> find(int most, Predicate<WaitingTask> wanted) {
    List<WaitingTask> found = new ArrayList<>();
    int page = Math.max(most, PAGE);
    int seen = 0;
    List<WaitingTask> rows;
    do {
      rows =
          jdbc.query(
              SQL,
              ROW,
              StepRun.ENVIRONMENT,
              SuspensionState.ACTIVE.getStateCode(),
              new Timestamp(ClockUtil.getCurrentTime().getTime()),
              page,
              seen);
      seen += rows.size();
      rows.stream().filter(wanted).limit(most - found.size()).forEach(found::add);
    } while (found.size() < most && rows.size() == page);
    return found;
  }
}
