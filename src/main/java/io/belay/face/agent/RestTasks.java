package io.belay.face.agent;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.belay.face.agent.BelayClient.RefusedByBelay;
import io.belay.step.BusinessStop;
import io.belay.step.ExternalTasks;
import io.belay.step.Node;
import io.belay.step.StepRun;
import io.belay.step.StepSettings;
import io.belay.step.StepTask;
import io.belay.target.Environments;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * External tasks over engine-rest. Fetches the topics and environments that Belay allows this agent
 * and for which it has the step and the environment's file.
 */
class RestTasks implements ExternalTasks {

  private static final Logger log = LoggerFactory.getLogger(RestTasks.class);
  private static final String TASKS = "/engine-rest/external-task/";
  private static final int MESSAGE_LIMIT = 600;
  private static final Duration ASK_AGAIN = Duration.ofMinutes(1);

  private record Limits(Set<String> topics, Set<String> environments) {}

  private final BelayClient belay;
  private final Node node;
  private final StepSettings settings;
  private final Environments environments;
  private final ObjectMapper json;
  private final Semaphore wake = new Semaphore(0);
  private Limits limits;
  private long limitsAge;

  RestTasks(
      BelayClient belay,
      Node node,
      StepSettings settings,
      Environments environments,
      ObjectMapper json) {
    this.belay = belay;
    this.node = node;
    this.settings = settings;
    this.environments = environments;
    this.json = json;
  }

  @Override
  public List<Waiting> find(int most, Collection<String> steps, Set<String> except) {
    Limits allowed = limits();
    List<String> topics = steps.stream().filter(allowed.topics()::contains).toList();
    List<Waiting> fetched = new ArrayList<>();
    for (String environment : environments.names()) {
      if (allowed.environments().contains(environment)
          && !topics.isEmpty()
          && fetched.size() < most) {
        fetched.addAll(fetch(most - fetched.size(), topics, environment));
      }
    }
    return fetched;
  }

  private Limits limits() {
    if (limits == null || System.nanoTime() - limitsAge > ASK_AGAIN.toNanos()) {
      JsonNode answer = belay.once("GET", "/api/agent", null, null);
      Limits now = new Limits(strings(answer.path("topics")), strings(answer.path("environments")));
      if (!now.equals(limits)) {
        log.info(
            "This agent may work on {} in the environments {}", now.topics(), now.environments());
        now.environments().stream()
            .filter(name -> !environments.names().contains(name))
            .forEach(name -> log.warn("Here is no file for the environment '{}'", name));
      }
      limits = now;
      limitsAge = System.nanoTime();
    }
    return limits;
  }

  private static Set<String> strings(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false)
        .map(JsonNode::asText)
        .collect(Collectors.toSet());
  }

  /** Fetches and locks tasks: the engine's REST interface cannot lock a task found before. */
  private List<Waiting> fetch(int most, List<String> topics, String environment) {
    JsonNode tasks =
        belay.once(
            "POST",
            TASKS + "fetchAndLock",
            null,
            Map.of(
                "workerId",
                node.name(),
                "maxTasks",
                Math.min(most, 100),
                "usePriority",
                true,
                "topics",
                topics.stream()
                    .map(
                        topic ->
                            Map.of(
                                "topicName",
                                topic,
                                "lockDuration",
                                settings.lock().toMillis(),
                                "localVariables",
                                true,
                                "processVariables",
                                Map.of(StepRun.ENVIRONMENT, environment)))
                    .toList()));
    return StreamSupport.stream(tasks.spliterator(), false).map(this::waiting).toList();
  }

  private Waiting waiting(JsonNode task) {
    Map<String, Object> inputs = new HashMap<>();
    task.path("variables")
        .properties()
        .forEach(
            variable ->
                inputs.put(
                    variable.getKey(),
                    json.convertValue(variable.getValue().path("value"), Object.class)));
    String id = task.path("id").asText();
    String activity = task.path("activityId").asText();
    return new Waiting(
        id,
        task.path("topicName").asText(),
        activity,
        task.path("retries").isInt() ? task.path("retries").asInt() : null,
        true,
        () -> open(id, activity, task.path("processInstanceId").asText(), inputs));
  }

  @Override
  public void await(Duration longest) {
    try {
      if (wake.tryAcquire(longest.toMillis(), TimeUnit.MILLISECONDS)) {
        wake.drainPermits();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void wakeUp() {
    wake.release();
  }

  private StepTask open(String id, String activity, String instance, Map<String, Object> inputs) {
    JsonNode run =
        belay.persistently("GET", "/api/agent/steps/" + id, node.name(), null).path("run");
    return new StepTask(
        id, run.path("id").asText(), run.path("name").asText(), instance, activity, inputs);
  }

  @Override
  public boolean extendLock(String id) {
    try {
      once(id, "extendLock", Map.of("newDuration", settings.lock().toMillis()));
      return true;
    } catch (NoSuchElementException | RefusedByBelay lost) {
      return false;
    }
  }

  @Override
  public void complete(String id, Map<String, Object> result) {
    Map<String, Object> variables = new HashMap<>();
    result.forEach((name, value) -> variables.put(name, variable(value)));
    report(id, "complete", Map.of("localVariables", variables));
  }

  /** A variable with the type that a step inside Belay would set. */
  private static Map<String, Object> variable(Object value) {
    Map<String, Object> variable = new HashMap<>();
    variable.put("value", value);
    variable.put("type", value == null ? "Null" : value.getClass().getSimpleName());
    return variable;
  }

  @Override
  public void stop(String id, String reason) {
    report(
        id,
        "bpmnError",
        Map.of(
            "errorCode",
            BusinessStop.CODE,
            "errorMessage",
            reason,
            "variables",
            Map.of("reason", variable(reason))));
  }

  @Override
  public void fail(String id, String message, int left, Duration pause) {
    String text = message == null ? "" : message;
    report(
        id,
        "failure",
        Map.of(
            "errorMessage",
            text.length() <= MESSAGE_LIMIT ? text : text.substring(0, MESSAGE_LIMIT - 1) + "…",
            "errorDetails",
            text,
            "retries",
            left,
            "retryTimeout",
            pause.toMillis()));
  }

  /** Does nothing: the engine lets only those unlock who may take any task, so the lock expires. */
  @Override
  public void unlock(String id) {
    once(id, "extendLock", Map.of("newDuration", 1));
  }

  private void once(String id, String what, Map<String, Object> body) {
    belay.once("POST", TASKS + id + "/" + what, null, withWorker(body));
  }

  private void report(String id, String what, Map<String, Object> body) {
    try {
      belay.persistently("POST", TASKS + id + "/" + what, null, withWorker(body));
    } catch (RefusedByBelay refused) {
      // The engine also answers 400 when the lock is another's; then it is not ours to report.
      if (refused.status() == 400 || !extendLock(id)) {
        throw new NoSuchElementException(refused.getMessage(), refused);
      }
      throw new Refused(refused);
    }
  }

  private Map<String, Object> withWorker(Map<String, Object> body) {
    Map<String, Object> whole = new HashMap<>(body);
    whole.put("workerId", node.name());
    return whole;
  }
}
