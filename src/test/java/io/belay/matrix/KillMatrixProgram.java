package io.belay.matrix;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.belay.matrix.KillMatrix.KilledRun;
import io.belay.playground.World;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.LoggerFactory;

/**
 * {@code ./belay matrix [--runbook=<id>] [--moments=MIDDLE,…]}: the kill matrix of all runbooks, or
 * of one; writes its table into {@code docs/reliability.md}. Exits 1 when a run did not end as an
 * undisturbed one.
 */
public final class KillMatrixProgram {

  private KillMatrixProgram() {}

  public static void main(String[] args) throws Exception {
    ((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)).setLevel(Level.WARN);
    List<String> runbooks = RunbookModel.all();
    List<KillMoment> moments = List.of(KillMoment.values());
    for (String arg : args) {
      if (arg.startsWith("--runbook=")) {
        runbooks = List.of(arg.substring("--runbook=".length()).split(","));
      } else if (arg.startsWith("--moments=")) {
        moments =
            Arrays.stream(arg.substring("--moments=".length()).split(","))
                .map(KillMoment::valueOf)
                .toList();
      } else {
        System.err.println("usage: matrix [--runbook=<id>,…] [--moments=<moment>,…]");
        System.exit(2);
      }
    }
    Path directory = Files.createDirectories(Path.of("target", "matrix")).toAbsolutePath();
    Consumer<String> progress = progress(directory.resolve("kills.log"));
    boolean good = true;
    StringBuilder page = new StringBuilder();
    try (World world = World.start()) {
      for (String runbook : runbooks) {
        Path of = Files.createTempDirectory(directory, runbook + "-").toAbsolutePath();
        KillMatrix matrix = new KillMatrix(world, RunbookModel.of(runbook), of, progress);
        Path results = directory.resolve(runbook + ".json");
        matrix.load(results, moments);
        matrix.runAll(
            moments,
            () -> {
              matrix.save(results);
              ReliabilityPage.write("kill matrix of " + runbook, of(matrix));
            });
        page.append(of(matrix)).append("\n\n");
        good &= matrix.runs().stream().map(KilledRun::problems).allMatch(List::isEmpty);
      }
    }
    System.out.println();
    System.out.println(page);
    System.exit(good ? 0 : 1);
  }

  private static String of(KillMatrix matrix) {
    return ReliabilityPage.kills(matrix, List.of(KillMoment.values()))
        + "\n\n"
        + ReliabilityPage.unreached(matrix.unreached());
  }

  /** One line that is written over, and a file that keeps them. */
  static Consumer<String> progress(Path log) {
    return line -> {
      String text = LocalTime.now().truncatedTo(ChronoUnit.SECONDS) + " " + line.strip();
      System.out.printf("\r\033[K%s%s", text, line.endsWith("\n") ? "\n" : "");
      System.out.flush();
      try {
        Files.writeString(log, text + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    };
  }
}
