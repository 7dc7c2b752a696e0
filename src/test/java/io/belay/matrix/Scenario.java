package io.belay.matrix;

import io.belay.playground.Fault;
import java.util.Map;

/**
 * One way through a runbook.
 *
 * @param name for people
 * @param earlier what must have been done before; null when nothing must
 * @param abortAt activity id of the user task, or the long step, at which an operator aborts; null
 *     when nobody does
 * @param fault what is broken from the beginning, so that a gate fails; null when nothing is
 * @param cacheIsRestored whether the rollback must undo what happened to the cache meanwhile
 */
record Scenario(
    String runbook,
    String name,
    Map<String, Object> parameters,
    EarlierRun earlier,
    String abortAt,
    Fault fault,
    boolean cacheIsRestored) {

  String expectedStatus() {
    return abortAt == null && fault == null ? "COMPLETED" : "ROLLED_BACK";
  }
}
