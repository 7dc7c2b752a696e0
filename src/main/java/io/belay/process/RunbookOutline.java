package io.belay.process;

import java.util.LinkedHashMap;
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
   */
  public record PhaseOutline(
      String activityId, String name, String estimate, List<TaskOutline> tasks) {}

  /**
   * A task of a phase.
   *
   * @param kind {@code step}, {@code gate} or {@code approval}
   * @param step bean name of the delegate; the decision's id for a gate; null for an approval
   * @param inputs the task's input parameters, expressions included
   * @param irreversible whether the model marks it so
   * @param documentation the instruction of an approval
   * @param form that a person fills in; null for a step or a gate
   */
  public record TaskOutline(
      String kind,
      String activityId,
      String name,
      String step,
      Map<String, String> inputs,
      boolean irreversible,
      String documentation,
      String form) {

    public boolean isStep() {
      return kind.equals("step");
    }

    /**
     * The inputs as the run's parameters give them; null for one that is known only in the run.
     *
     * @param parameters of the run
     */
    public Map<String, Object> inputs(Map<String, Object> parameters) {
      Map<String, Object> values = new LinkedHashMap<>();
      inputs.forEach((name, text) -> values.put(name, value(text, parameters)));
      return values;
    }

    private static Object value(String text, Map<String, Object> parameters) {
      return text.startsWith("${")
          ? parameters.get(text.substring(2, text.length() - 1).trim())
          : text;
    }
  }
}
