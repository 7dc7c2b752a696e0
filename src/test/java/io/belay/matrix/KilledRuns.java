package io.belay.matrix;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What is known so far of kills in the runs of one runbook.
 *
 * @param reached the steps that each scenario reaches, by its name
 */
record KilledRuns(Map<String, Set<String>> reached, List<KilledRun> runs) {

  static KilledRuns nothing() {
    return new KilledRuns(new TreeMap<>(), new ArrayList<>());
  }

  static KilledRuns known(String runbook) {
    return MatrixRecords.read("kills-" + runbook, KilledRuns.class, KilledRuns::nothing);
  }

  void save(String runbook) {
    MatrixRecords.write("kills-" + runbook, this);
  }

  boolean isGood(String step, KillMoment moment) {
    return runs.stream().anyMatch(run -> run.moment() == moment && run.isGoodAt(step));
  }

  /** Forgets what was bad and is good since. */
  void forgetTheMended() {
    runs.removeIf(
        run ->
            !run.problems().isEmpty()
                && !run.killed().isEmpty()
                && run.killed().keySet().stream().allMatch(step -> isGood(step, run.moment())));
  }
}
