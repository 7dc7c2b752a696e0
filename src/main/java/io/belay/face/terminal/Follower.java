package io.belay.face.terminal;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;

/** Follows a run until its end, reconnecting when the connection is interrupted. */
final class Follower {

  private static final int PATIENCE = 60;
  private static final Set<String> WAITS = Set.of("WAITING_FOR_PERSON", "ROLLBACK_INCOMPLETE");

  private final Api api;
  private final Display display;
  private final Approvals approvals;
  private final Set<Long> seen = new HashSet<>();
  private final Map<String, String> phases = new HashMap<>();
  private String incidentsTold = "";
  private JsonNode end;

  Follower(Api api, Display display, Approvals approvals) {
    this.api = api;
    this.display = display;
    this.approvals = approvals;
  }

  /** Returns the run's last status event: its status, and the changes still in effect. */
  JsonNode follow(String runId) throws IOException, InterruptedException {
    String position = "0";
    int failures = 0;
    while (end == null) {
      try {
        position =
            api.events(
                "/api/runs/" + runId + "/events",
                position,
                (name, data) -> {
                  event(runId, name, data);
                  return end == null;
                });
        failures = 0;
      } catch (IOException e) {
        if (++failures > PATIENCE) {
          throw new IOException(
              "%s cannot be reached any more; the run goes on without this terminal"
                  .formatted(api.url()),
              e);
        }
        if (failures == 1) {
          display.line("wait", "  connection lost, trying again …");
        }
        Thread.sleep(1000);
      }
    }
    return end;
  }

  private void event(String runId, String name, JsonNode data) {
    switch (name) {
      case "journal" -> {
        if (seen.add(data.path("id").asLong())) {
          entry(data);
        }
      }
      case "progress" -> display.working(data);
      case "status" -> status(runId, data);
      case "end" -> end = data;
      default -> {
        // from a later version
      }
    }
  }

  private void status(String runId, JsonNode data) {
    JsonNode incidents = data.path("incidents");
    if (!incidents.isEmpty() && !incidents.toString().equals(incidentsTold)) {
      incidentsTold = incidents.toString();
      incidents.forEach(
          incident ->
              display.line(
                  "bad",
                  "  ! incident at %s: %s%n    retry, override or abort at %s/runs/%s",
                  incident.path("activityId").asText(),
                  incident.path("message").asText(),
                  api.url(),
                  runId));
    }
    if (WAITS.contains(data.path("status").asText()) || !data.path("tasks").isEmpty()) {
      try {
        approvals.answer(runId);
      } catch (IOException e) {
        display.line("bad", "    %s", e.getMessage());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void entry(JsonNode entry) {
    String text = entry.path("text").asText("");
    String activity = entry.path("activityId").asText("");
    switch (entry.path("kind").asText()) {
      case "PHASE_STARTED" -> {
        phases.put(entry.path("instanceId").asText(), text);
        display.line("strong", "▶ %s", text);
      }
      case "PHASE_ENDED" -> {
        boolean well = text.startsWith("passed") || text.startsWith("undone");
        String phase = phases.getOrDefault(entry.path("instanceId").asText(), "phase");
        display.line(well ? "good" : "bad", "%s %s %s", well ? "✔" : "✘", phase, text);
      }
      case "RESULT" -> display.line("", "    ✓ %s", activity);
      case "FAILURE" -> display.line("bad", "    ✗ %s: %s", activity, text);
      case "BUSINESS_STOP", "STOPPED" -> display.line("wait", "    ■ %s: %s", activity, text);
      case "LOG" -> display.line("quiet", "      %s", text);
      case "GATE" -> gate(entry);
      case "ROLLBACK_STARTED" -> display.line("back", "⏪ rolling back: %s", text);
      case "UNDO_STARTED" -> display.line("back", "⏪ %s", text);
      case "ABORT_REQUESTED" ->
          display.line("back", "  abort by %s: %s", entry.path("actor").asText(), text);
      case "ABORT_REFUSED" -> display.line("bad", "  the abort was not taken: %s", text);
      default -> {
        // the rest is in the report
      }
    }
  }

  private void gate(JsonNode entry) {
    String verdict = entry.at("/payload/verdict").asText("NO_DATA");
    StringJoiner numbers = new StringJoiner(", ", "      ", "");
    entry
        .at("/payload/inputs")
        .properties()
        .forEach(number -> numbers.add(number.getKey() + " " + number.getValue().asText()));
    display.line(
        verdict.equals("PASS") ? "good" : verdict.equals("FAIL") ? "bad" : "wait",
        "  ◆ %s %s: %s",
        entry.at("/payload/decision").asText("gate"),
        verdict,
        entry.at("/payload/reason").asText(""));
    display.line("quiet", "%s", numbers);
  }
}
