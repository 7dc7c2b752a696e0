package io.belay.benchmark;

import io.belay.playground.EmbeddedServers;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.springframework.util.FileSystemUtils;

/**
 * What changes when thousands of runs wait, and when nodes are added.
 *
 * <p>First: Belay on an empty database beside Belay on one in which runs are parked, half at a
 * timer and half at an approval. Both on one PostgreSQL whose commits wait for the disk; in each
 * round first the one is started, measured and ended, then the other. Measured are how many runs
 * can be started in a second, how many steps are done in a second by ten runs at once, and how long
 * pages take, of which each shows 50 runs or tasks that wait, on both sides. Second: {@link
 * SeveralNodes}.
 *
 * <p>Arguments: parked runs (default 10000), counted rounds (default 3), {@code parked} or {@code
 * nodes} for only one of the parts.
 */
public final class ScaleBenchmark {

  private static final String STEPS = "steps";
  private static final String EMPTY = "nothing parked";
  private static final int RUNS = 10;
  private static final int STEPS_OF_A_RUN = 50;

  /** As many as a page shows. */
  private static final int STARTS = 50;

  private static final int REQUESTS = 60;

  private final EmbeddedPostgres server;
  private final Path directory;
  private final HttpClient http = HttpClient.newHttpClient();
  private int names;

  private ScaleBenchmark(EmbeddedPostgres server, Path directory) {
    this.server = server;
    this.directory = directory;
  }

  public static void main(String[] arguments) throws Exception {
    int parked = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 10_000;
    int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 3;
    String only = arguments.length > 2 ? arguments[2] : "";
    Comparison.begin(System.out);
    Path directory = Files.createTempDirectory("belay-benchmark-");
    try (EmbeddedPostgres server =
        EmbeddedServers.postgres()
            .setServerConfig("fsync", "on")
            .setServerConfig("synchronous_commit", "on")
            .setServerConfig("max_connections", "200")
            .start()) {
      if (!only.equals("nodes")) {
        new ScaleBenchmark(server, directory.resolve("parked")).compare(parked, rounds);
      }
      if (!only.equals("parked")) {
        new SeveralNodes(server, directory.resolve("nodes")).compare(rounds);
      }
    } finally {
      FileSystemUtils.deleteRecursively(directory);
    }
  }

  private void compare(int parked, int rounds) throws Exception {
    BelayInside.environments(directory, STARTS);
    ParkedRuns.write(directory);
    RowOfNodes.write(
        directory.resolve("processes"),
        STEPS,
        IntStream.rangeClosed(1, STEPS_OF_A_RUN)
            .mapToObj(number -> RowOfNodes.step("Task_" + number, "doNothing"))
            .toList());
    sql("CREATE DATABASE nothing");
    sql("CREATE DATABASE parked");
    System.out.printf("%nParking %d runs%n", parked);
    // Only here commits do not wait for the disk.
    try (BelayInside belay = belay("parked", "&options=-c%20synchronous_commit=off")) {
      new ParkedRuns(directory, belay).park(parked);
    }
    String full = "%d runs parked".formatted(parked);
    Measures measures = new Measures(EMPTY, full);
    for (int round = 0; round <= rounds; round++) {
      measure(measures, round, EMPTY, "nothing");
      measure(measures, round, full, "parked");
    }
    measures.print("PostgreSQL, one node", System.out);
  }

  private BelayInside belay(String database, String more) {
    return new BelayInside(server.getJdbcUrl("postgres", database) + more, "postgres", directory);
  }

  private void measure(Measures measures, int round, String side, String database)
      throws Exception {
    long begin = System.nanoTime();
    try (BelayInside belay = belay(database, "")) {
      measures.add(round, side, "start of Belay, s", seconds(begin));

      begin = System.nanoTime();
      Set<String> waiting = new HashSet<>();
      String last = "";
      for (int run = 1; run <= STARTS; run++) {
        last = belay.start(ParkedRuns.AT_APPROVAL, "r" + ++names, run);
        waiting.add(last);
      }
      measures.add(round, side, "runs started a second", STARTS / seconds(begin));
      awaitTasks(belay, waiting);

      for (String page : List.of("/", "/runs/" + last, "/api/tasks")) {
        List<Double> millis = get(belay, page);
        String name = page.startsWith("/runs/") ? "/runs/{id}" : page;
        measures.add(round, side, name + ", median ms", quantile(millis, 0.5));
        measures.add(round, side, name + ", p95 ms", quantile(millis, 0.95));
      }
      waiting.forEach(run -> belay.runtime().deleteProcessInstance(run, "measured"));

      begin = System.nanoTime();
      Set<String> runs = new HashSet<>();
      for (int run = 1; run <= RUNS; run++) {
        runs.add(belay.start(STEPS, "r" + ++names, run));
      }
      StepOverheadBenchmark.await(belay.runtime(), runs);
      measures.add(round, side, "steps a second", RUNS * STEPS_OF_A_RUN / seconds(begin));
    }
  }

  private static void awaitTasks(BelayInside belay, Set<String> runs) throws InterruptedException {
    while (belay
            .runtime()
            .createNativeProcessInstanceQuery()
            .sql(
                "SELECT count(*) FROM ACT_RU_TASK t JOIN ACT_RU_EXECUTION e ON e.ID_ = t.PROC_INST_ID_ WHERE e.ROOT_PROC_INST_ID_ IN ('%s')"
                    .formatted(String.join("','", runs)))
            .count()
        < runs.size()) {
      Thread.sleep(50);
    }
  }

  /** Milliseconds of each request; as many again before, not counted. */
  private List<Double> get(BelayInside belay, String page)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(belay.url().resolve(page))
            .header("Authorization", authorization(BelayInside.OPERATOR))
            .header("Accept", page.startsWith("/api") ? "application/json" : "text/html")
            .build();
    List<Double> millis = new ArrayList<>();
    for (int i = 0; i < 2 * REQUESTS; i++) {
      long begin = System.nanoTime();
      HttpResponse<String> answer = http.send(request, BodyHandlers.ofString());
      if (answer.statusCode() != 200) {
        throw new IllegalStateException(page + ": " + answer.statusCode() + " " + answer.body());
      }
      if (i >= REQUESTS) {
        millis.add(seconds(begin) * 1000);
      }
    }
    return millis;
  }

  /** Basic authentication; the password of each user is the name. */
  static String authorization(String user) {
    return "Basic "
        + Base64.getEncoder().encodeToString((user + ":" + user).getBytes(StandardCharsets.UTF_8));
  }

  private static double quantile(List<Double> values, double part) {
    List<Double> sorted = values.stream().sorted().toList();
    return sorted.get((int) Math.ceil(part * sorted.size()) - 1);
  }

  private static double seconds(long begin) {
    return (System.nanoTime() - begin) / 1e9;
  }

  private void sql(String statement) throws SQLException {
    try (var connection = server.getPostgresDatabase().getConnection();
        var prepared = connection.createStatement()) {
      prepared.execute(statement);
    }
  }
}
