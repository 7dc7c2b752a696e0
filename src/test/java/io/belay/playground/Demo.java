package io.belay.playground;

import static io.belay.playground.DemoRun.say;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.LoggerFactory;

/**
 * A runbook in the playground, from start to end, by the terminal client: {@code ./belay demo
 * [main-server | two-database | backend-improvements] [--yes] [--fail=<fault>]
 * [--strategy=blue-green|rolling]}. Exit code 0 when all ended as wanted: completed, or, when
 * something was broken, rolled back to exactly the world of before. Without a fault {@code
 * two-database} does both: it rolls a first run back at its end, and completes a second one.
 */
public final class Demo {

  private static final Map<String, PlaygroundRunbook> RUNBOOKS =
      Map.of(
          "main-server",
          PlaygroundRunbooks.MAIN_SERVER,
          "two-database",
          PlaygroundRunbooks.TWO_DATABASES,
          "backend-improvements",
          PlaygroundRunbooks.BACKEND_IMPROVEMENTS);

  private final Playground playground;
  private final PlaygroundRunbook runbook;
  private final DemoClient belay;
  private final DemoRun run;
  private final DemoFault fault;
  private boolean broken;
  private boolean acted;

  private Demo(Playground playground, PlaygroundRunbook runbook, boolean yes, DemoFault fault) {
    this.playground = playground;
    this.runbook = runbook;
    this.fault = fault;
    belay = new DemoClient(playground.belay().url());
    run = new DemoRun(playground, belay, yes, runbook);
  }

  public static void main(String[] args) throws Exception {
    // The embedded servers' chatter is not what the terminal is for.
    ((Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME)).setLevel(Level.WARN);
    QuietEnd.install();
    List<String> words = new ArrayList<>(List.of(args));
    boolean yes = words.remove("--yes");
    int exit;
    try {
      PlaygroundRunbook runbook = runbook(words);
      Map<String, String> options = MainServer.options(words.toArray(String[]::new));
      DemoFault fault =
          Optional.ofNullable(options.get("fail"))
              .map(name -> DemoFault.named(name, runbook))
              .orElse(null);
      say("Starting PostgreSQL, Redis, v1 in three instances, the gateway, users, and Belay …");
      try (Playground playground = Playground.start(0, 20_000)) {
        playground.world().open(runbook.environment());
        Demo demo = new Demo(playground, runbook, yes, fault);
        boolean well = demo.play(options.getOrDefault("strategy", "blue-green"));
        demo.report();
        exit = well ? 0 : 1;
      }
    } catch (IllegalArgumentException | IllegalStateException e) {
      System.err.println("belay: " + e.getMessage());
      exit = 2;
    }
    System.exit(exit);
  }

  /** The runbook that the first word names, which is then taken away. */
  private static PlaygroundRunbook runbook(List<String> words) {
    if (words.isEmpty() || words.get(0).startsWith("--")) {
      return PlaygroundRunbooks.MAIN_SERVER;
    }
    String word = words.remove(0);
    if (!RUNBOOKS.containsKey(word)) {
      throw new IllegalArgumentException(
          "there is no demo '%s'; there are %s"
              .formatted(word, RUNBOOKS.keySet().stream().sorted().toList()));
    }
    return RUNBOOKS.get(word);
  }

  private boolean play(String strategy) throws Exception {
    if (runbook.equals(PlaygroundRunbooks.TWO_DATABASES)) {
      return twoDatabases();
    }
    return runbook.equals(PlaygroundRunbooks.BACKEND_IMPROVEMENTS)
        ? backendImprovements()
        : mainServer(strategy);
  }

  private boolean mainServer(String strategy) throws Exception {
    playground.world().users().reset();
    Map<String, Object> parameters =
        parameters(Map.of("strategy", strategy, "weights", "10,25,50,100", "soakDuration", "4s"));
    boolean well = run.to(wanted(), parameters, "report", this::interfere);
    SteadyLoad.Counts users = playground.world().users().counts();
    say(
        "Users: %d requests, %d failed; answered by %s"
            .formatted(users.requests(), users.failures(), users.byVersion()));
    return well && happened() && (wanted().equals("COMPLETED") || isAsBefore());
  }

  private boolean backendImprovements() throws Exception {
    playground.world().users().close(); // those of the main server, which is not in this
    SteadyLoad users = playground.world().backend().users();
    users.reset();
    if (fault != null && fault.isDueBeforeTheRun()) {
      breakIt();
    }
    boolean well =
        run.to(
            wanted(),
            parameters(Map.of("weights", "10,25,50,100", "soakDuration", "4s")),
            "report",
            this::interfere);
    SteadyLoad.Counts counts = users.counts();
    say(
        "Users: %d requests, %d failed; answered by %s"
            .formatted(counts.requests(), counts.failures(), counts.byVersion()));
    return well && happened() && (wanted().equals("COMPLETED") || isAsBefore());
  }

  /** A demo without its fault shows nothing. */
  private boolean happened() {
    if (fault == null || broken && fault.hasHappened(playground)) {
      return true;
    }
    say("✘ Nothing was broken: the run ended before the fault took effect");
    return false;
  }

  private boolean twoDatabases() throws Exception {
    DocumentReaders readers = playground.world().readDocuments(playground.belay().url());
    boolean well = twoDatabaseRuns();
    DocumentReaders.Counts counts = readers.counts();
    say(
        "Applications: %d documents read, %d wrong; answered by %s"
            .formatted(counts.answered(), counts.wrong(), counts.bySide()));
    if (fault == null && counts.wrong() > 0) {
      say("✘ " + counts.firstWrong());
      return false;
    }
    return well;
  }

  private boolean twoDatabaseRuns() throws Exception {
    if (fault != null) {
      if (fault.isDueBeforeTheRun()) {
        breakIt();
      }
      return run.to(wanted(), parameters(Map.of()), "report", this::interfere)
          && happened()
          && (wanted().equals("COMPLETED") || isAsBefore());
    }
    say("First run: as far as the decision about the legacy files, then all the way back.");
    Map<String, Object> patient = parameters(Map.of("keepLegacy", "1h"));
    if (!run.to("ROLLED_BACK", patient, "report-1", this::abortNearTheEnd) || !isAsBefore()) {
      return false;
    }
    say("Second run: to the end.");
    return run.to("COMPLETED", parameters(Map.of()), "report-2", look -> {});
  }

  /** The operator aborts when nothing but the legacy files' removal is left. */
  private void abortNearTheEnd(JsonNode seen) throws Exception {
    if (!acted && DemoFault.hasBegun(seen, "Phase_DocumentOptimization")) {
      abort(seen, "a rehearsal of the way back");
    }
  }

  private String wanted() {
    return fault == null ? "COMPLETED" : fault.wantedStatus();
  }

  private Map<String, Object> parameters(Map<String, Object> over) {
    // A busy machine may be slow for a moment, which is no reason to go back; a fault is.
    Map<String, Object> parameters = new LinkedHashMap<>(runbook.parameters(over));
    if (fault != null && fault.isForAGate()) {
      parameters.putAll(runbook.strict());
    }
    parameters.remove("environment");
    return parameters;
  }

  private void interfere(JsonNode seen) throws Exception {
    if (fault == null || broken && acted) {
      return;
    }
    String status = seen.path("status").asText();
    if (!broken) {
      if (fault.isDue(seen, playground.world())) {
        breakIt();
      }
    } else if (status.equals("INCIDENT")) {
      say("☒ the operator aborts the run, since trying again would not help");
      abort(seen, "it cannot work");
    } else if (fault.isInTheWayBack() && status.equals("ROLLING_BACK")) {
      acted = true;
      say("⚡ it is started again, since the rollback needs it");
      playground.world().repair();
    }
  }

  private void breakIt() throws Exception {
    broken = true;
    fault.cause(playground);
    say("⚡ " + fault.says());
    if (fault == DemoFault.KILL) {
      playground.belay().start();
      say("⚡ Belay is started again; it goes on when the dead process's locks have ended");
    }
  }

  private void abort(JsonNode seen, String reason) throws Exception {
    try {
      belay.post(
          "operator", "/api/runs/" + seen.path("id").asText() + "/abort", Map.of("reason", reason));
      acted = true;
      say("☒ the operator aborts the run: " + reason);
    } catch (DemoClient.Refused betweenTwoPhases) {
      // The next look tries again.
    }
  }

  private void report() throws IOException, InterruptedException {
    JsonNode journal = belay.get("/api/journal/check").orElseThrow();
    say(
        "Journal: %s entries, %s"
            .formatted(
                journal.path("entries").asText(),
                journal.path("intact").asBoolean() ? "intact" : journal.path("problems")));
  }

  private boolean isAsBefore() {
    World world = playground.world();
    world.repair();
    List<String> differences = world.fingerprint().differencesFrom(world.pristine());
    if (differences.isEmpty()) {
      say("✔ Schema, data, documents, Redis, routes, processes and files are exactly as before.");
      return true;
    }
    say("✘ The world is not as it was: " + differences);
    return false;
  }
}
