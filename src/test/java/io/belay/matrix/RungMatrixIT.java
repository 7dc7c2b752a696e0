package io.belay.matrix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.belay.engine.control.RunControl;
import io.belay.matrix.Rung.Way;
import io.belay.playground.World;
import io.belay.run.RunStatus;
import io.belay.run.Runs;
import io.belay.step.StepObserver.Moment;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * A part of the rung matrix, and the undo faults, of the shortest runbook that has an undo; {@code
 * ./belay matrix rungs} and {@code ./belay matrix undos} are the whole.
 */
class RungMatrixIT {

  private static final RunbookModel MODEL = RunbookModel.of("document-restore");

  private static BelayInside belay;

  @BeforeAll
  static void start() throws Exception {
    belay = new BelayInside(World.shared());
  }

  @AfterAll
  static void stop() {
    belay.close();
    World.shared().users().rest();
  }

  @Test
  void leftInEachWay_theWorldIsAsBefore() {
    RungMatrix matrix = new RungMatrix(World.shared(), MODEL, belay, line -> {});
    List<Rung> rungs = matrix.rungs(LeftRungs.nothing());
    assertThat(rungs)
        .extracting(Rung::way)
        .contains(Way.GATE_FAILS, Way.ABORTED, Way.LATE)
        .hasSizeGreaterThan(5);

    Set<Way> ways = EnumSet.noneOf(Way.class);
    for (Rung rung : rungs) {
      if (ways.add(rung.way())) {
        assertThat(matrix.leave(rung).problems()).as("%s %s", rung.key(), rung.way()).isEmpty();
      }
    }
  }

  @Test
  void storeThatIsGone_isAnIncident_andItsRetryCompletesTheRun() throws Exception {
    World world = World.shared();
    world.reset();
    RunControl control = belay.context().getBean(RunControl.class);
    Runs runs = belay.context().getBean(Runs.class);
    Path store = world.documents();
    Path away = store.resolveSibling("documents-elsewhere");
    belay
        .watcher()
        .everywhere(
            (moment, run, activity, step) -> {
              if (moment == Moment.BEFORE_INTENT && Files.exists(store)) {
                move(store, away);
              }
            });
    RunbookModel snapshot = RunbookModel.of("document-snapshot");
    String run =
        control.start(snapshot.id(), null, new Scenarios(snapshot).parameters(0), "operator");
    try {
      await()
          .atMost(Duration.ofMinutes(2))
          .until(() -> runs.status(run).orElseThrow() == RunStatus.INCIDENT);
    } finally {
      belay.watcher().clear();
      move(away, store);
    }
    assertThat(runs.find(run).orElseThrow().incidents())
        .singleElement()
        .satisfies(incident -> assertThat(incident.message()).contains(store.toString()));

    control.retry(run, "operator");
    await()
        .atMost(Duration.ofMinutes(2))
        .until(() -> runs.status(run).orElseThrow() == RunStatus.COMPLETED);
    assertThat(world.fingerprint().differencesFrom(world.pristine())).isEmpty();
  }

  private static void move(Path from, Path to) {
    try {
      Files.move(from, to);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void undoThatFails_isFinishedOnce() {
    UndoFaults faults = new UndoFaults(World.shared(), MODEL, belay, line -> {});
    Scenario scenario = UndoFaults.waysBack(MODEL).get(0);
    for (UndoFaults.Kind kind : UndoFaults.Kind.values()) {
      FailedUndos result = faults.run(scenario, kind);
      assertThat(result.problems()).as(kind.label()).isEmpty();
      assertThat(result.undos()).as(kind.label()).isNotEmpty();
    }
  }
}
