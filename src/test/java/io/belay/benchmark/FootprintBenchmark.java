package io.belay.benchmark;

import io.belay.playground.EmbeddedServers;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.springframework.util.FileSystemUtils;

/**
 * What Belay takes before it does anything: how long it starts, and how much memory it has, idle
 * and while 200 people watch a run. Belay as it is packaged, in processes of its own, from their
 * start to the first answer of the health page; beside a bare Camunda with the same libraries.
 *
 * <p>Arguments: counted rounds of starts (default 5, 0 for no starts), streams (default 200).
 */
public final class FootprintBenchmark {

  private static final String BARE = "bare Camunda";
  private static final String BELAY = "Belay";
  private static final String HEALTH = "/actuator/health";

  private final EmbeddedPostgres server;
  private final Path directory;
  private final List<String> belay;
  private final List<String> bare;
  private int names;

  private FootprintBenchmark(EmbeddedPostgres server, Path directory, Package packaged)
      throws IOException {
    this.server = server;
    this.directory = directory;
    this.belay = packaged.belay();
    this.bare = packaged.bare(directory.resolve("bare"));
  }

  public static void main(String[] arguments) throws Exception {
    int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 5;
    int streams = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 200;
    Comparison.begin(System.out);
    Path directory = Files.createTempDirectory("belay-benchmark-");
    try (EmbeddedPostgres server = EmbeddedServers.postgres().start()) {
      var benchmark =
          new FootprintBenchmark(server, directory, Package.build(directory.resolve("package")));
      ParkedRuns.write(directory);
      if (rounds > 0) {
        benchmark.start(rounds);
      }
      benchmark.watch(streams);
    } finally {
      FileSystemUtils.deleteRecursively(directory);
    }
  }

  /** Every side starts twice in each round: on an empty database, and on what it left. */
  private void start(int rounds) throws Exception {
    Measures measures = new Measures(BARE, BELAY);
    System.out.println();
    for (int round = 0; round <= rounds; round++) {
      for (String database : List.of("H2", "PostgreSQL")) {
        String barely = url(database);
        String ours = url(database);
        for (String which : List.of("first start", "start")) {
          String figure = "%s, %s, s".formatted(database, which);
          measures.add(round, BARE, figure, seconds(bare, bareSettings(barely)));
          measures.add(round, BELAY, figure, seconds(belay, settings(ours)));
        }
      }
    }
    measures.print("from its start to the first answer", System.out);
  }

  private double seconds(List<String> command, Map<String, String> settings)
      throws IOException, InterruptedException {
    try (var process = new BelayProcess(directory, "s" + ++names, command, settings)) {
      return process.awaitUp(HEALTH);
    }
  }

  /** Of a new and empty database. */
  private String url(String database) throws SQLException {
    String name = "d" + ++names;
    if (database.equals("H2")) {
      return "jdbc:h2:file:%s;DB_CLOSE_ON_EXIT=FALSE;WRITE_DELAY=0"
          .formatted(directory.resolve(name));
    }
    try (var connection = server.getPostgresDatabase().getConnection();
        var statement = connection.createStatement()) {
      statement.execute("CREATE DATABASE " + name);
    }
    return server.getJdbcUrl("postgres", name);
  }

  private Map<String, String> settings(String url) {
    return BelayInside.settings(url, "postgres", directory);
  }

  private static Map<String, String> bareSettings(String url) {
    Map<String, String> all = new HashMap<>();
    all.put("spring.datasource.url", url);
    all.put("spring.datasource.username", "postgres");
    all.put("spring.liquibase.enabled", "false"); // there is no schema but the engine's
    all.put("spring.session.jdbc.initialize-schema", "always");
    all.put("spring.main.banner-mode", "off");
    all.put("logging.level.root", "WARN");
    all.put("camunda.bpm.admin-user.id", BelayInside.OPERATOR);
    all.put("camunda.bpm.admin-user.password", BelayInside.OPERATOR);
    all.put("camunda.bpm.history-level", "full");
    return all;
  }

  private void watch(int streams) throws Exception {
    try (var process = new BelayProcess(directory, "watched", belay, settings(url("PostgreSQL")))) {
      process.awaitUp(HEALTH);
      System.out.printf("%n| PostgreSQL | memory of the process, MiB | live objects, MiB |%n");
      System.out.println("|---|---|---|");
      TimeUnit.SECONDS.sleep(15);
      report("idle", process);
      try (var watched = new WatchedRun(process.url())) {
        report("idle, one run waits", process);
        watched.open(streams);
        report("%d watch it".formatted(streams), process);
        double seconds = watched.end();
        report("all gone", process);
        System.out.printf(
            Locale.ROOT,
            "%nThe end of the run was told to all %d within %.2f s%n",
            streams,
            seconds);
      }
    }
  }

  private static void report(String when, BelayProcess process)
      throws IOException, InterruptedException {
    double live = process.liveBytes() / 1048576.0;
    System.out.printf(
        Locale.ROOT, "| %s | %.0f | %.1f |%n", when, process.residentBytes() / 1048576.0, live);
  }
}
