package io.belay.nodes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.belay.nodes.People.Answer;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * Three Belays on one PostgreSQL share all work, and one after the other is killed while they do.
 * {@code -Dbelay.nodes.runs=50 -Dbelay.nodes.kills=6} is the long form.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class NodesIT {

  private static final int RUNS = Integer.getInteger("belay.nodes.runs", 10);
  private static final int KILLS = Integer.getInteger("belay.nodes.kills", 2);
  private static final Duration PATIENCE = Duration.ofMinutes(RUNS > 20 ? 20 : 8);
  private static final Set<String> FINAL =
      Set.of("COMPLETED", "ROLLED_BACK", "TAKEN_OVER", "CANCELLED");

  private static Cluster cluster;
  private static People people;

  @BeforeAll
  static void start() throws Exception {
    cluster = new Cluster(3, RUNS + 1);
    people = cluster.people();
    cluster.start();
  }

  @AfterAll
  static void stop() throws Exception {
    cluster.close();
  }

  @Test
  @Order(1)
  void startedAtOnce_onAnEmptyDatabase_theModelsAreDeployedOnce() throws Exception {
    JsonNode deployments =
        people.ask("adam", cluster.any().url().resolve("/engine-rest/deployment")).json();

    assertThat(deployments).hasSize(1);
  }

  @Test
  @Order(2)
  void loginAtOneNode_isKnownToTheOthers() throws Exception {
    NodeProcess first = cluster.nodes().get(0);
    HttpResponse<String> form =
        people
            .client()
            .send(
                HttpRequest.newBuilder(first.url().resolve("/login")).build(),
                BodyHandlers.ofString());
    String forgery = cookie(form, "BELAY-XSRF");
    HttpResponse<String> login =
        people
            .client()
            .send(
                HttpRequest.newBuilder(first.url().resolve("/login"))
                    .header("Cookie", "BELAY-XSRF=" + forgery)
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .POST(BodyPublishers.ofString("username=vera&password=vera&_csrf=" + forgery))
                    .build(),
                BodyHandlers.ofString());
    assertThat(login.statusCode()).isEqualTo(302);
    String session = cookie(login, "SESSION");

    for (NodeProcess node : cluster.nodes()) {
      HttpResponse<String> page =
          people
              .client()
              .send(
                  HttpRequest.newBuilder(node.url().resolve("/"))
                      .header("Cookie", "SESSION=" + session)
                      .build(),
                  BodyHandlers.ofString());
      assertThat(page.statusCode()).isEqualTo(200);
      assertThat(page.body()).contains("vera");
    }
  }

  private static String cookie(HttpResponse<String> answer, String name) {
    return answer.headers().allValues("Set-Cookie").stream()
        .filter(cookie -> cookie.startsWith(name + "="))
        .map(cookie -> cookie.substring(name.length() + 1).split(";")[0])
        .filter(value -> !value.isEmpty())
        .findFirst()
        .orElseThrow();
  }

  @Test
  @Order(3)
  void oneKilledEachFewSeconds_allRunsEndRight_noEffectTwice() throws Exception {
    Map<Integer, String> runs = new HashMap<>();
    Map<Integer, String> ended = new HashMap<>();
    int batches = KILLS + 1;
    int started = 0;
    int kills = 0;
    int round = 0;
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (ended.size() < RUNS) {
      assertThat(System.nanoTime()).as("%s of %s", ended, runs).isLessThan(deadline);
      if (started == kills && isUp(cluster.nodes())) {
        started++;
        int until = Math.min(RUNS, runs.size() + (RUNS + batches - 1) / batches);
        for (int i = runs.size() + 1; i <= until; i++) {
          runs.put(i, startRun(i));
        }
        round = 0;
      }
      if (kills < KILLS && started > kills && round++ == 3) {
        NodeProcess victim = cluster.nodes().get(kills++ % cluster.nodes().size());
        victim.kill();
        victim.start();
      }
      for (Map.Entry<Integer, String> run : runs.entrySet()) {
        if (!ended.containsKey(run.getKey())) {
          look(run.getKey(), run.getValue(), ended);
        }
      }
      Thread.sleep(500);
    }

    assertThat(kills).as("kills while runs were going on").isEqualTo(KILLS);
    for (int i = 1; i <= RUNS; i++) {
      assertThat(ended.get(i)).as("run %d", i).isEqualTo(goes(i) ? "COMPLETED" : "ROLLED_BACK");
      assertThat(cluster.target().count("r" + i + "-done")).as("effects of run %d", i).isOne();
      assertThat(cluster.target().count("r" + i + "-undone"))
          .as("undone effects of run %d", i)
          .isEqualTo(goes(i) ? 0 : 1);
    }
    for (NodeProcess node : cluster.nodes()) {
      cluster.awaitUp(node);
      JsonNode chain = people.ask("vera", node.url().resolve("/api/journal/check")).json();
      assertThat(chain.path("intact").asBoolean()).as("%s", chain).isTrue();
      Answer events =
          people.ask("vera", node.url().resolve("/api/runs/" + runs.get(1) + "/events"));
      assertThat(events.text()).contains("RUN_STARTED", "RUN_ENDED", "event:end");
    }
  }

  @Test
  @Order(4)
  void liveStream_goesOnAtAnotherNode_whenItsNodeDies() throws Exception {
    for (NodeProcess node : cluster.nodes()) {
      cluster.awaitUp(node);
    }
    int number = RUNS + 1;
    String run = startRun(number);
    NodeProcess dying = cluster.nodes().get(0);
    NodeProcess other = cluster.nodes().get(1);
    LiveStream stream = new LiveStream(people, "/api/runs/" + run + "/events");
    stream.read(dying, event -> event.contains("event:progress"));
    assertThat(stream.lastId()).isPositive();
    dying.kill();

    Map<Integer, String> ended = new HashMap<>();
    CompletableFuture<Void> rest =
        CompletableFuture.runAsync(() -> stream.read(other, event -> event.contains("event:end")));
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!rest.isDone()) {
      assertThat(System.nanoTime()).as("%s", stream).isLessThan(deadline);
      look(number, run, ended);
      Thread.sleep(300);
    }
    rest.join();

    List<Long> entries = new ArrayList<>();
    people
        .ask("vera", other.url().resolve("/api/runs/" + run + "/journal?limit=5000"))
        .json()
        .forEach(entry -> entries.add(entry.path("id").asLong()));
    assertThat(stream.ids()).containsExactlyElementsOf(entries);
  }

  @Test
  @Order(5)
  void nodeWithAnotherDirectoryForArtifacts_isRefused() throws Exception {
    try (NodeProcess stranger = cluster.stranger()) {
      stranger.start();
      await().atMost(PATIENCE).until(() -> !stranger.isAlive());

      assertThat(stranger.log())
          .contains("does not see the same directory as")
          .doesNotContain("Started CountingBelay");
    }
  }

  /** Every second run is approved, the others are rejected and go back. */
  private static boolean goes(int number) {
    return number % 2 == 0;
  }

  private static boolean isUp(List<NodeProcess> nodes) throws InterruptedException {
    for (NodeProcess node : nodes) {
      if (!node.isUp(people.client())) {
        return false;
      }
    }
    return true;
  }

  private static String startRun(int number) throws Exception {
    Answer answer =
        people.tell(
            "olga",
            cluster.any().url().resolve("/api/runs"),
            Map.of(
                "runbook",
                "web-test",
                "name",
                "r" + number,
                "parameters",
                Map.of("environment", "e" + number, "count", 20, "pause", "PT0.3S")));
    assertThat(answer.status()).as(answer.text()).isEqualTo(201);
    return answer.json().path("id").asText();
  }

  private static void look(int number, String run, Map<Integer, String> ended) throws Exception {
    NodeProcess node = cluster.any();
    try {
      JsonNode view = people.ask("vera", node.url().resolve("/api/runs/" + run)).json();
      String status = view.path("status").asText();
      assertThat(status).as("%s", view).isNotIn("INCIDENT", "ROLLBACK_INCOMPLETE");
      if (FINAL.contains(status)) {
        ended.put(number, status);
      }
      for (JsonNode open : people.ask("anna", node.url().resolve("/api/tasks?run=" + run)).json()) {
        people.tell(
            "anna",
            node.url().resolve("/api/tasks/" + open.at("/task/id").asText() + "/complete"),
            Map.of(
                "values",
                Map.of(
                    "decision",
                    goes(number) ? "go" : "no-go",
                    "reason",
                    "seen enough",
                    "looked",
                    true)));
      }
    } catch (IOException dead) {
      // Another node answers in the next round.
    }
  }
}
