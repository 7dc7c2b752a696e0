package io.belay.benchmark;

import io.belay.engine.control.RunControl;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.camunda.bpm.engine.ManagementService;
import org.camunda.bpm.engine.TaskService;

/**
 * Starts runs that wait, half of them for a timer and half for an approval. Each holds a target of
 * its own. Few environments name all these targets one after the other, because pages show every
 * environment.
 */
final class ParkedRuns {

  static final String AT_TIMER = "at-timer";
  static final String AT_APPROVAL = "at-approval";

  private static final int STARTERS = 4;

  /** Addresses of targets up to here belong to the runs that are measured. */
  private static final int FIRST = 1 << 16;

  private final Path directory;
  private final BelayInside belay;

  ParkedRuns(Path directory, BelayInside belay) {
    this.directory = directory;
    this.belay = belay;
  }

  static void write(Path directory) throws IOException {
    Path processes = directory.resolve("processes");
    RowOfNodes.write(processes, AT_TIMER, List.of(RowOfNodes.timer("Timer", "P1D")));
    RowOfNodes.write(processes, AT_APPROVAL, List.of(RowOfNodes.approval("Task_Decide")));
    for (int starter = 0; starter < STARTERS; starter++) {
      BelayInside.environment(file(directory, starter), FIRST + starter);
    }
  }

  private static Path file(Path directory, int starter) {
    return directory.resolve("environments/parked-%d.yml".formatted(starter));
  }

  /** Returns when all of them wait. */
  void park(int runs) throws Exception {
    long begin = System.nanoTime();
    AtomicInteger next = new AtomicInteger();
    ExecutorService starters = Executors.newFixedThreadPool(STARTERS);
    try {
      List<Future<?>> all =
          IntStream.range(0, STARTERS)
              .<Future<?>>mapToObj(
                  starter ->
                      starters.submit(
                          () -> {
                            int run;
                            while ((run = next.getAndIncrement()) < runs) {
                              start(starter, run);
                              if (run > 0 && run % Math.max(1, runs / 10) == 0) {
                                progress(run, runs, begin);
                              }
                            }
                            return null;
                          }))
              .toList();
      for (Future<?> one : all) {
        one.get();
      }
    } finally {
      starters.shutdownNow();
    }
    awaitParked(runs / 2);
    progress(runs, runs, begin);
  }

  private void start(int starter, int run) throws IOException {
    BelayInside.environment(file(directory, starter), FIRST + run);
    belay
        .get(RunControl.class)
        .start(
            run % 2 == 0 ? AT_TIMER : AT_APPROVAL,
            "parked-" + run,
            Map.of("environment", "parked-" + starter),
            BelayInside.OPERATOR);
  }

  private void awaitParked(int approvals) throws InterruptedException {
    while (belay.get(ManagementService.class).createJobQuery().messages().count() > 0
        || belay.get(TaskService.class).createTaskQuery().count() < approvals) {
      Thread.sleep(200);
    }
  }

  private static void progress(int done, int all, long begin) {
    double seconds = (System.nanoTime() - begin) / 1e9;
    System.out.printf(
        Locale.ROOT, "  %d of %d runs parked, %.0f a second%n", done, all, done / seconds);
  }
}
