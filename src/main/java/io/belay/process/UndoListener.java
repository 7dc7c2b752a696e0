package io.belay.process;

import io.belay.journal.Kind;
import io.belay.journal.RunRecords;
import org.camunda.bpm.engine.delegate.DelegateExecution;
import org.springframework.stereotype.Component;

/** A rung of the bottom rail is reached. */
@Component
class UndoListener {

  private final RunJournal journal;
  private final RunRecords runs;

  UndoListener(RunJournal journal, RunRecords runs) {
    this.journal = journal;
    this.runs = runs;
  }

  void reached(DelegateExecution execution, String undoneActivity) {
    String reason = (String) execution.getVariable("reason");
    if (runs.rollingBack(RunJournal.runId(execution), reason)) {
      journal.append(execution, Kind.ROLLBACK_STARTED, reason);
    }
    journal.append(execution, Kind.UNDO_STARTED, undoneActivity);
  }
}
