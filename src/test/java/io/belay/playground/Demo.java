package io.belay.playground;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.LoggerFactory;

/**
 * One run of {@code main-server-v1-to-v2} in the playground, from start to end: {@code ./belay demo
 * [--yes] [--fail=<fault>] [--strategy=blue-green|rolling]}. Exit code 0 when the run ended as
 * wanted: completed, or, when something was broken, rolled back to exactly the world of before.
 */
public final class Demo {

  private static final Duration PATIENCE = Duration.ofMinutes(6);
  private static final Set<String> FINAL =
      Set.of("COMPLETED", "ROLLED_BACK", "TAKEN_OVER", "CANCELLED");

  private final Playground playground;
  private final DemoClient belay;
  private final DemoScreen screen;
  private final DemoPeople people;
  private final DemoFault fault;
  private boolean broken;
  private boolean abortAsked;

  private Demo(Playground playground, DemoScreen screen, boolean yes, DemoFault fault) {
    this.playground = playground;
    this.screen = screen;
    this.fault = fault;
    belay = new DemoClient(playground.belay().url());
    people =
        new DemoPeople(
            belay,
            screen,
            yes
                ? null
                : new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)));
  }

  public static void main(String[] args) throws Exception {
    // The embedded servers' chatter is not what the terminal is for.
    ((Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME)).setLevel(Level.WARN);
    boolean yes = List.of(args).contains("--yes");
    Map<String, String> options = new LinkedHashMap<>();
    for (String arg : args) {
      if (!arg.equals("--yes")) {
        options.putAll(MainServer.options(new String[] {arg}));
      }
    }
    int exit;
    try {
      DemoFault fault = Optional.ofNullable(options.get("fail")).map(DemoFault::named).orElse(null);
      exit = run(yes, fault, options.getOrDefault("strategy", "blue-green"));
    } catch (IllegalArgumentException | IllegalStateException | DemoClient.Refused e) {
      System.err.println("belay: " + e.getMessage());
      exit = 2;
    }
    System.exit(exit);
  }

  private static int run(boolean yes, DemoFault fault, String strategy) throws Exception {
    DemoScreen screen = new DemoScreen();
    screen.say("starting PostgreSQL, Redis, v1 in three instances, the gateway, users, and Belay");
    try (Playground playground = Playground.start(0, 20_000)) {
      screen.say("Belay is at " + playground.belay().url() + " (user operator, password operator)");
      Demo demo = new Demo(playground, screen, yes, fault);
      return demo.run(strategy) ? 0 : 1;
    }
  }

  private boolean run(String strategy) throws Exception {
    JsonNode started =
        belay.post(
            "operator",
            "/api/runs",
            Map.of("runbook", "main-server-v1-to-v2", "parameters", parameters(strategy)));
    String id = started.path("id").asText();
    screen.say(
        "run %s: %s/runs/%s"
            .formatted(started.path("name").asText(), playground.belay().url(), id));
    playground.world().users().reset();
    JsonNode end = watch(id);
    report(id);
    return judge(end);
  }

  private Map<String, Object> parameters(String strategy) {
    Map<String, Object> parameters = new LinkedHashMap<>();
    parameters.put("environment", "playground");
    parameters.put("strategy", strategy);
    parameters.put("weights", "10,25,50,100");
    parameters.put("gateWindow", "2s");
    parameters.put("soakDuration", "4s");
    parameters.put("soakWindow", "2s");
    parameters.put("keepBaseline", "1s");
    // A busy machine may be slow for a moment, which is no reason to go back; a fault is.
    boolean strict = fault != null && fault != DemoFault.KILL;
    parameters.put("allowedFailures", strict ? 0 : 3);
    parameters.put("soakAllowedFailures", strict ? 0 : 3);
    return parameters;
  }

  private JsonNode watch(String id) throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() < deadline) {
      Optional<JsonNode> run = belay.get("/api/runs/" + id);
      if (run.isPresent()) {
        screen.show(run.get());
        if (FINAL.contains(run.get().path("status").asText())) {
          return run.get();
        }
        if (fault != null) {
          interfere(id, run.get());
        }
        if (!run.get().path("tasks").isEmpty()) {
          people.answer(id);
        }
      }
      Thread.sleep(100);
    }
    throw new IllegalStateException(
        "the run has not ended within %d minutes; Belay's log: %s"
            .formatted(PATIENCE.toMinutes(), playground.belay().log()));
  }

  private void interfere(String id, JsonNode run) throws Exception {
    String status = run.path("status").asText();
    if (!broken && fault.isDue(run, playground.world())) {
      broken = true;
      fault.cause(playground);
      screen.say("⚡ " + fault.says());
      if (fault == DemoFault.KILL) {
        playground.belay().start();
        screen.say("⚡ Belay is started again; it goes on when the dead process's locks have ended");
      }
    } else if (status.equals("INCIDENT") && !abortAsked) {
      abortAsked = true;
      belay.post("operator", "/api/runs/" + id + "/abort", Map.of("reason", "it cannot work"));
      screen.say("☒ operator: aborts the run, since trying again would not help");
    } else if (broken && fault == DemoFault.REDIS_DOWN && status.startsWith("ROLL")) {
      mendRedis(id, status);
    }
  }

  /** What is broken outside must work again before everything can be as it was. */
  private void mendRedis(String id, String status) throws Exception {
    if (!abortAsked) {
      abortAsked = true;
      playground.world().repair();
      screen.say("⚡ the Redis server is started again, since the rollback needs it");
    }
    if (status.equals("ROLLBACK_INCOMPLETE")) {
      screen.say("☑ operator: tries the failed undo again");
      try {
        belay.post("operator", "/api/runs/" + id + "/retry", Map.of());
      } catch (DemoClient.Refused already) {
        screen.say("  " + already.getMessage());
      }
    }
  }

  private void report(String id) throws IOException, InterruptedException {
    Path directory = playground.belay().log().getParent();
    for (String format : List.of("html", "json")) {
      Path file = directory.resolve("report." + format);
      try {
        Files.writeString(file, belay.text("/api/runs/" + id + "/report?format=" + format));
        screen.say("report: " + file);
      } catch (DemoClient.Refused refused) {
        screen.say("no report as " + format + ": " + refused.getMessage());
      }
    }
    JsonNode journal = belay.get("/api/journal/check").orElseGet(screen::nothing);
    screen.say(
        "journal: %s entries, %s"
            .formatted(
                journal.path("entries").asText(),
                journal.path("problems").isEmpty() ? "intact" : journal.path("problems")));
  }

  private boolean judge(JsonNode end) {
    SteadyLoad.Counts users = playground.world().users().counts();
    screen.say(
        "users: %d requests, %d failed; answered by %s"
            .formatted(users.requests(), users.failures(), users.byVersion()));
    String status = end.path("status").asText();
    String wanted = fault == null ? "COMPLETED" : fault.wantedStatus();
    screen.say(
        "the run has ended: %s%s"
            .formatted(status, end.hasNonNull("reason") ? ", " + end.path("reason").asText() : ""));
    if (!status.equals(wanted)) {
      screen.say("✗ that is not what was wanted (" + wanted + ")");
      return false;
    }
    return wanted.equals("COMPLETED") || isAsBefore();
  }

  private boolean isAsBefore() {
    World world = playground.world();
    world.repair();
    List<String> differences = world.fingerprint().differencesFrom(world.pristine());
    if (differences.isEmpty()) {
      screen.say("✓ schema, data, Redis, routes, processes and files are exactly as before");
      return true;
    }
    screen.say("✗ the world is not as it was: " + differences);
    return false;
  }
}
