package io.belay.face.migration;

import static io.belay.journal.RunRecords.State.ROLLED_BACK;

import io.belay.capability.document.DocumentSnapshot;
import io.belay.capability.document.DocumentSnapshots;
import io.belay.capability.document.MigrationPause;
import io.belay.engine.control.RunControl;
import io.belay.face.migration.MigrationStores.Store;
import io.belay.journal.Journal;
import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import io.belay.journal.RunRecords;
import io.belay.journal.RunRecords.RunRecord;
import io.belay.model.Runbooks;
import io.belay.target.TargetException;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Starts, pauses and rolls back the runs that move a store. */
@Component
class MigrationRuns {

  private static final Logger LOG = LoggerFactory.getLogger(MigrationRuns.class);

  static final String MIGRATION = "two-database-rolling";
  static final String SNAPSHOT = "document-snapshot";
  static final String RESTORE = "document-restore";
  static final List<String> ALL = List.of(MIGRATION, SNAPSHOT, RESTORE);

  private static final int RECENT = 100;

  private final RunRecords records;
  private final RunControl control;
  private final Runbooks runbooks;
  private final DocumentSnapshots snapshots;
  private final Journal journal;

  MigrationRuns(
      RunRecords records,
      RunControl control,
      Runbooks runbooks,
      DocumentSnapshots snapshots,
      Journal journal) {
    this.records = records;
    this.control = control;
    this.runbooks = runbooks;
    this.snapshots = snapshots;
    this.journal = journal;
  }

  /** The run of any of these runbooks that has not ended. */
  Optional<RunRecord> active(Store store) {
    return records.of(store.environment().name(), ALL, RECENT).stream()
        .filter(run -> !run.state().isFinal())
        .findFirst();
  }

  Optional<RunRecord> last(Store store, List<String> of) {
    return records.of(store.environment().name(), of, 1).stream().findFirst();
  }

  List<RunRecord> recent(Store store, int limit) {
    return records.of(store.environment().name(), ALL, limit);
  }

  /**
   * Starts a migration, or resumes the paused one.
   *
   * @return id of the run
   */
  String start(Store store, String name, Map<String, Object> parameters, String user)
      throws IOException {
    Optional<RunRecord> active = active(store);
    if (active.isEmpty()) {
      return startRun(MIGRATION, store, name, parameters, user);
    }
    RunRecord run = active.get();
    boolean wanted = MigrationPause.of(store.target()).requested(run.id());
    boolean paused = run.runbook().equals(MIGRATION) && control.isPaused(run.id());
    if (!paused && !wanted) {
      throw MigrationRefused.conflict(
          "Run '%s' of %s is active; it does not wait to be resumed."
              .formatted(run.name(), run.runbook()));
    }
    if (name != null || !parameters.isEmpty()) {
      throw MigrationRefused.conflict(
          "Run '%s' is paused and goes on as it was started: resume it without name and parameters."
              .formatted(run.name()));
    }
    MigrationPause.of(store.target()).clear();
    if (paused) {
      control.resume(run.id(), user);
    } else {
      journal.append(
          JournalEntry.of(run.id(), Kind.RESUME_REQUESTED, "the pause is not wanted any more")
              .by(user));
    }
    return run.id();
  }

  String snapshot(Store store, String name, String user) {
    return startRun(SNAPSHOT, store, name, Map.of(), user);
  }

  /** Asks the migration to pause after its current chunk. */
  String pause(Store store, String user) throws IOException {
    RunRecord run =
        active(store)
            .filter(active -> active.runbook().equals(MIGRATION))
            .filter(active -> active.state() == RunRecords.State.RUNNING)
            .orElseThrow(() -> MigrationRefused.conflict("No migration runs; nothing to pause."));
    if (isMoved(run)) {
      throw MigrationRefused.conflict(
          "Run '%s' has moved the documents already; to take it back, roll it back."
              .formatted(run.name()));
    }
    if (!control.isPaused(run.id())) {
      journal.append(JournalEntry.of(run.id(), Kind.PAUSE_REQUESTED, "pause").by(user));
      MigrationPause.of(store.target()).request(run.id(), user);
    }
    return run.id();
  }

  private boolean isMoved(RunRecord run) {
    return journal.ofStep(run.id(), "migrateDocuments").stream()
        .filter(entry -> entry.kind() == Kind.RESULT)
        .anyMatch(entry -> !entry.payload().path("paused").asBoolean());
  }

  /**
   * @param run id of the run that rolls back or has rolled back
   * @param already whether nothing is left to do
   * @param laterWrites documents that applications added, changed or deleted since the completed
   *     migration that is rolled back; null if there is none, or they could not be counted
   */
  record Rollback(String run, boolean already, Long laterWrites) {}

  /**
   * Rolls back the active migration. If none is active, restores the named snapshot, or without a
   * name the state before the last migration; that only once: repeating the call changes nothing,
   * because users may have written since.
   *
   * @param snapshot may be null
   */
  Rollback rollBack(Store store, String snapshot, String reason, String user) throws IOException {
    Optional<RunRecord> active = active(store);
    if (active.isEmpty()) {
      return snapshot == null
          ? undoLast(store, user)
          : new Rollback(restore(store, snapshot, user), false, null);
    }
    RunRecord run = active.get();
    if (snapshot != null) {
      throw MigrationRefused.conflict(
          "Run '%s' of %s is active: it is rolled back to the state before it, not to a snapshot. Roll it back first, without naming one."
              .formatted(run.name(), run.runbook()));
    }
    if (run.state() == RunRecords.State.RUNNING) {
      abort(run, reason, user);
      MigrationPause.of(store.target()).clear(); // the requested pause will not come any more
    }
    return new Rollback(run.id(), false, null);
  }

  /** Undoes the last run that wrote to the store; taking a snapshot does not count. */
  private Rollback undoLast(Store store, String user) {
    RunRecord last =
        records.of(store.environment().name(), List.of(MIGRATION, RESTORE), RECENT).stream()
            .filter(run -> run.runbook().equals(MIGRATION) || run.state() != ROLLED_BACK)
            .findFirst()
            .orElseThrow(
                () ->
                    MigrationRefused.conflict(
                        "No migration was started in environment '%s', so there is none to roll back. To restore a snapshot, name it."
                            .formatted(store.environment().name())));
    boolean back =
        last.runbook().equals(MIGRATION)
            ? last.state() == ROLLED_BACK
            : last.state() == RunRecords.State.COMPLETED;
    if (back) {
      return new Rollback(last.id(), true, null);
    }
    if (last.state() != RunRecords.State.COMPLETED) {
      throw MigrationRefused.conflict(
          "Run '%s' of %s ended %s, so it is not known which state to go back to. Look at the run, then name the snapshot to restore."
              .formatted(last.name(), last.runbook(), last.state()));
    }
    DocumentSnapshot before =
        snapshots.list(store.target()).stream()
            .filter(one -> one.runId().equals(last.id()))
            .filter(DocumentSnapshot::verified)
            .findFirst()
            .orElseThrow(
                () ->
                    MigrationRefused.conflict(
                        "Run '%s' has no verified snapshot of this store any more. Name the snapshot to restore."
                            .formatted(last.name())));
    Long later = laterWrites(store, before);
    String run = restore(store, before.id(), user);
    journal.append(
        JournalEntry.of(
                run,
                Kind.LOG,
                "%s documents were added, changed or deleted since run '%s' took its snapshot; the snapshot that this run takes first keeps them"
                    .formatted(later == null ? "an unknown number of" : later, last.name()))
            .by(user));
    return new Rollback(run, false, later);
  }

  /**
   * Null if the count fails, which must not prevent a rollback: the restore itself checks the
   * snapshot.
   */
  private Long laterWrites(Store store, DocumentSnapshot before) {
    try {
      return snapshots.writtenSince(store.target(), before);
    } catch (IOException | TargetException unknown) {
      LOG.warn("what was written since {} cannot be counted", before.id(), unknown);
      return null;
    }
  }

  private void abort(RunRecord run, String reason, String user) {
    try {
      control.abort(run.id(), reason, user);
    } catch (RunControl.NotPossible notAnyMore) {
      RunRecords.State state = records.find(run.id()).map(RunRecord::state).orElseThrow();
      if (state != RunRecords.State.ROLLING_BACK && state != ROLLED_BACK) {
        throw notAnyMore;
      }
    }
  }

  private String restore(Store store, String snapshot, String user) {
    if (snapshots.list(store.target()).stream().noneMatch(one -> one.id().equals(snapshot))) {
      throw MigrationRefused.notFound("This store has no snapshot '%s'.".formatted(snapshot));
    }
    return startRun(RESTORE, store, null, Map.of("snapshot", snapshot), user);
  }

  private String startRun(
      String runbook, Store store, String name, Map<String, Object> parameters, String user) {
    if (runbooks.find(runbook).isEmpty()) {
      throw MigrationRefused.notFound("The runbook '%s' is not deployed.".formatted(runbook));
    }
    Map<String, Object> values = new HashMap<>(parameters);
    values.put("environment", store.environment().name());
    return control.start(runbook, name, values, user);
  }
}
