package io.belay.matrix;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.belay.matrix.RungMatrix.Rung;
import io.belay.playground.World;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.LoggerFactory;

/**
 * {@code ./belay matrix rungs|undos [--runbook=<id>]}: leaves all runbooks at every place, or makes
 * every undo fail; writes its table into {@code docs/reliability.md}. Exits 1 when something was
 * not as before.
 */
public final class RungMatrixProgram {

  private RungMatrixProgram() {}

  private static void write(String name, String content, String only, StringBuilder page)
      throws IOException {
    page.append(content).append("\n\n");
    if (only.isEmpty()) {
      ReliabilityPage.write(name, content.strip());
    }
  }

  public static void main(String[] args) throws Exception {
    ((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)).setLevel(Level.WARN);
    List<String> runbooks = RunbookModel.all();
    String only = "";
    for (int i = 1; i < args.length; i++) {
      if (args[i].startsWith("--runbook=")) {
        runbooks = List.of(args[i].substring("--runbook=".length()).split(","));
      } else if (args[i].startsWith("--only=")) {
        only = args[i].substring("--only=".length());
      } else {
        System.err.println("usage: matrix rungs|undos [--runbook=<id>,…] [--only=<text>]");
        System.exit(2);
      }
    }
    boolean rungs = args[0].equals("rungs");
    Path directory = Files.createDirectories(Path.of("target", "matrix"));
    Consumer<String> progress = KillMatrixProgram.progress(directory.resolve(args[0] + ".log"));
    StringBuilder page = new StringBuilder();
    boolean good = true;
    try (World world = World.start();
        BelayInside belay = new BelayInside(world)) {
      for (String runbook : runbooks) {
        RunbookModel model = RunbookModel.of(runbook);
        if (rungs) {
          RungMatrix matrix =
              new RungMatrix(world, model, belay.context(), belay.watcher(), progress);
          for (Rung rung : matrix.rungs()) {
            if (rung.toString().contains(only)) {
              good &= matrix.leave(rung).problems().isEmpty();
            }
          }
          write("rung matrix of " + runbook, ReliabilityPage.rungs(matrix), only, page);
        } else {
          UndoFaults faults =
              new UndoFaults(world, model, belay.context(), belay.watcher(), progress);
          faults.runAll();
          good &= faults.results().stream().allMatch(result -> result.problems().isEmpty());
          write("undo faults of " + runbook, ReliabilityPage.undos(faults.results()), only, page);
        }
      }
    }
    System.out.println();
    System.out.println(page);
    System.exit(good ? 0 : 1);
  }
}
