package io.belay.model;

import java.util.List;
import java.util.Map;

/**
 * What a runbook would go through, read from its models.
 *
 * @param forward phases in the order of the top rail
 * @param undo the rungs of the bottom rail, in the order in which they are taken
 */
public record RunbookOutline(List<PhaseOutline> forward, List<PhaseOutline> undo) {

  /**
   * A phase, or an undo.
   *
   * @param activityId in the runbook
   * @param estimate the guide's estimate, as {@code shortest/longest} in ISO 8601; may be null
   * @param inputs declared ones with their values, also of the phases that it calls
   * @param problems inputs whose value breaks their rule
   */
  public record PhaseOutline(
      String activityId,
      String name,
      String estimate,
      List<TaskOutline> tasks,
      List<InputOutline> inputs,
      List<String> problems) {}

  /**
   * A declared input of a phase.
   *
   * @param value null when it is known only in the run
   */
  public record InputOutline(Parameter input, Object value) {}

  /**
   * A task of a phase.
   *
   * @param kind {@code step}, {@code gate} or {@code approval}
   * @param step bean name of the delegate; the decision's id for a gate; null for an approval
   * @param inputs the task's input parameters as the run's parameters give them; null for one that
   *     is known only in the run
   * @param irreversible whether the model marks it so
   * @param documentation the instruction of an approval
   * @param form that a person fills in; null for a step or a gate
   */
  public record TaskOutline(
      String kind,
      String activityId,
      String name,
      String step,
      Map<String, Object> inputs,
      boolean irreversible,
      String documentation,
      String form) {

    public boolean isStep() {
      return kind.equals("step");
    }
  }
}
