package io.belay.playground;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a run of a runbook in the playground needs: parameters that make it quick, what people
 * answer, and how each of its gates can be made to say no. One place for demo and tests.
 *
 * @param key of the runbook
 * @param quick parameters for a run of seconds; a busy machine does not fail its gates
 * @param strict parameters that, put over the quick ones, let no gate forgive anything
 * @param answers what people answer at each task when all is well, by the task's id
 * @param breaks how gates say no
 */
public record PlaygroundRunbook(
    String key,
    Map<String, Object> quick,
    Map<String, Object> strict,
    Map<String, Map<String, Object>> answers,
    List<Break> breaks) {

  /**
   * A gate that says no, because something is really broken.
   *
   * @param phase id of the phase in the runbook that then does not pass
   * @param after id of the step after whose effect the fault is caused; empty: before the run
   * @param parameters of the run besides the quick and strict ones
   */
  public record Break(String phase, String after, Fault fault, Map<String, Object> parameters) {

    static Break of(String phase, String after, Fault fault) {
      return new Break(phase, after, fault, Map.of());
    }
  }

  private static final PlaygroundRunbook MAIN_SERVER =
      new PlaygroundRunbook(
          "main-server-v1-to-v2",
          Map.of(
              "environment", "playground",
              "weights", "50,100",
              "gateWindow", "2s",
              "soakWindow", "2s",
              "soakDuration", "2s",
              "keepBaseline", "1s",
              // A shared machine may be slow for a moment; that must not decide a run.
              "allowedFailures", 3,
              "soakAllowedFailures", 3),
          Map.of("allowedFailures", 0, "soakAllowedFailures", 0),
          Map.of(
              "Task_ConfirmChecklist",
              Map.of(
                  "configurationRead", true,
                  "callersInformed", true,
                  "peopleOnCall", true,
                  "noOtherChange", true),
              "Task_Approve",
              Map.of("decision", "go", "reason", "rehearsed"),
              "Task_UpdateDocumentation",
              Map.of(
                  "apiDocumentationUpdated", true,
                  "runbooksUpdated", true,
                  "dashboardsUpdated", true),
              "Task_ApproveDecommission",
              Map.of("decision", "decommission", "reason", "stable"),
              "Task_ConfirmRestore",
              Map.of("decision", "restore", "reason", "v1 needs its data")),
          List.of(
              Break.of("Phase_Preparation", "", Fault.errorRate("staging", 1)),
              Break.of("Phase_DatabaseMigration", "", Fault.named("data-corruption")),
              Break.of("Phase_ProgressiveRollout", "Task_ShiftTraffic", Fault.named("error-rate")),
              new Break(
                  "Phase_RollingUpdate",
                  "Task_ReplaceInstance",
                  Fault.named("error-rate"),
                  Map.of("strategy", "rolling")),
              new Break(
                  "Phase_Soak",
                  "Task_AnnounceSoak",
                  Fault.named("error-rate"),
                  Map.of("soakDuration", "20s"))));

  private static final List<PlaygroundRunbook> ALL = List.of(MAIN_SERVER);

  /** All runbooks that the playground has a world for. */
  public static List<PlaygroundRunbook> all() {
    return ALL;
  }

  public static Optional<PlaygroundRunbook> find(String key) {
    return ALL.stream().filter(runbook -> runbook.key().equals(key)).findFirst();
  }

  /**
   * @throws IllegalArgumentException naming those that there are
   */
  public static PlaygroundRunbook of(String key) {
    return find(key)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "the playground has no runbook '%s'; there are %s"
                        .formatted(key, ALL.stream().map(PlaygroundRunbook::key).toList())));
  }

  /** The quick parameters and those over them, changeable. */
  public Map<String, Object> parameters(Map<String, Object> over) {
    Map<String, Object> parameters = new LinkedHashMap<>(quick);
    parameters.putAll(over);
    return parameters;
  }

  /** What a person answers there; empty where nothing is known, which a form may refuse. */
  public Map<String, Object> answer(String task) {
    return answers.getOrDefault(task, Map.of());
  }
}
