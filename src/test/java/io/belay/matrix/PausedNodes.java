package io.belay.matrix;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.belay.matrix.PeopleOfARun.Outcome;
import io.belay.playground.Effects;
import io.belay.playground.EmbeddedServers;
import io.belay.playground.World;
import io.belay.playground.WorldFingerprint;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * Nodes that lost their lock but live: each is paused with SIGSTOP in the middle of a step, beyond
 * its lock, until the next node has taken over. When the run has ended all of them go on, and
 * nothing may happen any more.
 */
final class PausedNodes {

  private static final Duration PATIENCE = Duration.ofMinutes(6);

  /**
   * @param paused steps at which nodes were paused, in that order
   * @param problems empty when what the nodes did afterwards changed nothing
   */
  record Result(List<String> paused, Outcome outcome, List<String> problems) {}

  private final World world;
  private final Path directory;
  private final QuickStart start;
  private final List<Process> nodes = new ArrayList<>();

  PausedNodes(World world, Path directory) throws IOException {
    this.world = world;
    this.directory = directory;
    this.start = new QuickStart(directory.resolve("start"));
  }

  /**
   * @param pauses one node for each: the step, and when it is paused there
   */
  Result run(Scenario scenario, Map<String, KillMoment> pauses) throws Exception {
    world.reset();
    WorldFingerprint before = world.fingerprint();
    Effects earlier = world.effects();
    List<String> problems = new ArrayList<>();
    try (EmbeddedPostgres engine = EmbeddedServers.postgres().start()) {
      for (Map.Entry<String, KillMoment> pause : pauses.entrySet()) {
        Path of = directory.resolve("node-" + nodes.size());
        Process node = launch(of, scenario, Map.of(pause.getKey(), pause.getValue()), engine);
        await(pause.getKey(), () -> isStopped(node) || !node.isAlive());
        if (!node.isAlive()) {
          throw new IllegalStateException(
              "the node ended before it was paused:\n" + Files.readString(of.resolve("belay.log")));
        }
      }
      Path last = directory.resolve("last");
      Process node = launch(last, scenario, Map.of(), engine);
      await("the end of the run", () -> Files.exists(last.resolve("outcome.json")));
      node.waitFor();
      Outcome outcome =
          new ObjectMapper().readValue(last.resolve("outcome.json").toFile(), Outcome.class);
      WorldFingerprint after = world.fingerprint();
      Effects effects = world.effects().since(earlier);

      for (Process paused : nodes.subList(0, pauses.size())) {
        signal(paused, "CONT");
      }
      for (Process paused : nodes.subList(0, pauses.size())) {
        if (!paused.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
          problems.add("a node that went on did not come to its end");
        }
      }
      world
          .fingerprint()
          .differencesFrom(after)
          .forEach(difference -> problems.add("afterwards, world: " + difference));
      world
          .effects()
          .since(earlier)
          .differencesFrom(effects)
          .forEach(difference -> problems.add("afterwards, effect: " + difference));
      if (!outcome.status().equals(scenario.expectedStatus())) {
        problems.add("it ended " + outcome);
      }
      if (scenario.expectedStatus().equals("ROLLED_BACK")) {
        after.differencesFrom(before).forEach(difference -> problems.add("world: " + difference));
      }
      // What the nodes found in the journal when they went on.
      for (Path of : directories()) {
        Outcome seen =
            new ObjectMapper().readValue(of.resolve("outcome.json").toFile(), Outcome.class);
        seen.chainProblems().forEach(problem -> problems.add("journal: " + problem));
        seen.doubleResults().forEach(step -> problems.add("two results: " + step));
      }
      return new Result(List.copyOf(pauses.keySet()), outcome, problems);
    } finally {
      nodes.forEach(Process::destroyForcibly);
      nodes.clear();
    }
  }

  private List<Path> directories() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> Files.exists(file.resolve("outcome.json"))).toList();
    }
  }

  private Process launch(
      Path of, Scenario scenario, Map<String, KillMoment> plan, EmbeddedPostgres engine)
      throws IOException {
    BelayUnderFire.prepare(of, scenario, plan, Map.of());
    Map<String, String> more = new LinkedHashMap<>();
    more.put("belay.test.signal", "STOP");
    more.put("belay.artifacts.directory", directory.resolve("artifacts").toString());
    more.put("spring.datasource.url", engine.getJdbcUrl("postgres", "postgres"));
    more.put("spring.datasource.username", "postgres");
    more.put("spring.datasource.password", "postgres");
    more.put("spring.datasource.hikari.maximum-pool-size", "15");
    Path settings = BelayUnderFire.settings(world, of, more);
    Process node =
        BelayUnderFire.launch(
            world, start.java(false), settings, of.resolve("belay.log"), !nodes.isEmpty());
    nodes.add(node);
    return node;
  }

  private void await(String what, BooleanSupplier condition) throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      try (Stream<Path> files = Files.list(directory)) {
        for (Path of : files.toList()) {
          Path done = of.resolve(PeopleOfARun.AT_ABORT + PeopleOfARun.DONE);
          if (Files.exists(of.resolve(PeopleOfARun.AT_ABORT)) && !Files.exists(done)) {
            Files.createFile(done);
          }
        }
      }
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException("waited in vain for " + what);
      }
      TimeUnit.MILLISECONDS.sleep(100);
    }
  }

  private static boolean isStopped(Process process) {
    try {
      String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
      return stat.charAt(stat.lastIndexOf(')') + 2) == 'T';
    } catch (IOException e) {
      return false;
    }
  }

  private static void signal(Process process, String signal) throws Exception {
    new ProcessBuilder("kill", "-s", signal, String.valueOf(process.pid())).start().waitFor();
  }
}
