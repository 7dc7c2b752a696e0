package io.belay.playground;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The people around a run: approver and operator. Either they agree to everything, or whoever sits
 * at the terminal answers for them.
 */
final class DemoPeople {

  private static final Map<String, Map<String, Object>> AGREED =
      Map.of(
          "Task_Approve",
          Map.of("decision", "go", "reason", "rehearsed in the playground"),
          "Task_ApproveDecommission",
          Map.of("decision", "decommission", "reason", "v2 is stable"),
          "Task_ConfirmRestore",
          Map.of("decision", "restore", "reason", "v1 needs its data back"));

  private final DemoClient belay;
  private final DemoScreen screen;
  private final BufferedReader terminal;

  /**
   * @param terminal where answers are typed; null when everybody agrees
   */
  DemoPeople(DemoClient belay, DemoScreen screen, BufferedReader terminal) {
    this.belay = belay;
    this.screen = screen;
    this.terminal = terminal;
  }

  /** Answers what the run waits for now. */
  void answer(String runId) throws IOException, InterruptedException {
    for (JsonNode open : belay.get("/api/tasks?run=" + runId).orElseGet(screen::nothing)) {
      JsonNode task = open.path("task");
      boolean approval = task.path("groups").toString().contains("approver");
      String user = approval ? "approver" : "operator";
      Map<String, Object> values = terminal == null ? agree(open) : ask(open, user);
      try {
        belay.post(
            user, "/api/tasks/" + task.path("id").asText() + "/complete", Map.of("values", values));
        screen.say("☑ %s: %s %s".formatted(user, task.path("name").asText(), values));
      } catch (DemoClient.Refused refused) {
        screen.say("✗ %s: %s".formatted(task.path("name").asText(), refused.getMessage()));
      } catch (IOException gone) {
        return; // Belay does not answer at this moment; the task will be there again.
      }
    }
  }

  private static Map<String, Object> agree(JsonNode open) {
    Map<String, Object> known = AGREED.get(open.at("/task/activityId").asText());
    if (known != null) {
      return known;
    }
    Map<String, Object> values = new LinkedHashMap<>();
    for (JsonNode field : open.at("/form/elements")) {
      if (field.path("type").asText().equals("checkbox") && !field.path("disabled").asBoolean()) {
        values.put(field.path("key").asText(), true);
      }
    }
    return values;
  }

  private Map<String, Object> ask(JsonNode open, String user) throws IOException {
    screen.say("");
    screen.say("? %s, as %s".formatted(open.at("/task/name").asText(), user));
    screen.say(open.at("/task/description").asText("").strip());
    Map<String, Object> values = new LinkedHashMap<>();
    for (JsonNode field : open.at("/form/elements")) {
      String key = field.path("key").asText("");
      boolean shown = key.isEmpty() || "null".equals(key) || field.path("disabled").asBoolean();
      if (shown) {
        String value = field.path("value").asText("");
        screen.say("  " + field.path("label").asText() + (value.isEmpty() ? "" : ": " + value));
      } else if (field.path("type").asText().equals("checkbox")) {
        values.put(key, typed(field.path("label").asText() + " [y/n]").matches("y|Y|yes"));
      } else {
        String choices = String.join(" | ", field.path("choices").findValuesAsText("value"));
        String typed =
            typed(field.path("label").asText() + (choices.isEmpty() ? "" : " [" + choices + "]"));
        if (!typed.isBlank()) {
          values.put(key, typed);
        }
      }
    }
    return values;
  }

  private String typed(String question) throws IOException {
    screen.prompt("  " + question + ": ");
    String line = terminal.readLine();
    if (line == null) {
      throw new IllegalStateException("there is nobody to answer; use --yes");
    }
    return line.strip();
  }
}
