package io.belay.playground;

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

/** One run of the demo, started and followed by the terminal client, as an operator would. */
final class DemoRun {

  /** Who does something to the run while it goes on. */
  @FunctionalInterface
  interface Interference {

    /**
     * Looks at the run, several times a second.
     *
     * @param run as {@code GET /api/runs/{id}} tells it
     */
    void look(JsonNode run) throws Exception;
  }

  /** With {@code --yes} nobody is waited for. */
  private static final Duration PATIENCE = Duration.ofMinutes(8);

  private static final PrintStream OUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);

  private final Playground playground;
  private final DemoClient belay;
  private final boolean yes;
  private final PlaygroundRunbook runbook;

  DemoRun(Playground playground, DemoClient belay, boolean yes, PlaygroundRunbook runbook) {
    this.playground = playground;
    this.belay = belay;
    this.yes = yes;
    this.runbook = runbook;
  }

  /**
   * Starts a run and waits for its end.
   *
   * @param parameters besides the environment
   * @param wanted the status in which it should end
   * @param report name of the files with its report, without their endings
   * @return whether it ended so
   */
  boolean to(String wanted, Map<String, ?> parameters, String report, Interference interference)
      throws Exception {
    String earlier = newest().map(run -> run.path("id").asText()).orElse("");
    Process terminal = terminal(wanted, parameters);
    String id = null;
    try {
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (!terminal.waitFor(50, TimeUnit.MILLISECONDS)) {
        Optional<JsonNode> newest = newest();
        if (newest.isPresent() && !newest.get().path("id").asText().equals(earlier)) {
          id = newest.get().path("id").asText();
          Optional<JsonNode> run = belay.get("/api/runs/" + id);
          if (run.isPresent()) {
            interference.look(run.get());
          }
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
    if (id == null) {
      return false;
    }
    keepReport(id, report);
    return terminal.exitValue() == 0;
  }

  private Optional<JsonNode> newest() throws InterruptedException {
    return belay
        .get("/api/runs?limit=1")
        .map(runs -> runs.path(0))
        .filter(run -> run.hasNonNull("id"));
  }

  private Process terminal(String wanted, Map<String, ?> parameters) throws IOException {
    List<String> command = new ArrayList<>(Java.command(System.getProperty("java.class.path")));
    command.addAll(List.of("io.belay.face.terminal.Terminal", "run", runbook.key()));
    command.add("--environment=" + runbook.environment());
    parameters.forEach((name, value) -> command.add("--" + name + "=" + value));
    command.addAll(
        List.of(
            "--url=" + playground.belay().url(),
            "--user=operator",
            // Ctrl-C ends the demo, and with it the world: there is nothing left to take back.
            "--quit-quietly",
            "--approver=approver",
            "--expect=" + wanted));
    if (yes) {
      command.add("--yes");
    }
    ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
    builder.environment().put("BELAY_PASSWORD", "operator");
    builder.environment().put("BELAY_APPROVER_PASSWORD", "approver");
    return builder.start();
  }

  private void keepReport(String id, String name) throws IOException, InterruptedException {
    Path directory = playground.belay().log().getParent();
    for (String format : List.of("html", "json")) {
      Path file = directory.resolve(name + "." + format);
      Files.writeString(file, belay.text("/api/runs/" + id + "/report?format=" + format));
      say("Report: " + file);
    }
  }

  /** A line of the demo's own, between those of the terminal client. */
  static void say(String line) {
    // The terminal client keeps a line of progress that this overwrites.
    OUT.println((System.console() == null ? "" : "\r\033[K") + line);
  }
}
