package io.belay.matrix;

import java.util.List;
import org.springframework.jdbc.core.JdbcTemplate;

/** Which model a step stands in: the same activity id may be in several models of a run. */
final class StepKeys {

  private StepKeys() {}

  /**
   * @return {@code <process>/<activity>} of the activity that the run is at
   */
  static String of(JdbcTemplate jdbc, String runId, String activityId) {
    List<String> definitions =
        jdbc.queryForList(
            "SELECT e.PROC_DEF_ID_ FROM ACT_RU_EXECUTION e JOIN ACT_RU_EXECUTION p"
                + " ON p.ID_ = e.PROC_INST_ID_ WHERE p.ROOT_PROC_INST_ID_ = ? AND e.ACT_ID_ = ?",
            String.class,
            runId,
            activityId);
    String model = definitions.isEmpty() ? "unknown" : definitions.get(0).split(":")[0];
    return model + "/" + activityId;
  }
}
