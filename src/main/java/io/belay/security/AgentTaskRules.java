package io.belay.security;

import com.fasterxml.jackson.databind.JsonNode;
import io.belay.journal.OneLine;
import io.belay.step.AgentSettings;
import io.belay.step.AgentSettings.Agent;
import io.belay.step.BusinessStop;
import io.belay.step.RecordedEnds;
import io.belay.step.StepRun;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.stereotype.Component;

/**
 * What an agent may ask of the engine's external tasks. The engine itself lets anybody who may
 * update tasks fetch those of any topic, set any variable of the run and end a step that left no
 * trace.
 */
@Component
class AgentTaskRules {

  /** A rule was broken; the message names it. */
  static final class Broken extends Exception {
    Broken(String message) {
      super(message);
    }
  }

  /** With a longer one, a step whose agent died would wait too long for another. */
  private static final Duration LONGEST_LOCK = Duration.ofMinutes(5);

  private static final int MOST_TASKS = 100;
  private static final Pattern PATH =
      Pattern.compile(
          ".*/external-task/(?:(fetchAndLock)"
              + "|([A-Za-z0-9-]{1,64})/(extendLock|complete|failure|bpmnError))");

  private final RecordedEnds ends;

  AgentTaskRules(RecordedEnds ends) {
    this.ends = ends;
  }

  /**
   * @param body as it will be passed to the engine
   * @throws Broken when that agent may not ask for it
   */
  void check(String name, Agent limits, String path, JsonNode body) throws Broken {
    Matcher request = PATH.matcher(path);
    require(request.matches(), "an agent may not do this");
    require(
        AgentSettings.isWorkerOf(name, body.path("workerId").asText()),
        "workerId must begin with '%s:'".formatted(name));
    if (request.group(1) != null) {
      checkFetch(limits, body);
      return;
    }
    String key = request.group(2);
    switch (request.group(3)) {
      case "extendLock" -> checkLock("newDuration", body.path("newDuration"));
      case "complete" -> {
        requireEmpty(body, "variables");
        requireResult(key, body.path("localVariables"));
      }
      case "bpmnError" -> {
        require(
            BusinessStop.CODE.equals(body.path("errorCode").asText()),
            "errorCode must be " + BusinessStop.CODE);
        require(
            body.path("variables").isMissingNode()
                || body.path("variables").isNull()
                || onlyFields(body.path("variables"), Set.of("reason")),
            "variables may have nothing but a reason");
        requireStop(key, body);
      }
      default -> {
        requireEmpty(body, "variables");
        requireEmpty(body, "localVariables");
      }
    }
  }

  /** What a gate reads must be what the journal says that the step found: no more, no less. */
  private void requireResult(String key, JsonNode given) throws Broken {
    Map<String, Object> recorded;
    try {
      recorded = recorded("result", ends.result(key), key);
    } catch (IllegalArgumentException unreadable) {
      throw new Broken(
          "the step's result in the journal cannot be read: " + unreadable.getMessage());
    }
    Set<String> missing = new TreeSet<>(recorded.keySet());
    for (Map.Entry<String, JsonNode> variable : given.properties()) {
      String name = ends.presentName(key, variable.getKey());
      missing.remove(name);
      require(
          recorded.containsKey(name) && isSame(variable.getValue(), recorded.get(name)),
          "localVariables.%s is not what the step's result in the journal says"
              .formatted(variable.getKey()));
    }
    require(
        missing.isEmpty(),
        "localVariables must have all values of the step's result in the journal, so %s too"
            .formatted(missing));
  }

  private static boolean isSame(JsonNode variable, Object recorded) {
    JsonNode value = variable.path("value");
    if (recorded == null) {
      return value.isNull() || value.isMissingNode();
    }
    if (recorded instanceof Number number) {
      return value.isNumber()
          && Double.isFinite(number.doubleValue())
          && value.decimalValue().compareTo(new BigDecimal(number.toString())) == 0;
    }
    if (recorded instanceof Boolean flag) {
      return value.isBoolean() && flag.equals(value.asBoolean());
    }
    return value.isTextual()
        && value.asText().equals(recorded)
        && variable.path("type").asText("String").equals("String");
  }

  private void requireStop(String key, JsonNode body) throws Broken {
    String recorded = recorded("stop", ends.stop(key), key);
    JsonNode variable = body.path("variables").path("reason").path("value");
    for (JsonNode reason : List.of(body.path("errorMessage"), variable)) {
      require(
          reason.isMissingNode() || reason.isNull() || isFrom(recorded, reason.asText()),
          "the reason differs from that of the step's stop in the journal");
    }
  }

  private static <T> T recorded(String what, Optional<T> end, String key) throws Broken {
    return end.orElseThrow(
        () ->
            new Broken(
                "the step has no %s in the journal; report it to /api/agent/steps/%s/end first"
                    .formatted(what, key)));
  }

  /** The journal keeps one line; a worker shortens a long one. */
  private static boolean isFrom(String recorded, String given) {
    String line = OneLine.of(given);
    return line.endsWith("…")
        ? OneLine.of(recorded).startsWith(line.substring(0, line.length() - 1))
        : OneLine.of(recorded).equals(line);
  }

  private static void checkFetch(Agent limits, JsonNode body) throws Broken {
    int most = body.path("maxTasks").asInt(0);
    require(most >= 1 && most <= MOST_TASKS, "maxTasks must be from 1 to " + MOST_TASKS);
    JsonNode topics = body.path("topics");
    require(topics.isArray() && !topics.isEmpty(), "topics must name at least one topic");
    for (JsonNode topic : topics) {
      String name = topic.path("topicName").asText();
      require(
          limits.topics().contains(name),
          "topic '%s' is not among this agent's: %s".formatted(name, limits.topics()));
      // The engine treats several variables as alternatives, so no other is allowed.
      JsonNode variables = topic.path("processVariables");
      String environment = variables.path(StepRun.ENVIRONMENT).asText();
      require(
          onlyFields(variables, Set.of(StepRun.ENVIRONMENT))
              && limits.environments().contains(environment),
          "topic '%s' needs processVariables {\"environment\": …} with one of this agent's: %s"
              .formatted(name, limits.environments()));
      checkLock("lockDuration", topic.path("lockDuration"));
    }
  }

  private static void checkLock(String field, JsonNode millis) throws Broken {
    require(
        millis.canConvertToLong()
            && millis.asLong() > 0
            && millis.asLong() <= LONGEST_LOCK.toMillis(),
        "%s must be from 1 to %d ms".formatted(field, LONGEST_LOCK.toMillis()));
  }

  private static boolean onlyFields(JsonNode node, Set<String> names) {
    return node.isObject()
        && node.properties().stream().allMatch(field -> names.contains(field.getKey()));
  }

  private static void requireEmpty(JsonNode body, String field) throws Broken {
    require(
        body.path(field).isEmpty(),
        field + " must be empty: what a step returns stays local to it (localVariables)");
  }

  private static void require(boolean holds, String rule) throws Broken {
    if (!holds) {
      throw new Broken(rule);
    }
  }
}
