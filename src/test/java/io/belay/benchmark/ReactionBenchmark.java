package io.belay.benchmark;

import io.belay.engine.control.RunControl;
import io.belay.journal.Journal;
import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import io.belay.journal.Samples;
import io.belay.journal.Samples.StoredSample;
import io.belay.playground.EmbeddedServers;
import io.belay.playground.Fault;
import io.belay.playground.PlaygroundRunbook;
import io.belay.playground.World;
import io.belay.playground.WorldFingerprint;
import io.belay.run.RunStatus;
import io.belay.run.Runs;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.springframework.util.FileSystemUtils;

/**
 * How long users suffer from a bad candidate. In the playground, v2 has a quarter of the traffic
 * and passes its gate again and again, until all its answers are errors, from some instant of a
 * measurement on. Belay must judge, and go back.
 *
 * <p>The clock stops at the gateway, which is asked every few milliseconds: when its routes lead to
 * v1 alone, and v2 has given its last answer ({@link GatewayWatch}). It starts three times:
 *
 * <ul>
 *   <li>when the first request of a user failed. This is the time that counts for users; it
 *       contains what is left of the sampling interval, which is the gate's window, because a
 *       decision table judges a whole window
 *   <li>when the first point of the gate's plot was stored that shows errors; within the window
 *       there is one about every second
 *   <li>when the window was over in which they fell: the sample is complete that fails the gate.
 *       Everything from here on is Belay's own: the last look at the services, the verdict, the way
 *       to the undo, the gateway's change. This must be below one second. Taken as the journal's
 *       intent of the measurement, plus the window: a little before the last look
 * </ul>
 *
 * <p>Nothing is subtracted from any of them. The runbook is {@code main-server-v1-to-v2} as it is
 * delivered, its way back included, except that its start leads past backup and database migration
 * to the rollout. A try in which something else than the errors failed the gate is not counted, but
 * printed; after each one the world must be what it was before.
 *
 * <p>Arguments: tries (default 50), {@code h2} or {@code postgres} for the engine (default {@code
 * h2}).
 */
public final class ReactionBenchmark {

  private static final String RUNBOOK = RolloutOnly.RUNBOOK;
  private static final Duration WINDOW = Duration.ofSeconds(2);
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final double ERROR_LIMIT = 0.001;

  /** One way back: the instants from which it is timed, those on the way, and its end. */
  private record Try(
      Instant failing, Instant seen, Instant sampled, Instant verdict, Instant undo, Instant end) {

    double millis(Function<Try, Instant> start) {
      return millis(start, Try::end);
    }

    double millis(Function<Try, Instant> from, Function<Try, Instant> to) {
      return Duration.between(from.apply(this), to.apply(this)).toNanos() / 1e6;
    }
  }

  private final World world;
  private final BelayInside belay;
  private final Journal journal;
  private final WorldFingerprint before;
  private final Random random = new Random(1);

  private ReactionBenchmark(World world, BelayInside belay) {
    this.world = world;
    this.belay = belay;
    this.journal = belay.get(Journal.class);
    this.before = world.fingerprint();
  }

  public static void main(String[] arguments) throws Exception {
    int tries = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 50;
    boolean postgres = arguments.length > 1 && arguments[1].equals("postgres");
    Comparison.begin(System.out);
    Path directory = Files.createTempDirectory("belay-benchmark-");
    try (World world = World.start()) {
      RolloutOnly.models(directory.resolve("processes"));
      RolloutOnly.prepare(world);
      Path environments = Files.createDirectories(directory.resolve("environments"));
      Files.copy(Path.of("environments/playground.yml"), environments.resolve("playground.yml"));
      if (postgres) {
        try (EmbeddedPostgres server =
            EmbeddedServers.postgres()
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on")
                .start()) {
          measure(world, directory, server.getJdbcUrl("postgres", "postgres"), "postgres", tries);
        }
      } else {
        String url = "jdbc:h2:file:%s;DB_CLOSE_ON_EXIT=FALSE;WRITE_DELAY=0";
        measure(world, directory, url.formatted(directory.resolve("engine")), "belay", tries);
      }
    } finally {
      FileSystemUtils.deleteRecursively(directory);
    }
    System.exit(0);
  }

  private static void measure(World world, Path directory, String url, String user, int tries)
      throws Exception {
    String[] properties =
        world.properties().entrySet().stream()
            .map(property -> "--%s=%s".formatted(property.getKey(), property.getValue()))
            .toArray(String[]::new);
    try (BelayInside belay = new BelayInside(url, user, directory, properties)) {
      ReactionBenchmark benchmark = new ReactionBenchmark(world, belay);
      List<Try> counted = new ArrayList<>();
      int spoiled = 0;
      for (int number = 0; counted.size() < tries; number++) {
        Optional<Try> one = benchmark.one("try-" + number);
        if (one.isEmpty()) {
          spoiled++;
        } else if (number > 0) { // the first one warms up
          counted.add(one.get());
        }
      }
      print(counted, spoiled);
    }
  }

  /** Empty when the gate failed before it should, or for another reason. */
  private Optional<Try> one(String name) throws Exception {
    Map<String, Object> parameters =
        PlaygroundRunbook.of(RUNBOOK)
            .parameters(
                Map.of(
                    "weights",
                    "25,100",
                    "gateWindow",
                    WINDOW.toSeconds() + "s",
                    "allowedFailures",
                    0,
                    "requiredPasses",
                    100));
    String run = belay.get(RunControl.class).start(RUNBOOK, name, parameters, BelayInside.OPERATOR);
    await("the first verdict", () -> !gates(run).isEmpty() || isOver(run));
    if (gates(run).isEmpty()) {
      throw new IllegalStateException("no rollout: " + belay.get(Runs.class).find(run));
    }
    int measurements = intents(run).size();
    await("the next measurement", () -> intents(run).size() > measurements || isOver(run));
    GatewayWatch watch =
        new GatewayWatch(
            URI.create(world.properties().get("playground.gateway.admin")),
            world.properties().get("playground.gateway.token"));
    Thread.sleep(random.nextLong(WINDOW.toMillis()));
    boolean early = gates(run).stream().anyMatch(gate -> !passed(gate));
    world.fault(Fault.errorRate("v2", 1));
    await("traffic at v1 alone", watch::isRestored);
    await("the end of the run", () -> isOver(run));
    watch.finish();
    world.repair();
    requireUnchanged(run);
    if (early || watch.failing() == null || !failedByErrors(run)) {
      List<String> verdicts = gates(run).stream().map(JournalEntry::text).toList();
      System.out.printf("  %s is not counted: %s%n", name, verdicts);
      return Optional.empty();
    }
    Try one =
        new Try(
            watch.failing(), firstErrors(run), sampled(run), verdict(run), undo(run), watch.end());
    System.out.printf(
        Locale.ROOT,
        "  %s: %.0f ms after the first failed request, %.0f ms after the first point, %.0f ms after the window%n",
        name,
        one.millis(Try::failing),
        one.millis(Try::seen),
        one.millis(Try::sampled));
    return Optional.of(one);
  }

  private void requireUnchanged(String run) {
    RunStatus status = belay.get(Runs.class).status(run).orElseThrow();
    List<String> differences = world.fingerprint().differencesFrom(before);
    if (status != RunStatus.ROLLED_BACK || !differences.isEmpty()) {
      throw new IllegalStateException(
          "the run is %s, and the world differs in %s".formatted(status, differences));
    }
  }

  private boolean isOver(String run) {
    return belay.get(Runs.class).status(run).orElseThrow().isFinal();
  }

  private List<JournalEntry> gates(String run) {
    return journal.entries(run, Kind.GATE);
  }

  private static boolean passed(JournalEntry gate) {
    return gate.payload().path("verdict").asText().equals("PASS");
  }

  private List<JournalEntry> intents(String run) {
    return journal.ofStep(run, "measureHealth").stream()
        .filter(entry -> entry.kind() == Kind.INTENT)
        .toList();
  }

  private boolean failedByErrors(String run) {
    JournalEntry last = gates(run).get(gates(run).size() - 1);
    double errors = last.payload().path("inputs").path("Error rate (5xx)").asDouble();
    return !passed(last) && errors >= ERROR_LIMIT;
  }

  private Instant verdict(String run) {
    return gates(run).get(gates(run).size() - 1).at();
  }

  private Instant undo(String run) {
    return journal.ofStep(run, "restoreTraffic").get(0).at();
  }

  private Instant sampled(String run) {
    List<JournalEntry> intents = intents(run);
    return intents.get(intents.size() - 1).at().plus(WINDOW);
  }

  private Instant firstErrors(String run) {
    return belay.get(Samples.class).ofRun(run, 0, 100_000).stream()
        .filter(sample -> sample.subject().equals("candidate"))
        .filter(sample -> sample.metric().equals("errorRate5xx"))
        .filter(sample -> sample.value() >= ERROR_LIMIT)
        .map(StoredSample::at)
        .min(Comparator.naturalOrder())
        .orElseThrow();
  }

  private static void await(String what, BooleanSupplier reached) throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!reached.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new TimeoutException("no sign of " + what);
      }
      Thread.sleep(20);
    }
  }

  private static void print(List<Try> tries, int spoiled) {
    System.out.printf(
        "%n%d tries, window of the gate %d s; %d not counted%n%n",
        tries.size(), WINDOW.toSeconds(), spoiled);
    System.out.println("| all traffic at v1, counted from | median ms | p95 ms | most ms |");
    System.out.println("|---|---|---|---|");
    row("the first failed request of a user", tries, Try::failing);
    row("the first point of the plot with errors", tries, Try::seen);
    row("the end of the window that failed", tries, Try::sampled);
    System.out.printf(
        Locale.ROOT,
        "%nof the last, by median: %.0f ms to the verdict, %.0f ms from there to the undo, %.0f ms to its end at the gateway%n",
        median(tries, Try::sampled, Try::verdict),
        median(tries, Try::verdict, Try::undo),
        median(tries, Try::undo, Try::end));
  }

  private static double median(
      List<Try> tries, Function<Try, Instant> from, Function<Try, Instant> to) {
    return Comparison.median(tries.stream().map(one -> one.millis(from, to)).toList());
  }

  private static void row(String from, List<Try> tries, Function<Try, Instant> start) {
    double[] millis = tries.stream().mapToDouble(one -> one.millis(start)).sorted().toArray();
    int rank = (int) Math.ceil(0.95 * millis.length);
    System.out.printf(
        Locale.ROOT,
        "| %s | %.0f | %.0f | %.0f |%n",
        from,
        median(tries, start, Try::end),
        millis[rank - 1],
        millis[millis.length - 1]);
  }
}
