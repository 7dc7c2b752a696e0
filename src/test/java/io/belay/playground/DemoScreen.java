package io.belay.playground;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What the terminal shows of a run: a line for each phase, gate and incident, and below them, where
 * the terminal can overwrite a line, what works now.
 */
final class DemoScreen {

  private static final int BAR = 24;
  private static final int WIDTH = 100;

  private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
  private final boolean overwrites = System.console() != null;
  private final Instant start = Instant.now();
  private final Set<String> told = new HashSet<>();
  private boolean dirty;

  JsonNode nothing() {
    return JsonNodeFactory.instance.arrayNode();
  }

  /** Tells what is new since the last call, in the order in which it happened. */
  void show(JsonNode run) {
    SortedMap<String, String> news = new TreeMap<>();
    for (JsonNode phase : run.path("phases")) {
      String id = phase.path("activityId").asText() + phase.path("start").asText();
      String name = (phase.path("undo").asBoolean() ? "⏪ " : "") + phase.path("name").asText();
      news.put(key(phase.path("start"), "3" + id), "▶ " + name);
      if (phase.hasNonNull("end")) {
        String took = seconds(phase.path("start"), phase.path("end"));
        news.put(
            key(phase.path("end"), "2" + id),
            "  %s: %s after %s".formatted(name, phase.path("outcome").asText("done"), took));
      }
    }
    for (JsonNode gate : run.path("gates")) {
      String verdict = gate.path("verdict").asText();
      news.put(
          key(gate.path("at"), "1" + gate.path("activityId").asText()),
          "  %s %s %s: %s"
              .formatted(
                  verdict.equals("PASS") ? "✓" : "✗",
                  gate.path("decision").asText(),
                  verdict,
                  gate.path("reason").asText()));
    }
    for (JsonNode incident : run.path("incidents")) {
      news.put(
          key(incident.path("since"), "1" + incident.path("id").asText()),
          "  ! %s has failed: %s"
              .formatted(incident.path("activityId").asText(), incident.path("message").asText()));
    }
    news.forEach(
        (key, line) -> {
          if (told.add(key)) {
            say(line);
          }
        });
    working(run.path("working"));
  }

  /** Sorts by time, and at the same time by what comes of what. */
  private static String key(JsonNode time, String what) {
    return "%020d %s".formatted(Instant.parse(time.asText()).toEpochMilli(), what);
  }

  private void working(JsonNode steps) {
    for (JsonNode step : steps) {
      if (overwrites) {
        String line = "    " + progress(step);
        out.print("\r" + line.substring(0, Math.min(WIDTH, line.length())) + "\033[K");
        out.flush();
        dirty = true;
      } else if (told.add(step.path("stepKey").asText())) {
        say("    " + step.path("step").asText());
      }
    }
  }

  private static String progress(JsonNode step) {
    long done = step.path("done").asLong();
    long total = step.path("total").asLong();
    String name = step.path("step").asText();
    String message = step.path("message").asText("");
    if (total <= 0) {
      return name + (message.isEmpty() || message.equals("null") ? " …" : " … " + message);
    }
    int full = (int) Math.min(BAR, done * BAR / total);
    return "%s [%s%s] %d %%  %d of %d %s"
        .formatted(
            name,
            "█".repeat(full),
            "·".repeat(BAR - full),
            Math.min(100, done * 100 / total),
            done,
            total,
            step.path("unit").asText(""));
  }

  void say(String line) {
    long elapsed = Duration.between(start, Instant.now()).toSeconds();
    out.printf("%s%02d:%02d %s%n", dirty ? "\r\033[K" : "", elapsed / 60, elapsed % 60, line);
    dirty = false;
  }

  void prompt(String question) {
    out.print(question);
    out.flush();
  }

  private static String seconds(JsonNode from, JsonNode to) {
    long millis =
        Duration.between(Instant.parse(from.asText()), Instant.parse(to.asText())).toMillis();
    return "%d.%d s".formatted(millis / 1000, millis % 1000 / 100);
  }
}
