package io.belay.run;

import io.belay.step.StepPlan;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * A dry run: what each step would do, with no effect.
 *
 * @param parameters as they would be used
 * @param problems what would refuse the start now; empty when it could start
 */
public record RunPlan(
    String runbook,
    String environment,
    Map<String, Object> parameters,
    List<String> problems,
    List<PlannedPhase> phases,
    List<PlannedPhase> rollback) {

  public record PlannedPhase(
      String activityId, String name, List<Duration> estimate, List<PlannedTask> tasks) {}

  /**
   * @param kind {@code step}, {@code gate} or {@code approval}
   * @param plan null for gates and approvals, and when it cannot be told yet
   * @param problem why a step could not tell what it would do; null when it could
   */
  public record PlannedTask(
      String kind,
      String activityId,
      String name,
      String step,
      StepPlan plan,
      String problem,
      String documentation,
      Duration lastTook) {}
}
