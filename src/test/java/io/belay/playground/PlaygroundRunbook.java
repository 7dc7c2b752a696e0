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

  /** All runbooks that the playground has a world for. */
  public static List<PlaygroundRunbook> all() {
    return PlaygroundRunbooks.ALL;
  }

  public static Optional<PlaygroundRunbook> find(String key) {
    return PlaygroundRunbooks.ALL.stream().filter(runbook -> runbook.key().equals(key)).findFirst();
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
                        .formatted(
                            key,
                            PlaygroundRunbooks.ALL.stream().map(PlaygroundRunbook::key).toList())));
  }

  /** The quick parameters and those over them, changeable. */
  public Map<String, Object> parameters(Map<String, Object> over) {
    Map<String, Object> parameters = new LinkedHashMap<>(quick);
    parameters.putAll(over);
    return parameters;
  }

  /** In which it runs. */
  public String environment() {
    return quick.get("environment").toString();
  }

  /** What a person answers there; empty where nothing is known, which a form may refuse. */
  public Map<String, Object> answer(String task) {
    return answers.getOrDefault(task, Map.of());
  }
}
