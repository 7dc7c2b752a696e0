package io.belay.face.terminal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/**
 * Answers the tasks of a run: all with yes if so told, else by asking at the prompt. A task for
 * approvers is answered as the approver, since the starter of a run may never approve it.
 */
final class Approvals {

  private final Api operator;
  private final Api approver;
  private final boolean yes;
  private final Keyboard keyboard;
  private final Display display;
  private final Set<String> asked = new HashSet<>();

  /**
   * @param approver null when nobody here can approve
   * @param keyboard null when nobody can be asked
   */
  Approvals(Api operator, Api approver, boolean yes, Keyboard keyboard, Display display) {
    this.operator = operator;
    this.approver = approver;
    this.yes = yes;
    this.keyboard = keyboard;
    this.display = display;
  }

  void answer(String runId) throws IOException, InterruptedException {
    for (JsonNode open : operator.get("/api/tasks?run=" + runId)) {
      JsonNode task = open.path("task");
      if (!asked.add(task.path("id").asText())) {
        continue;
      }
      String name = task.path("name").asText();
      boolean forApprovers = task.path("groups").toString().contains("\"approver\"");
      Api person = forApprovers ? approver : operator;
      if (person == null || !yes && keyboard == null) {
        display.line(
            "wait",
            "  ? %s: waits for %s, at %s/runs/%s",
            name,
            task.path("groups"),
            operator.url(),
            runId);
        continue;
      }
      display.line("wait", "  ? %s (as %s)", name, person.user());
      complete(person, task, open.at("/form/elements"));
    }
  }

  private void complete(Api person, JsonNode task, JsonNode elements)
      throws IOException, InterruptedException {
    ObjectNode body = Api.JSON.createObjectNode();
    ObjectNode values = body.putObject("values");
    for (JsonNode element : elements) {
      if (element.path("key").isNull()) {
        continue;
      }
      if (element.path("disabled").asBoolean()) {
        if (!yes) {
          display.line("quiet", "%s", element.path("value").asText("").indent(6).stripTrailing());
        }
      } else if (yes) {
        agree(element, values);
      } else {
        ask(element, values);
      }
    }
    try {
      person.post("/api/tasks/" + task.path("id").asText() + "/complete", body);
      display.line("good", "    answered: %s", values);
    } catch (Api.Refused refused) {
      display.line("bad", "    %s", refused.getMessage());
      if (!yes && refused.status == 422) {
        asked.remove(task.path("id").asText());
      }
    }
  }

  /** Fills in agreement. By convention, the first choice of a form is the one that goes on. */
  private static void agree(JsonNode element, ObjectNode values) {
    String key = element.path("key").asText();
    if (element.path("type").asText().equals("checkbox")) {
      values.put(key, true);
    } else if (!element.path("choices").isEmpty()) {
      values.put(key, element.at("/choices/0/value").asText());
    } else if (element.path("required").asBoolean()) {
      values.put(key, "answered with --yes");
    }
  }

  private void ask(JsonNode element, ObjectNode values) throws IOException, InterruptedException {
    String key = element.path("key").asText();
    String label = element.path("label").asText(key);
    JsonNode choices = element.path("choices");
    if (element.path("type").asText().equals("checkbox")) {
      values.put(key, isYes(label));
      return;
    }
    if (choices.isEmpty()) {
      String text =
          read(label + (element.path("required").asBoolean() ? ": " : " (may be empty): "));
      if (!text.isBlank()) {
        values.put(key, text);
      }
      return;
    }
    for (int index = 0; index < choices.size(); index++) {
      display.line("", "      %d  %s", index + 1, choices.get(index).path("label").asText());
    }
    while (true) {
      String number = read(label + " [1-" + choices.size() + "] ");
      if (number.matches("\\d{1,2}")
          && Integer.parseInt(number) >= 1
          && Integer.parseInt(number) <= choices.size()) {
        values.put(key, choices.get(Integer.parseInt(number) - 1).path("value").asText());
        return;
      }
    }
  }

  private boolean isYes(String question) throws IOException, InterruptedException {
    while (true) {
      switch (read(question + " [y/n] ").toLowerCase(Locale.ROOT)) {
        case "y", "yes" -> {
          return true;
        }
        case "n", "no" -> {
          return false;
        }
        default -> {
          // asked again
        }
      }
    }
  }

  private String read(String question) throws IOException, InterruptedException {
    display.prompt("    " + question);
    return keyboard.read().strip();
  }
}
