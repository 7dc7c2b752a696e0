package io.belay.run;

import io.belay.step.StepPlan;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.springframework.lang.Nullable;

/**
 * A dry run: what each step would do, with no effect.
 *
 * @param parameters as they would be used
 * @param files that decide what commands and changelogs do, with the SHA-256 of their content; an
 *     approval is bound to them
 * @param problems why a start would be refused now; empty when it could start
 * @param rollback the rungs of a complete rollback, in the order in which they are taken
 */
public record RunPlan(
    String runbook,
    String environment,
    Map<String, Object> parameters,
    Map<String, String> files,
    List<String> problems,
    List<PlannedPhase> phases,
    List<PlannedPhase> rollback) {

  public record PlannedPhase(
      String activityId, @Nullable String name, List<Duration> estimate, List<PlannedTask> tasks) {}

  /**
   * @param kind {@code step}, {@code gate} or {@code approval}
   * @param plan null for gates and approvals, and when it is not known yet
   * @param problem why the step could not be planned; null when it could
   */
  public record PlannedTask(
      String kind,
      String activityId,
      @Nullable String name,
      @Nullable String step,
      @Nullable StepPlan plan,
      @Nullable String problem,
      @Nullable String documentation,
      @Nullable Duration lastTook) {}
}
