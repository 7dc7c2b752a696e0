package io.belay.benchmark;

import io.belay.playground.EmbeddedServers;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.camunda.bpm.engine.RuntimeService;
import org.camunda.bpm.engine.runtime.ProcessInstance;
import org.springframework.util.FileSystemUtils;

/**
 * What the contract of a step costs: steps that do nothing, in Belay (intent, result, heartbeat,
 * lease, hash chain) beside the same model on a bare Camunda engine with a plain external-task
 * loop. Both on H2 in a file and on PostgreSQL with commits that wait for the disk; in one run
 * after the other (how long one step takes), and in ten runs at once (how many steps are done in
 * all), for which both have eight threads.
 *
 * <p>Arguments: steps in all (default 1000), counted rounds (default 3), {@code h2} or {@code
 * postgres} for only one of them.
 */
public final class StepOverheadBenchmark {

  private static final String RUNBOOK = "overhead";
  private static final String BELAY = "Belay";
  private static final String BARE = "bare engine";
  private static final int RUNS = 10;
  private static final int THREADS = 8;

  private final Path directory;
  private final int rounds;
  private int names;

  private StepOverheadBenchmark(Path directory, int rounds) {
    this.directory = directory;
    this.rounds = rounds;
  }

  public static void main(String[] arguments) throws Exception {
    int steps = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 1000;
    int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 3;
    String only = arguments.length > 2 ? arguments[2] : "";
    Comparison.begin(System.out);
    Path directory = Files.createTempDirectory("belay-benchmark-");
    try {
      BelayInside.environments(directory, RUNS);
      RowOfNodes.write(
          directory.resolve("processes"),
          RUNBOOK,
          IntStream.rangeClosed(1, steps / RUNS)
              .mapToObj(number -> RowOfNodes.step("Task_" + number, "doNothing"))
              .toList());
      StepOverheadBenchmark benchmark = new StepOverheadBenchmark(directory, rounds);
      if (!only.equals("postgres")) {
        benchmark.compare("H2", h2(directory, "belay"), h2(directory, "bare"), "belay");
      }
      if (!only.equals("h2")) {
        try (EmbeddedPostgres server =
            EmbeddedServers.postgres()
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on")
                .start()) {
          try (var connection = server.getPostgresDatabase().getConnection();
              var statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE belay");
            statement.execute("CREATE DATABASE bare");
          }
          benchmark.compare(
              "PostgreSQL",
              server.getJdbcUrl("postgres", "belay"),
              server.getJdbcUrl("postgres", "bare"),
              "postgres");
        }
      }
      System.exit(0);
    } finally {
      FileSystemUtils.deleteRecursively(directory);
    }
  }

  private static String h2(Path directory, String name) {
    return "jdbc:h2:file:%s;DB_CLOSE_ON_EXIT=FALSE;WRITE_DELAY=0"
        .formatted(directory.resolve(name));
  }

  private void compare(String database, String belayUrl, String bareUrl, String user)
      throws Exception {
    try (BelayInside belay = new BelayInside(belayUrl, user, directory)) {
      Path processes = directory.resolve("processes");
      try (BareEngine bare = new BareEngine(bareUrl, user, processes, "doNothing", 1)) {
        report(
            new Comparison("%s, one run after the other".formatted(database))
                .side(BELAY, () -> onlyFor(belay, bare), () -> inTurn(belay))
                .side(BARE, () -> onlyFor(bare, belay), () -> inTurn(bare)));
      }
      try (BareEngine bare = new BareEngine(bareUrl, user, processes, "doNothing", THREADS)) {
        report(
            new Comparison("%s, ten runs at once".formatted(database))
                .side(BELAY, () -> onlyFor(belay, bare), () -> atOnce(belay))
                .side(BARE, () -> onlyFor(bare, belay), () -> atOnce(bare)));
      }
    }
  }

  private static void onlyFor(BelayInside belay, BareEngine bare) throws InterruptedException {
    bare.rest();
    belay.work();
  }

  private static void onlyFor(BareEngine bare, BelayInside belay) {
    belay.rest();
    bare.work();
  }

  private void report(Comparison comparison) throws Exception {
    comparison.run(rounds, System.out).print(BARE, System.out);
  }

  private void inTurn(BelayInside belay) throws InterruptedException {
    for (int run = 1; run <= RUNS; run++) {
      await(belay.runtime(), Set.of(belay.start(RUNBOOK, "r" + ++names, run)));
    }
  }

  private void inTurn(BareEngine bare) throws InterruptedException {
    for (int run = 1; run <= RUNS; run++) {
      await(bare.runtime(), Set.of(bare.start(RUNBOOK, "r" + ++names)));
    }
  }

  private void atOnce(BelayInside belay) throws InterruptedException {
    Set<String> runs = new HashSet<>();
    for (int run = 1; run <= RUNS; run++) {
      runs.add(belay.start(RUNBOOK, "r" + ++names, run));
    }
    await(belay.runtime(), runs);
  }

  private void atOnce(BareEngine bare) throws InterruptedException {
    Set<String> runs = new HashSet<>();
    for (int run = 1; run <= RUNS; run++) {
      runs.add(bare.start(RUNBOOK, "r" + ++names));
    }
    await(bare.runtime(), runs);
  }

  /** Both sides are asked as often. */
  static void await(RuntimeService runtime, Set<String> runs) throws InterruptedException {
    Set<String> going = Set.copyOf(runs);
    while (!going.isEmpty()) {
      Thread.sleep(10);
      List<ProcessInstance> alive =
          runtime.createProcessInstanceQuery().processInstanceIds(going).list();
      going = alive.stream().map(ProcessInstance::getId).collect(Collectors.toSet());
    }
  }
}
