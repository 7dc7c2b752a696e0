package io.belay.engine.law;

import io.belay.journal.Kind;
import io.belay.journal.RunRecords;
import io.belay.journal.RunRecords.RunRecord;
import java.util.List;
import org.camunda.bpm.engine.delegate.DelegateExecution;
import org.springframework.stereotype.Component;

/** Records that a rung of the bottom rail was reached. */
@Component
class UndoListener {

  private final RunJournal journal;
  private final RunRecords runs;
  private final RunOutcome outcomes;

  UndoListener(RunJournal journal, RunRecords runs, RunOutcome outcomes) {
    this.journal = journal;
    this.runs = runs;
    this.outcomes = outcomes;
  }

  void reached(DelegateExecution execution, String undoneActivity) {
    String reason = (String) execution.getVariable("reason");
    if (runs.rollingBack(RunJournal.runId(execution), reason)) {
      journal.append(execution, Kind.ROLLBACK_STARTED, reason);
    }
    journal.append(execution, Kind.UNDO_STARTED, undoneActivity);
  }

  /**
   * Called when the undo is done. Adds what still stands to the reason, which a notice at the end
   * of the rail shows.
   */
  void passed(DelegateExecution execution) {
    String runId = RunJournal.runId(execution);
    runs.find(runId)
        .map(RunRecord::reason)
        .ifPresent(
            reason -> {
              List<String> standing = outcomes.standing(runId);
              execution.setVariable(
                  "reason",
                  standing.isEmpty()
                      ? reason
                      : limit(reason + "; NOT TAKEN BACK: " + String.join("; ", standing)));
            });
  }

  /** The engine's text columns end at 4,000 characters. */
  private static String limit(String text) {
    return text.length() <= 3500 ? text : text.substring(0, 3499) + "…";
  }
}
