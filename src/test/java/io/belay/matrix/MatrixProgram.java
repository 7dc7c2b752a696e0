package io.belay.matrix;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.belay.playground.PlaygroundRunbook;
import io.belay.playground.World;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.slf4j.LoggerFactory;

/**
 * {@code ./belay matrix kills|rungs|undos}: Belay is killed at every step, every runbook is left at
 * every place, every undo fails. Writes its tables into {@code docs/reliability.md}; {@code page}
 * writes them again from what is known. Exits 1 when something was not as it should be.
 */
public final class MatrixProgram {

  private final MatrixOptions options;
  private final Consumer<String> progress;
  private final long end;
  private boolean good = true;

  private MatrixProgram(MatrixOptions options, Consumer<String> progress) {
    this.options = options;
    this.progress = progress;
    this.end = System.nanoTime() + options.longest().toNanos();
  }

  public static void main(String[] args) throws Exception {
    ((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)).setLevel(Level.WARN);
    List<String> all = Arrays.asList(args);
    String kind = all.isEmpty() ? "" : all.get(0);
    MatrixOptions options = MatrixOptions.of(all.subList(Math.min(1, all.size()), all.size()));
    Files.createDirectories(MatrixRecords.DIRECTORY);
    MatrixProgram program = new MatrixProgram(options, MatrixRecords.progress(kind));
    switch (kind) {
      case "kills" -> program.kills();
      case "rungs", "undos" -> program.inside(kind.equals("rungs"));
      case "page" -> {
        // below
      }
      default -> MatrixOptions.of(List.of("?"));
    }
    new ReliabilityPage(RunbookModel.all()).write();
    System.exit(program.good ? 0 : 1);
  }

  private boolean hasTime() {
    return System.nanoTime() < end;
  }

  private void kills() throws Exception {
    QuickStart start = new QuickStart(MatrixRecords.DIRECTORY.resolve("start"));
    try (World world = World.start()) {
      for (String runbook : options.runbooks()) {
        KilledRuns known = KilledRuns.known(runbook);
        if (!options.resume()) {
          known.runs().removeIf(run -> options.moments().contains(run.moment()));
        }
        world.open(PlaygroundRunbook.of(runbook).environment());
        Path of = Files.createTempDirectory(MatrixRecords.DIRECTORY, runbook + "-");
        BooleanSupplier goOn =
            () -> {
              known.forgetTheMended();
              known.save(runbook);
              return hasTime();
            };
        new KillMatrix(world, RunbookModel.of(runbook), of, start, known, progress)
            .runAll(options.moments(), goOn);
        good &= known.runs().stream().allMatch(run -> run.problems().isEmpty());
        if (!hasTime()) {
          return;
        }
      }
    }
  }

  private void inside(boolean rungs) throws Exception {
    try (World world = World.start();
        BelayInside belay = new BelayInside(world)) {
      for (String runbook : options.runbooks()) {
        world.open(PlaygroundRunbook.of(runbook).environment());
        RunbookModel model = RunbookModel.of(runbook);
        if (rungs) {
          leaveAll(new RungMatrix(world, model, belay, progress), runbook);
        } else {
          failAll(new UndoFaults(world, model, belay, progress), model);
        }
      }
    }
  }

  private void leaveAll(RungMatrix matrix, String runbook) {
    LeftRungs known = LeftRungs.known(runbook);
    List<Rung> rungs = matrix.rungs(known);
    for (Rung rung : rungs) {
      boolean wanted = rung.toString().contains(options.only());
      if (wanted && hasTime() && !(options.resume() && known.isGood(rung))) {
        known.put(matrix.leave(rung));
        known.save(runbook);
      }
    }
    good &= known.results().stream().allMatch(result -> result.problems().isEmpty());
  }

  private void failAll(UndoFaults faults, RunbookModel model) {
    FailedUndos.All known = FailedUndos.All.known(model.id());
    for (Scenario scenario : UndoFaults.waysBack(model)) {
      for (UndoFaults.Kind kind : UndoFaults.Kind.values()) {
        if (hasTime() && !(options.resume() && known.isGood(scenario, kind))) {
          known.put(faults.run(scenario, kind));
          known.save(model.id());
        }
      }
    }
    good &= known.results().stream().allMatch(result -> result.problems().isEmpty());
  }
}
