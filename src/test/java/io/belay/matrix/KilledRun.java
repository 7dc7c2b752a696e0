package io.belay.matrix;

import java.time.LocalDate;
import java.util.List;
import java.util.Map;

/**
 * A run that was killed.
 *
 * @param day on which
 * @param killed steps, and when
 * @param problems empty when all is as in the undisturbed run
 */
record KilledRun(
    LocalDate day,
    Scenario scenario,
    KillMoment moment,
    Map<String, String> killed,
    List<String> problems,
    double seconds) {

  boolean isGoodAt(String step) {
    return problems.isEmpty() && killed.containsKey(step);
  }
}
