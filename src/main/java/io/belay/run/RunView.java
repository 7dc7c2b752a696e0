package io.belay.run;

import io.belay.engine.control.RunActivities.OpenIncident;
import io.belay.engine.control.RunActivities.OpenTask;
import io.belay.journal.RunningSteps.RunningStep;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.springframework.lang.Nullable;

/**
 * A run as people see it.
 *
 * @param reason why it rolled back; null when it did not
 * @param standing once it has ended as {@code ROLLBACK_INCOMPLETE}: the changes that had to be
 *     taken back and still stand, a sentence each; not in lists
 * @param parameters as validated at the start
 * @param phases in the order in which they began
 * @param working steps that work now, with progress
 */
public record RunView(
    String id,
    String name,
    String runbook,
    String definitionId,
    String environment,
    String startedBy,
    Instant startedAt,
    @Nullable Instant endedAt,
    RunStatus status,
    @Nullable String reason,
    List<String> standing,
    Map<String, Object> parameters,
    List<PhaseView> phases,
    List<RunningStep> working,
    List<OpenTask> tasks,
    List<OpenIncident> incidents,
    List<GateView> gates) {

  /** Whether the run has ended; its status alone does not say. */
  public boolean hasEnded() {
    return endedAt != null;
  }

  /**
   * A phase, or an undo, of the run.
   *
   * @param activityId in the runbook's model
   * @param instanceId process instance; null when it is a single step
   * @param undo whether it belongs to the bottom rail
   * @param outcome {@code passed}, {@code failed}, {@code aborted}, {@code timedOut}, {@code
   *     undone}; null while it runs
   * @param estimate shortest and longest duration that the guide expects; may be empty
   */
  public record PhaseView(
      String activityId,
      @Nullable String instanceId,
      @Nullable String definitionId,
      @Nullable String name,
      boolean undo,
      Instant start,
      @Nullable Instant end,
      @Nullable String outcome,
      List<Duration> estimate) {}

  /** One evaluation of a gate's decision table. */
  public record GateView(
      Instant at,
      String activityId,
      String decision,
      String verdict,
      String reason,
      @Nullable Map<String, Object> inputs) {}
}
