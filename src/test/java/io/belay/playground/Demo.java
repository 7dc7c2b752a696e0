package io.belay.playground;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.LoggerFactory;

/**
 * One run of {@code main-server-v1-to-v2} in the playground, from start to end, by the terminal
 * client: {@code ./belay demo [--yes] [--fail=<fault>] [--strategy=blue-green|rolling]}. Exit code
 * 0 when the run ended as wanted: completed, or, when something was broken, rolled back to exactly
 * the world of before.
 */
public final class Demo {

  /** With {@code --yes} nobody is waited for. */
  private static final Duration PATIENCE = Duration.ofMinutes(8);

  private static final PrintStream OUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);

  private final Playground playground;
  private final DemoClient belay;
  private final DemoFault fault;
  private final boolean yes;
  private boolean broken;
  private boolean acted;

  private Demo(Playground playground, boolean yes, DemoFault fault) {
    this.playground = playground;
    this.yes = yes;
    this.fault = fault;
    belay = new DemoClient(playground.belay().url());
  }

  public static void main(String[] args) throws Exception {
    // The embedded servers' chatter is not what the terminal is for.
    ((Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME)).setLevel(Level.WARN);
    QuietEnd.install();
    List<String> words = new ArrayList<>(List.of(args));
    boolean yes = words.remove("--yes");
    int exit;
    try {
      Map<String, String> options = MainServer.options(words.toArray(String[]::new));
      DemoFault fault = Optional.ofNullable(options.get("fail")).map(DemoFault::named).orElse(null);
      say("Starting PostgreSQL, Redis, v1 in three instances, the gateway, users, and Belay …");
      try (Playground playground = Playground.start(0, 20_000)) {
        Demo demo = new Demo(playground, yes, fault);
        exit = demo.run(options.getOrDefault("strategy", "blue-green")) ? 0 : 1;
      }
    } catch (IllegalArgumentException | IllegalStateException e) {
      System.err.println("belay: " + e.getMessage());
      exit = 2;
    }
    System.exit(exit);
  }

  private boolean run(String strategy) throws Exception {
    Process terminal = terminal(strategy);
    JsonNode run = null;
    try {
      playground.world().users().reset();
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (!terminal.waitFor(50, TimeUnit.MILLISECONDS)) {
        Optional<JsonNode> newest = belay.get("/api/runs?limit=1").map(runs -> runs.path(0));
        if (newest.isPresent() && newest.get().hasNonNull("id")) {
          run = newest.get();
          interfere(run.path("id").asText());
        }
        if (yes && System.nanoTime() > deadline) {
          throw new IllegalStateException(
              "the run has not ended within %d minutes; Belay's log: %s"
                  .formatted(PATIENCE.toMinutes(), playground.belay().log()));
        }
      }
    } finally {
      terminal.destroy();
    }
    if (run == null) {
      return false;
    }
    report(run.path("id").asText());
    return terminal.exitValue() == 0 && (wanted().equals("COMPLETED") || isAsBefore());
  }

  private String wanted() {
    return fault == null ? "COMPLETED" : fault.wantedStatus();
  }

  /** The command that an operator would type. */
  private Process terminal(String strategy) throws IOException {
    // A busy machine may be slow for a moment, which is no reason to go back; a fault is.
    int allowed = wanted().equals("COMPLETED") ? 3 : 0;
    List<String> command = new ArrayList<>(Java.command(System.getProperty("java.class.path")));
    command.addAll(
        List.of(
            "io.belay.terminal.Terminal",
            "run",
            "main-server-v1-to-v2",
            "--environment=playground",
            "--strategy=" + strategy,
            "--weights=10,25,50,100",
            "--gateWindow=2s",
            "--soakDuration=4s",
            "--soakWindow=2s",
            "--keepBaseline=1s",
            "--allowedFailures=" + allowed,
            "--soakAllowedFailures=" + allowed,
            "--url=" + playground.belay().url(),
            "--user=operator",
            // Ctrl-C ends the demo, and with it the world: there is nothing left to take back.
            "--quit-quietly",
            "--approver=approver",
            "--expect=" + wanted()));
    if (yes) {
      command.add("--yes");
    }
    ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
    builder.environment().put("BELAY_PASSWORD", "operator");
    builder.environment().put("BELAY_APPROVER_PASSWORD", "approver");
    return builder.start();
  }

  private void interfere(String id) throws Exception {
    if (fault == null || broken && acted) {
      return;
    }
    JsonNode run = belay.get("/api/runs/" + id).orElse(null);
    if (run == null) {
      return;
    }
    String status = run.path("status").asText();
    if (!broken) {
      if (fault.isDue(run, playground.world())) {
        broken = true;
        fault.cause(playground);
        say("⚡ " + fault.says());
        if (fault == DemoFault.KILL) {
          playground.belay().start();
          say("⚡ Belay is started again; it goes on when the dead process's locks have ended");
        }
      }
    } else if (status.equals("INCIDENT")) {
      acted = true;
      say("☒ the operator aborts the run, since trying again would not help");
      belay.post("operator", "/api/runs/" + id + "/abort", Map.of("reason", "it cannot work"));
    } else if (fault == DemoFault.REDIS_DOWN && status.equals("ROLLING_BACK")) {
      acted = true;
      say("⚡ the Redis server is started again, since the rollback needs it");
      playground.world().repair();
    }
  }

  private void report(String id) throws IOException, InterruptedException {
    Path directory = playground.belay().log().getParent();
    for (String format : List.of("html", "json")) {
      Path file = directory.resolve("report." + format);
      Files.writeString(file, belay.text("/api/runs/" + id + "/report?format=" + format));
      say("Report: " + file);
    }
    JsonNode journal = belay.get("/api/journal/check").orElseThrow();
    say(
        "Journal: %s entries, %s"
            .formatted(
                journal.path("entries").asText(),
                journal.path("intact").asBoolean() ? "intact" : journal.path("problems")));
    SteadyLoad.Counts users = playground.world().users().counts();
    say(
        "Users: %d requests, %d failed; answered by %s"
            .formatted(users.requests(), users.failures(), users.byVersion()));
  }

  private boolean isAsBefore() {
    World world = playground.world();
    world.repair();
    List<String> differences = world.fingerprint().differencesFrom(world.pristine());
    if (differences.isEmpty()) {
      say("✔ Schema, data, Redis, routes, processes and files are exactly as before.");
      return true;
    }
    say("✘ The world is not as it was: " + differences);
    return false;
  }

  private static void say(String line) {
    // The terminal client keeps a line of progress that this overwrites.
    OUT.println((System.console() == null ? "" : "\r\033[K") + line);
  }
}
