package io.belay.nodes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.belay.Belay;
import io.belay.nodes.People.Answer;
import io.belay.playground.Needs;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Import;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** Steps that are done by agents, which are processes of their own with nothing but a URL. */
@DirtiesContext
@Import(CountedSteps.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SpringBootTest(
    classes = Belay.class,
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = {
      "spring.datasource.url=jdbc:h2:mem:agents;DB_CLOSE_DELAY=-1",
      "belay.processes=src/test/resources/web/processes",
      "belay.artifacts.directory=target/agent-test-artifacts",
      "belay.step.poll=200ms",
      "belay.security.users.eu.password=eu",
      "belay.security.users.eu.roles=service",
      "belay.security.users.other.password=other",
      "belay.security.users.other.roles=service",
      "belay.agents.eu.topics=countSlowly,countBack",
      "belay.agents.eu.environments=test"
    })
class AgentIT {

  private static EffectCounter target;

  /** What Belay reads; agents have files of their own. */
  private static final Path ENVIRONMENTS = Path.of("target/agent-test-environments");

  @TempDir static Path directory;

  @LocalServerPort int port;
  private final People people = new People();
  private final List<AutoCloseable> started = new ArrayList<>();
  private int agents;
  private String run;

  @DynamicPropertySource
  static void settings(DynamicPropertyRegistry registry) throws IOException {
    target = new EffectCounter();
    Files.createDirectories(ENVIRONMENTS);
    describeTest("");
    registry.add("belay.environments", ENVIRONMENTS::toString);
    registry.add("belay.test.target", target::url);
    Cluster.users().forEach((name, value) -> registry.add(name, () -> value));
  }

  @BeforeAll
  static void environments() throws IOException {
    Files.createDirectories(directory.resolve("environments"));
    Files.writeString(directory.resolve("environments/test.yml"), Cluster.environment(9));
  }

  @AfterEach
  void stop() throws Exception {
    if (run != null) {
      tell("olga", "/api/runs/" + run + "/abort", Map.of("reason", "the test is over"));
      // Somebody must take back what was begun.
      if (started.isEmpty() || !isOver()) {
        startAgent();
      }
      awaitStatus("COMPLETED", "ROLLED_BACK");
    }
    for (AutoCloseable process : started) {
      process.close();
    }
  }

  @AfterAll
  void end() {
    target.close();
  }

  @Test
  void agentDoesTheStep_underTheSameContract() throws Exception {
    start("r-agent", 5, "PT0.2S");
    NodeProcess agent = startAgent();
    JsonNode working = awaitWorking();
    assertThat(working.path("node").asText()).startsWith("eu:");
    awaitStatus("WAITING_FOR_PERSON");

    List<JsonNode> journal = journal("Task_Count");
    assertThat(journal)
        .extracting(entry -> entry.path("kind").asText())
        .containsSequence("INTENT", "CHECKPOINT", "LOG", "RESULT");
    // Belay does not know the password: the agent's own file has it, and the agent masks it.
    assertThat(journal.toString())
        .contains("the cache's password is ******")
        .doesNotContain("secret-of-the-cache");
    assertThat(target.count("r-agent-done")).isOne();
    assertThat(ask("vera", "/api/runs/" + run + "/samples").text()).contains("p95Ms");
    assertThat(agent.isAlive()).isTrue();

    tell("olga", "/api/runs/" + run + "/abort", Map.of("reason", "take it back"));
    awaitStatus("ROLLED_BACK");
    assertThat(target.count("r-agent-undone")).as("the undo asked what was begun").isOne();
  }

  @Test
  void changeThatNobodyApproved_isRefusedToTheAgent_whateverItsOwnFileSays() throws Exception {
    start("r-guarded", 5, "PT0.2S");
    describeTest("    protected: true\n");
    try {
      startAgent();
      awaitStatus("ROLLED_BACK");
    } finally {
      describeTest("");
    }

    assertThat(view().path("reason").asText())
        .contains("protected target 'cache'", "nobody has approved that in this run");
    assertThat(journal("Task_Count"))
        .extracting(entry -> entry.path("kind").asText())
        .contains("BUSINESS_STOP")
        .doesNotContain("INTENT");
    assertThat(target.count("r-guarded-done")).isZero();
  }

  private static void describeTest(String more) throws IOException {
    String unprotected =
        Files.readString(Path.of("src/test/resources/web/environments/test.yml")).stripTrailing();
    Files.writeString(ENVIRONMENTS.resolve("test.yml"), unprotected + "\n" + more);
  }

  @Test
  void killedAgent_isReplacedByAnother() throws Exception {
    start("r-killed", 60, "PT0.2S");
    NodeProcess first = startAgent();
    String worker = awaitWorking().path("node").asText();
    first.kill();
    startAgent();

    await()
        .atMost(Duration.ofSeconds(240))
        .until(
            () ->
                StreamSupport.stream(view().path("working").spliterator(), false)
                    .map(step -> step.path("node").asText())
                    .anyMatch(node -> node.startsWith("eu:") && !node.equals(worker)));
    assertThat(journal("Task_Count").toString()).contains("attempt 2");
    assertThat(target.count("r-killed-done")).isZero();
  }

  @Test
  void abort_stopsTheAgentsWork_beforeItsUndo() throws Exception {
    start("r-abort", 1000, "PT0.1S");
    startAgent();
    awaitWorking();

    tell("olga", "/api/runs/" + run + "/abort", Map.of("reason", "enough"));

    awaitStatus("ROLLED_BACK");
    assertThat(journal("Task_Count"))
        .extracting(entry -> entry.path("kind").asText())
        .contains("STOPPED")
        .doesNotContain("RESULT");
    assertThat(target.count("r-abort-done")).isZero();
  }

  @Test
  void tokenOfAnAgent_opensNothingElse() throws Exception {
    String token = token("eu");

    for (String path :
        List.of(
            "/api/runs",
            "/api/tasks",
            "/api/journal/check",
            "/engine-rest/external-task",
            "/engine-rest/variable-instance",
            "/engine-rest/user",
            "/actuator/prometheus")) {
      assertThat(people.askByToken(token, url(path)).status()).as(path).isEqualTo(403);
    }
    assertThat(people.tellByToken(token, url("/api/runs"), Map.of("runbook", "x")).status())
        .isEqualTo(403);
    assertThat(people.askByToken(token("other"), url("/api/agent")).status()).isEqualTo(403);
    assertThat(people.ask("eu", url("/api/agent")).status())
        .as("with the password itself")
        .isEqualTo(403);
    assertThat(people.ask("olga", url("/api/agent")).status()).isEqualTo(403);
    JsonNode limits = people.askByToken(token, url("/api/agent")).json();
    assertThat(limits.path("environments").toString()).isEqualTo("[\"test\"]");
  }

  @Test
  void fetch_isLimitedByTheServer() throws Exception {
    String token = token("eu");
    Map<String, Object> environment = Map.of("environment", "test");

    refused(token, fetch("eu:me", "awaitStepsStopped", environment), "is not among this agent's");
    refused(token, fetch("eu:me", "countSlowly", Map.of("environment", "other")), "environment");
    refused(token, fetch("eu:me", "countSlowly", Map.of()), "environment");
    Answer narrowed =
        fetch(token, fetch("eu:me", "countSlowly", Map.of("environment", "test", "count", 3)));
    assertThat(narrowed.status()).isEqualTo(400);
    assertThat(narrowed.text()).contains("processVariables.count: is not accepted here");
    refused(token, fetch("us:me", "countSlowly", environment), "workerId");
    refused(
        token,
        Map.of("workerId", "eu:me", "maxTasks", 1, "topics", List.of()),
        "at least one topic");
    assertThat(fetch(token, fetch("eu:me", "countSlowly", environment)).status()).isEqualTo(200);
  }

  @Test
  void endOfAStep_isAcceptedOnlyIfTheJournalKnowsIt() throws Exception {
    String token = token("eu");
    start("r-direct", 3, "PT0S");
    JsonNode task =
        await()
            .atMost(Duration.ofSeconds(120))
            .until(
                () ->
                    fetch(token, fetch("eu:me", "countSlowly", Map.of("environment", "test")))
                        .json(),
                tasks -> tasks.size() == 1)
            .path(0);
    URI complete = url("/engine-rest/external-task/" + task.path("id").asText() + "/complete");

    Answer early = people.tellByToken(token, complete, Map.of("workerId", "eu:me"));
    assertThat(early.status()).isEqualTo(403);
    assertThat(early.text()).contains("no result in the journal");
    Answer variables =
        people.tellByToken(
            token,
            complete,
            Map.of("workerId", "eu:me", "variables", Map.of("outcome", Map.of("value", "passed"))));
    assertThat(variables.status()).isEqualTo(403);
    assertThat(variables.text()).contains("variables must be empty");
    URI step = url("/api/agent/steps/" + task.path("id").asText() + "/");
    Map<String, Object> input = Map.of("to", 3, "pause", "PT0S", "fail", false);
    report(token, step.resolve("begin"), Map.of("attempt", 1, "input", input));
    report(
        token,
        step.resolve("end"),
        Map.of("kind", "RESULT", "payload", Map.of("samples", 3, "p95Ms", 120)));
    for (Map<String, Object> other :
        List.<Map<String, Object>>of(
            Map.of("samples", Map.of("value", 3), "p95Ms", Map.of("value", 20)),
            Map.of("samples", Map.of("value", 3)))) {
      Answer differs =
          people.tellByToken(token, complete, Map.of("workerId", "eu:me", "localVariables", other));
      assertThat(differs.status()).isEqualTo(403);
      assertThat(differs.text()).contains("the step's result in the journal");
    }
    Answer failed =
        people.tellByToken(
            token,
            url("/engine-rest/external-task/" + task.path("id").asText() + "/failure"),
            Map.of("workerId", "eu:me", "retries", 3, "retryTimeout", 0, "errorMessage", "no"));
    assertThat(failed.status()).isEqualTo(204);
  }

  @Test
  void publicClientOfExternalTasks_completesAStep() throws Exception {
    Path worker = Path.of("target", "js-worker").toAbsolutePath();
    Needs.that(nodeMajor() >= 18, "Node.js 18 or newer");
    Files.createDirectories(worker);
    for (String file : List.of("package.json", "worker.js")) {
      Files.writeString(
          worker.resolve(file), Files.readString(Path.of("src/test/resources/agent", file)));
    }
    if (!Files.isDirectory(worker.resolve("node_modules/camunda-external-task-client-js"))) {
      Process install =
          new ProcessBuilder("npm", "install", "--no-audit", "--no-fund")
              .directory(worker.toFile())
              .redirectErrorStream(true)
              .redirectOutput(worker.resolve("npm.log").toFile())
              .start();
      boolean installed = install.waitFor(5, TimeUnit.MINUTES) && install.exitValue() == 0;
      install.destroyForcibly();
      Needs.that(installed, "camunda-external-task-client-js by npm; see " + worker + "/npm.log");
    }
    start("r-js", 3, "PT0S");
    ProcessBuilder builder =
        new ProcessBuilder("node", "worker.js")
            .directory(worker.toFile())
            .redirectErrorStream(true)
            .redirectOutput(worker.resolve("worker.log").toFile());
    builder
        .environment()
        .putAll(
            Map.of(
                "BELAY_URL",
                "http://127.0.0.1:" + port,
                "BELAY_AGENT_NAME",
                "eu",
                "BELAY_AGENT_PASSWORD",
                "eu"));
    Process process = builder.start();
    started.add(process::destroyForcibly);

    awaitStatus("WAITING_FOR_PERSON");
    assertThat(journal("Task_Count").toString()).contains("counted to 3 in JavaScript");
    process.destroyForcibly();
  }

  private static int nodeMajor() throws InterruptedException {
    try {
      Process version = new ProcessBuilder("node", "--version").start();
      String text = new String(version.getInputStream().readAllBytes()).strip();
      version.waitFor();
      return text.matches("v\\d+\\..*") ? Integer.parseInt(text.substring(1).split("\\.")[0]) : 0;
    } catch (IOException none) {
      return 0;
    }
  }

  private NodeProcess startAgent() throws IOException {
    NodeProcess agent =
        new NodeProcess(
            directory,
            "agent" + ++agents,
            0,
            Map.of(
                "belay.agent.name", "eu",
                "belay.agent.password", "eu",
                "belay.agent.url", "http://127.0.0.1:" + port,
                "belay.environments", directory.resolve("environments").toString(),
                "belay.artifacts.directory", directory.resolve("artifacts").toString(),
                "belay.test.target", target.url(),
                "belay.step.lock", "10s",
                "belay.step.heartbeat", "1s",
                "belay.step.poll", "300ms"));
    agent.start();
    started.add(agent);
    return agent;
  }

  private void start(String name, int count, String pause) throws Exception {
    Answer answer =
        tell(
            "olga",
            "/api/runs",
            Map.of(
                "runbook",
                "web-test",
                "name",
                name,
                "parameters",
                Map.of("environment", "test", "count", count, "pause", pause)));
    assertThat(answer.status()).as(answer.text()).isEqualTo(201);
    run = answer.json().path("id").asText();
  }

  private JsonNode awaitWorking() {
    return await()
        .atMost(Duration.ofSeconds(240))
        .until(
            () -> view().path("working").path(0),
            step ->
                step.path("step").asText().equals("countSlowly") && step.path("done").asInt() > 0);
  }

  private void awaitStatus(String... wanted) {
    await()
        .atMost(Duration.ofSeconds(240))
        .pollInterval(Duration.ofMillis(200))
        .until(() -> Set.of(wanted).contains(view().path("status").asText()));
  }

  private boolean isOver() throws Exception {
    return Set.of("COMPLETED", "ROLLED_BACK").contains(view().path("status").asText());
  }

  private JsonNode view() throws Exception {
    return ask("vera", "/api/runs/" + run).json();
  }

  private List<JsonNode> journal(String activity) throws Exception {
    JsonNode entries = ask("vera", "/api/runs/" + run + "/journal?limit=5000").json();
    return StreamSupport.stream(entries.spliterator(), false)
        .filter(entry -> entry.path("activityId").asText().equals(activity))
        .toList();
  }

  private String token(String service) throws Exception {
    return tell(service, "/api/tokens", Map.of()).json().path("access_token").asText();
  }

  private static Map<String, Object> fetch(
      String worker, String topic, Map<String, Object> variables) {
    return Map.of(
        "workerId",
        worker,
        "maxTasks",
        1,
        "topics",
        List.of(Map.of("topicName", topic, "lockDuration", 10_000, "processVariables", variables)));
  }

  private Answer fetch(String token, Map<String, Object> body) throws Exception {
    return people.tellByToken(token, url("/engine-rest/external-task/fetchAndLock"), body);
  }

  private void report(String token, URI url, Map<String, Object> body) throws Exception {
    Answer answer = people.tellByWorker(token, "eu:me", url, body);
    assertThat(answer.status()).as(answer.text()).isEqualTo(204);
  }

  private void refused(String token, Map<String, Object> body, String why) throws Exception {
    Answer answer = fetch(token, body);
    assertThat(answer.status()).as(answer.text()).isEqualTo(403);
    assertThat(answer.json().path("detail").asText()).contains(why);
  }

  private Answer ask(String user, String path) throws Exception {
    return people.ask(user, url(path));
  }

  private Answer tell(String user, String path, Object body) throws Exception {
    return people.tell(user, url(path), body);
  }

  private URI url(String path) {
    return URI.create("http://127.0.0.1:" + port + path);
  }
}
