package io.belay.nodes;

import static org.assertj.core.api.Assertions.assertThat;

import io.belay.playground.EmbeddedServers;
import io.belay.playground.Scratch;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/** Three nodes on one PostgreSQL, with an environment for each run, since a target has one run. */
final class Cluster implements AutoCloseable {

  /** Of the cache that no step of these tests uses; masked wherever it is told. */
  static final String CACHE_PASSWORD = "secret-of-the-cache";

  private static final Duration START_WITHIN = Duration.ofMinutes(10);

  private final Path directory;
  private final EmbeddedPostgres engine;
  private final EffectCounter target = new EffectCounter();
  private final List<NodeProcess> nodes = new ArrayList<>();
  private final People people = new People();

  Cluster(int size, int environments) throws IOException {
    directory = Scratch.directory("cluster");
    engine = EmbeddedServers.postgres().start();
    Path files = Files.createDirectory(directory.resolve("environments"));
    for (int i = 1; i <= environments; i++) {
      Files.writeString(files.resolve("e" + i + ".yml"), environment(i));
    }
    for (int i = 1; i <= size; i++) {
      nodes.add(
          new NodeProcess(directory, "node" + i, CountingBelay.freePort(), properties(files)));
    }
  }

  static String environment(int number) {
    return """
    targets:
      cache:
        type: redis
        host: 127.0.0.1
        port: %d
        password: %s
    """
        .formatted(number, CACHE_PASSWORD);
  }

  private Map<String, String> properties(Path environments) {
    Map<String, String> all = new HashMap<>(users());
    all.putAll(
        Map.of(
            "spring.datasource.url", engine.getJdbcUrl("postgres", "postgres"),
            "spring.datasource.username", "postgres",
            "spring.datasource.password", "postgres",
            "spring.datasource.hikari.maximum-pool-size", "20",
            "belay.processes", "src/test/resources/web/processes",
            "belay.environments", environments.toString(),
            "belay.artifacts.directory", directory.resolve("artifacts").toString(),
            "belay.test.target", target.url(),
            "belay.step.lock", "15s"));
    all.put("belay.step.heartbeat", "1s");
    all.put("belay.step.short-limit", "14s");
    all.put("camunda.bpm.job-execution.lock-time-in-millis", "20000");
    return all;
  }

  static Map<String, String> users() {
    Map<String, String> users = new HashMap<>();
    users.put("belay.security.playground", "true");
    Map.of("vera", "viewer", "olga", "operator", "anna", "approver", "adam", "administrator")
        .forEach(
            (name, role) -> {
              users.put("belay.security.users." + name + ".password", name);
              users.put("belay.security.users." + name + ".roles", role);
            });
    return users;
  }

  /** Starts all of them at the same moment, on an empty database. */
  void start() throws IOException, InterruptedException {
    for (NodeProcess node : nodes) {
      node.start();
    }
    for (NodeProcess node : nodes) {
      awaitUp(node);
    }
  }

  void awaitUp(NodeProcess node) throws InterruptedException {
    long deadline = System.nanoTime() + START_WITHIN.toNanos();
    while (!node.isUp(people.client())) {
      assertThat(node.isAlive() && System.nanoTime() < deadline)
          .as("the node starts; the end of its log:\n%s", node.endOfLog())
          .isTrue();
      Thread.sleep(300);
    }
  }

  List<NodeProcess> nodes() {
    return nodes;
  }

  /** A node whose directory for artifacts is another than that of the others. */
  NodeProcess stranger() throws IOException {
    Map<String, String> properties = properties(directory.resolve("environments"));
    properties.put("belay.artifacts.directory", directory.resolve("elsewhere").toString());
    return new NodeProcess(directory, "stranger", CountingBelay.freePort(), properties);
  }

  /** Some node that is not known to be dead. */
  NodeProcess any() {
    List<NodeProcess> alive = nodes.stream().filter(NodeProcess::isAlive).toList();
    return alive.get(ThreadLocalRandom.current().nextInt(alive.size()));
  }

  EffectCounter target() {
    return target;
  }

  People people() {
    return people;
  }

  @Override
  public void close() throws IOException {
    nodes.forEach(NodeProcess::close);
    target.close();
    engine.close();
  }
}
