package io.belay.engine.law;

import io.belay.journal.Journal;
import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import io.belay.model.Forms;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import org.camunda.bpm.engine.impl.persistence.entity.ExecutionEntity;
import org.camunda.bpm.engine.impl.task.TaskDefinition;
import org.springframework.stereotype.Component;

/**
 * Which files were uploaded as proofs of a task, according to the journal. The artifact's name says
 * to which execution of the task it belongs, so that one turn of a loop never counts for another.
 */
@Component
public class ProofJournal {

  private final Journal journal;

  ProofJournal(Journal journal) {
    this.journal = journal;
  }

  /** Ids of the artifacts that were uploaded to the task at which it waits, oldest first. */
  public List<String> of(ExecutionEntity execution) {
    return of(RunJournal.runId(execution), execution.getActivityInstanceId());
  }

  /** The same of the task that is that instance of its activity. */
  public List<String> of(String run, String activityInstance) {
    return journal.entries(run, Kind.ARTIFACT).stream()
        .map(JournalEntry::text)
        .filter(id -> id.startsWith(run + "/" + prefix(activityInstance)))
        .toList();
  }

  /** The name of the artifact for a file with that SHA-256. */
  public static String name(ExecutionEntity execution, String sha256) {
    return prefix(execution.getActivityInstanceId()) + sha256.substring(0, 16);
  }

  private static String prefix(String activityInstance) {
    return "proof-%s-"
        .formatted(UUID.nameUUIDFromBytes(activityInstance.getBytes(StandardCharsets.UTF_8)));
  }

  /**
   * Whether a file may be uploaded to that task. An approval takes none: its answer is bound to
   * what Belay shows, and whoever decides must not have a file beside it from somebody who may not.
   */
  public static boolean takesFiles(TaskDefinition task, Forms.Declared form) {
    return !ApprovalRules.isApproval(task, form);
  }
}
