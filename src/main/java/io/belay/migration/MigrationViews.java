package io.belay.migration;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.belay.document.DocumentSnapshot;
import io.belay.document.MigrationProgress;
import io.belay.document.QuerySetting;
import io.belay.document.QueryStatistics;
import io.belay.journal.JournalEntry;
import io.belay.journal.RunningSteps.RunningStep;
import io.belay.run.RunView;
import java.util.List;
import java.util.Map;

/** Answers of the migration interface. */
final class MigrationViews {

  private MigrationViews() {}

  /**
   * @param percentage of the move of the documents, 0 to 100
   * @param step what is done now, for people
   * @param pausing a pause was asked for and is not reached yet
   * @param paused the run waits to be resumed
   * @param migration absent as long as no document was moved
   */
  record Progress(
      String environment,
      RunView run,
      double percentage,
      String step,
      boolean pausing,
      boolean paused,
      List<RunningStep> working,
      MigrationProgress migration) {}

  /**
   * The run that goes back.
   *
   * @param laterWrites documents that applications added, changed or deleted since the completed
   *     migration: the snapshot that the run takes first keeps them. Null where no completed
   *     migration is gone back behind, or where they could not be counted
   */
  record Back(@JsonUnwrapped RunView run, Long laterWrites) {}

  /** What is sent between the events of the run. */
  record ProgressEvent(double percentage, MigrationProgress migration) {

    static ProgressEvent of(MigrationProgress migration) {
      return new ProgressEvent(migration.percentage(), migration);
    }
  }

  /**
   * One side.
   *
   * @param records documents alive in each collection; absent where it cannot be read
   */
  record Side(boolean healthy, long documents, List<String> problems, Map<String, Long> records) {}

  /**
   * @param lateWrites what applications wrote to legacy files after their documents were moved, a
   *     sentence for each file; null where these files cannot be read
   * @param node that answers; {@code queries} and {@code statistics} are its own, since its start
   */
  record Status(
      String environment,
      String target,
      QuerySetting mode,
      Side legacy,
      @JsonProperty("new") Side newSide,
      List<String> lateWrites,
      RunView lastRun,
      boolean pausing,
      List<DocumentSnapshot> snapshots,
      String node,
      QueryStatistics.Totals queries,
      List<QueryStatistics.Row> statistics) {}

  /**
   * @param next give it as {@code before} to have the entries before these; absent at the end
   */
  record Logs(List<JournalEntry> entries, Long next) {}
}
