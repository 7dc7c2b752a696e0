package io.belay.matrix;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;

/**
 * How one way back went whose undos all failed.
 *
 * @param day on which
 * @param undos that failed, in their order
 * @param problems empty when all is as it should be
 */
record FailedUndos(
    LocalDate day,
    Scenario scenario,
    UndoFaults.Kind kind,
    List<String> undos,
    List<String> problems,
    double seconds) {

  /** What is known so far of the ways back of one runbook. */
  record All(List<FailedUndos> results) {

    static All known(String runbook) {
      return MatrixRecords.read("undos-" + runbook, All.class, () -> new All(new ArrayList<>()));
    }

    void save(String runbook) {
      MatrixRecords.write("undos-" + runbook, this);
    }

    boolean isGood(Scenario scenario, UndoFaults.Kind kind) {
      return results.stream()
          .anyMatch(result -> result.isOf(scenario, kind) && result.problems().isEmpty());
    }

    void put(FailedUndos result) {
      results.removeIf(earlier -> earlier.isOf(result.scenario(), result.kind()));
      results.add(result);
    }
  }

  boolean isOf(Scenario of, UndoFaults.Kind how) {
    return kind == how && scenario.name().equals(of.name());
  }
}
