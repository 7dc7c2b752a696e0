package io.belay.runbooks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.belay.playground.BelayProcess;
import io.belay.playground.PlaygroundRunbook;
import io.belay.playground.Ports;
import io.belay.playground.Scratch;
import io.belay.playground.World;
import io.belay.step.StepObserver.Moment;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Belay as a process of its own that is killed at a moment of a step and started again, and the
 * people around it, who talk to it over HTTP.
 */
final class KilledBelay implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofMinutes(4);
  private static final Set<String> FINAL =
      Set.of("COMPLETED", "ROLLED_BACK", "TAKEN_OVER", "CANCELLED");

  private final ObjectMapper json = new ObjectMapper();
  private final HttpClient http = HttpClient.newHttpClient();
  private final Path halted;
  private final BelayProcess belay;
  private final PlaygroundRunbook runbook;
  private int starts;
  private String abortAfter;

  /** Starts Belay, which will end at that moment of that step of a run of that runbook. */
  KilledBelay(World world, PlaygroundRunbook runbook, String activityId, Moment moment)
      throws IOException, InterruptedException {
    this.runbook = runbook;
    Path data = Scratch.directory("killed");
    halted = data.resolve("halted");
    belay =
        new BelayProcess(
            world,
            data,
            Ports.free(),
            Map.of(
                "belay.test.halt", activityId + ":" + moment,
                "belay.test.halted", halted.toString(),
                "belay.step.lock", "3s",
                "belay.step.heartbeat", "500ms",
                "belay.step.poll", "200ms",
                "belay.step.backoff", "200ms",
                // Nobody wants to wait for the default in a test.
                "belay.step.short-limit", "10s",
                "camunda.bpm.job-execution.lock-time-in-millis", "15000"));
    start();
  }

  private void start() throws IOException, InterruptedException {
    starts++;
    belay.start();
  }

  /** The operator aborts as soon as that step has a result. */
  KilledBelay abortAfter(String activityId) {
    abortAfter = activityId;
    return this;
  }

  String startRun(Map<String, Object> parameters) throws Exception {
    JsonNode run =
        call(
            "operator",
            "/api/runs",
            json.writeValueAsString(Map.of("runbook", runbook.key(), "parameters", parameters)));
    return run.path("id").asText();
  }

  /** Answers tasks and starts Belay again when it is dead, until the run has ended. */
  String awaitEnd(String run) throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() < deadline) {
      if (!belay.isAlive()) {
        start();
      }
      try {
        String status = call("viewer", "/api/runs/" + run, null).path("status").asText();
        if (FINAL.contains(status)) {
          assertThat(halted).as("Belay was killed").exists();
          assertThat(starts).isEqualTo(2);
          return status;
        }
        assertThat(status).as("%s", last(run)).isNotIn("INCIDENT", "ROLLBACK_INCOMPLETE");
        answer(run);
        abortIfDue(run);
      } catch (IOException died) {
        // It is started again in the next round.
      }
      Thread.sleep(200);
    }
    throw new AssertionError("the run did not end: " + last(run));
  }

  private void answer(String run) throws Exception {
    for (JsonNode open : call("approver", "/api/tasks?run=" + run, null)) {
      JsonNode task = open.path("task");
      String who = task.path("groups").toString().contains("approver") ? "approver" : "operator";
      call(
          who,
          "/api/tasks/" + task.path("id").asText() + "/complete",
          json.writeValueAsString(
              Map.of("values", runbook.answer(task.path("activityId").asText()))));
    }
  }

  private void abortIfDue(String run) throws Exception {
    if (abortAfter != null && kindsOf(run, abortAfter).contains("RESULT")) {
      int status =
          send("operator", "/api/runs/" + run + "/abort", "{\"reason\":\"seen enough\"}")
              .statusCode();
      if (status < 300) {
        abortAfter = null;
      }
    }
  }

  /** What the journal tells of a step, in order. */
  List<String> kindsOf(String run, String activityId) throws Exception {
    List<String> kinds = new ArrayList<>();
    for (JsonNode entry : journal(run)) {
      if (entry.path("activityId").asText().equals(activityId)) {
        kinds.add(entry.path("kind").asText());
      }
    }
    return kinds;
  }

  JsonNode journal(String run) throws Exception {
    return call("viewer", "/api/runs/" + run + "/journal?limit=5000", null);
  }

  JsonNode artifacts(String run) throws Exception {
    return call("operator", "/api/runs/" + run + "/artifacts", null);
  }

  JsonNode checkOfTheChain() throws Exception {
    return call("viewer", "/api/journal/check", null);
  }

  private String last(String run) throws Exception {
    JsonNode journal = journal(run);
    StringBuilder last = new StringBuilder();
    for (int i = Math.max(0, journal.size() - 5); i < journal.size(); i++) {
      last.append(journal.get(i)).append('\n');
    }
    return last.toString();
  }

  private JsonNode call(String user, String path, String body) throws Exception {
    HttpResponse<String> answer = send(user, path, body);
    if (answer.statusCode() == 409 || answer.statusCode() == 404) {
      return json.missingNode(); // the task or run has moved on
    }
    assertThat(answer.statusCode()).as("%s: %s", path, answer.body()).isLessThan(300);
    return answer.body().isEmpty() ? json.missingNode() : json.readTree(answer.body());
  }

  private HttpResponse<String> send(String user, String path, String body) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(belay.url().resolve(path))
            .timeout(Duration.ofSeconds(20))
            .header("Content-Type", "application/json")
            .header(
                "Authorization",
                "Basic "
                    + Base64.getEncoder()
                        .encodeToString((user + ":" + user).getBytes(StandardCharsets.UTF_8)));
    return http.send(
        (body == null ? request.GET() : request.POST(BodyPublishers.ofString(body))).build(),
        BodyHandlers.ofString());
  }

  @Override
  public void close() {
    belay.close();
  }
}
