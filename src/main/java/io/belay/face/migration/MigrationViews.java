package io.belay.face.migration;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.belay.capability.document.DocumentSnapshot;
import io.belay.capability.document.MigrationProgress;
import io.belay.capability.document.QuerySetting;
import io.belay.capability.document.QueryStatistics;
import io.belay.journal.JournalEntry;
import io.belay.journal.RunningSteps.RunningStep;
import io.belay.run.RunView;
import java.util.List;
import java.util.Map;
import org.springframework.lang.Nullable;

/** Answers of the migration interface. */
final class MigrationViews {

  private MigrationViews() {}

  /**
   * @param percentage of documents moved, 0 to 100
   * @param step the current activity, for people
   * @param pausing a pause was requested and not yet reached
   * @param paused the run is waiting to be resumed
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
      @Nullable MigrationProgress migration) {}

  /**
   * The run that rolls back.
   *
   * @param laterWrites documents that applications added, changed or deleted since the completed
   *     migration: the snapshot that the run takes first keeps them. Null if no completed migration
   *     is rolled back, or they could not be counted
   */
  record Back(@JsonUnwrapped RunView run, @Nullable Long laterWrites) {}

  /** Sent between the events of the run. */
  record ProgressEvent(double percentage, MigrationProgress migration) {

    static ProgressEvent of(MigrationProgress migration) {
      return new ProgressEvent(migration.percentage(), migration);
    }
  }

  /**
   * One side.
   *
   * @param records live documents of each collection; absent if it cannot be read
   */
  record Side(
      boolean healthy,
      long documents,
      List<String> problems,
      @Nullable Map<String, Long> records) {}

  /**
   * @param lateWrites what applications wrote to legacy files after their documents were moved, one
   *     sentence per file; null if these files cannot be read
   * @param node that answers; {@code queries} and {@code statistics} count its own since its start
   */
  record Status(
      String environment,
      String target,
      QuerySetting mode,
      Side legacy,
      @JsonProperty("new") Side newSide,
      @Nullable List<String> lateWrites,
      @Nullable RunView lastRun,
      boolean pausing,
      List<DocumentSnapshot> snapshots,
      String node,
      QueryStatistics.Totals queries,
      List<QueryStatistics.Row> statistics) {}

  /**
   * @param next pass as {@code before} to get the entries before these; absent at the end
   */
  record Logs(List<JournalEntry> entries, @Nullable Long next) {}
}
