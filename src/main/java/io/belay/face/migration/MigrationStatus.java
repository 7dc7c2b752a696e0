package io.belay.face.migration;

import io.belay.capability.document.DocumentSnapshots;
import io.belay.capability.document.MigrationPause;
import io.belay.capability.document.MigrationProgress;
import io.belay.capability.document.QueryAdapter;
import io.belay.capability.document.QueryAdapters;
import io.belay.capability.document.QuerySide;
import io.belay.capability.document.SideHealth;
import io.belay.engine.control.RunControl;
import io.belay.face.migration.MigrationStores.Store;
import io.belay.face.migration.MigrationViews.Progress;
import io.belay.face.migration.MigrationViews.Side;
import io.belay.face.migration.MigrationViews.Status;
import io.belay.journal.RunRecords.RunRecord;
import io.belay.journal.RunningSteps;
import io.belay.journal.RunningSteps.RunningStep;
import io.belay.run.RunView;
import io.belay.run.Runs;
import io.belay.step.Node;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** The state of a store and of its migration. */
@Component
class MigrationStatus {

  private final MigrationRuns migrations;
  private final Runs runs;
  private final RunControl control;
  private final RunningSteps running;
  private final QueryAdapters adapters;
  private final DocumentSnapshots snapshots;
  private final Node node;

  MigrationStatus(
      MigrationRuns migrations,
      Runs runs,
      RunControl control,
      RunningSteps running,
      QueryAdapters adapters,
      DocumentSnapshots snapshots,
      Node node) {
    this.migrations = migrations;
    this.runs = runs;
    this.control = control;
    this.running = running;
    this.adapters = adapters;
    this.snapshots = snapshots;
    this.node = node;
  }

  Status of(Store store) throws IOException {
    QueryAdapter adapter = adapters.of(store.target());
    return new Status(
        store.environment().name(),
        store.name(),
        adapter.setting(),
        side(adapter, QuerySide.LEGACY),
        side(adapter, QuerySide.NEW),
        lateWrites(adapter),
        migrations
            .last(store, MigrationRuns.ALL)
            .map(RunRecord::id)
            .flatMap(runs::summary)
            .orElse(null),
        isPausing(store),
        snapshots.list(store.target()),
        node.name(),
        adapter.statistics().totals(),
        adapter.statistics().rows());
  }

  private boolean isPausing(Store store) throws IOException {
    Optional<RunRecord> run = migrations.last(store, List.of(MigrationRuns.MIGRATION));
    return run.isPresent() && MigrationPause.of(store.target()).requested(run.get().id());
  }

  private static Side side(QueryAdapter adapter, QuerySide side) {
    SideHealth health = adapter.health(side);
    Map<String, Long> records = new LinkedHashMap<>();
    for (String collection : adapter.collections()) {
      try {
        records.put(collection, adapter.count(side, collection));
      } catch (IOException | RuntimeException unreadable) {
        records.put(collection, null); // health tells why
      }
    }
    return new Side(health.healthy(), health.documents(), health.problems(), records);
  }

  private static List<String> lateWrites(QueryAdapter adapter) {
    try {
      return adapter.lateWrites();
    } catch (IOException | RuntimeException unreadable) {
      return null; // health tells why
    }
  }

  /** Progress of the migration that runs, or ran last. */
  Optional<Progress> progress(Store store) throws IOException {
    Optional<RunView> run =
        migrations
            .last(store, List.of(MigrationRuns.MIGRATION))
            .flatMap(record -> runs.summary(record.id()));
    if (run.isEmpty()) {
      return Optional.empty();
    }
    RunView view = run.get();
    MigrationProgress migration = migration(store, view.id());
    List<RunningStep> working = running.ofRun(view.id());
    boolean paused = !view.hasEnded() && control.isPaused(view.id());
    return Optional.of(
        new Progress(
            store.environment().name(),
            view,
            migration == null ? 0 : migration.percentage(),
            step(view, working, paused),
            MigrationPause.of(store.target()).requested(view.id()) && !paused,
            paused,
            working,
            migration));
  }

  /** Null if that run has moved nothing. */
  static MigrationProgress migration(Store store, String runId) throws IOException {
    return MigrationProgress.read(store.target())
        .filter(progress -> progress.runId().equals(runId))
        .orElse(null);
  }

  private static String step(RunView run, List<RunningStep> working, boolean paused) {
    if (paused) {
      return "paused";
    }
    if (!working.isEmpty()) {
      RunningStep step = working.get(working.size() - 1);
      return step.message() == null ? step.step() : step.step() + ": " + step.message();
    }
    return run.tasks().isEmpty()
        ? run.status().name()
        : "waits for a person: " + run.tasks().get(0).name();
  }
}
