package io.belay.benchmark;

import io.belay.playground.Java;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Throughput of one, two and three nodes, each a process of its own, on one PostgreSQL. The steps
 * wait as for a system outside, and there are always more of them than all nodes have slots: what
 * limits is the slots, until the processor or the database does.
 */
final class SeveralNodes {

  private static final String RUNBOOK = "waiting-for-io";
  private static final int NODES = 3;

  /** Twice as many as three nodes have slots. */
  private static final int RUNS = 48;

  private static final int STEPS_OF_A_RUN = 10;
  private static final int WARM_UPS = 3;

  private final EmbeddedPostgres server;
  private final Path directory;
  private final HttpClient http = HttpClient.newHttpClient();
  private final List<BelayProcess> nodes = new ArrayList<>();
  private int names;

  SeveralNodes(EmbeddedPostgres server, Path directory) {
    this.server = server;
    this.directory = directory;
  }

  /** Each round starts the nodes that are missing, and measures all, then one fewer, then one. */
  void compare(int rounds) throws Exception {
    BelayInside.environments(directory, RUNS);
    RowOfNodes.write(
        directory.resolve("processes"),
        RUNBOOK,
        IntStream.rangeClosed(1, STEPS_OF_A_RUN)
            .mapToObj(number -> RowOfNodes.step("Task_" + number, "waitForIo"))
            .toList());
    sql("CREATE DATABASE nodes", "postgres");
    Measures measures =
        new Measures(
            IntStream.rangeClosed(1, NODES).mapToObj(SeveralNodes::side).toArray(String[]::new));
    System.out.println();
    try {
      for (int round = 1; round <= rounds; round++) {
        while (nodes.size() < NODES) {
          start();
        }
        for (int warmUp = 1; warmUp <= WARM_UPS; warmUp++) {
          perform(); // a process that was just started is slow
        }
        for (int size = NODES; size > 0; size--) {
          while (nodes.size() > size) {
            nodes.remove(size).close();
          }
          measures.add(round, side(size), "steps a second", RUNS * STEPS_OF_A_RUN / perform());
        }
      }
    } finally {
      nodes.forEach(BelayProcess::close);
    }
    measures.print(
        "PostgreSQL, steps of %d ms".formatted(BelayInside.WaitForIo.PAUSE.toMillis()), System.out);
  }

  private static String side(int size) {
    return size == 1 ? "1 node" : size + " nodes";
  }

  private void start() throws Exception {
    Map<String, String> settings =
        new HashMap<>(
            BelayInside.settings(server.getJdbcUrl("postgres", "nodes"), "postgres", directory));
    BelayProcess node =
        new BelayProcess(
            directory,
            "node" + ++names,
            List.of(
                Java.executable(),
                "-XX:+UseSerialGC",
                "-Xmx512m",
                "-cp",
                System.getProperty("java.class.path"),
                BenchmarkNode.class.getName()),
            settings);
    nodes.add(node);
    node.awaitUp("/actuator/health");
  }

  /** Seconds from the first start to the last end. */
  private double perform() throws Exception {
    long begin = System.nanoTime();
    for (int run = 1; run <= RUNS; run++) {
      HttpResponse<String> answer =
          http.send(
              HttpRequest.newBuilder(nodes.get(run % nodes.size()).url().resolve("/api/runs"))
                  .header("Authorization", ScaleBenchmark.authorization(BelayInside.OPERATOR))
                  .header("Content-Type", "application/json")
                  .POST(
                      BodyPublishers.ofString(
                          "{\"runbook\":\"%s\",\"name\":\"r%d\",\"parameters\":{\"environment\":\"e%d\"}}"
                              .formatted(RUNBOOK, ++names, run)))
                  .build(),
              BodyHandlers.ofString());
      if (answer.statusCode() != 201) {
        throw new IllegalStateException(answer.statusCode() + " " + answer.body());
      }
    }
    while (sql("SELECT count(*) FROM belay_run WHERE ended_at IS NULL", "nodes") > 0) {
      Thread.sleep(50);
    }
    if (sql("SELECT count(*) FROM belay_run WHERE state <> 'COMPLETED'", "nodes") > 0) {
      throw new IllegalStateException("not all runs have completed");
    }
    return (System.nanoTime() - begin) / 1e9;
  }

  /** The number that it answers; 0 for a statement that answers none. */
  private long sql(String statement, String database) throws SQLException {
    try (var connection = server.getDatabase("postgres", database).getConnection();
        var prepared = connection.createStatement()) {
      if (!prepared.execute(statement)) {
        return 0;
      }
      try (var rows = prepared.getResultSet()) {
        rows.next();
        return rows.getLong(1);
      }
    }
  }
}
