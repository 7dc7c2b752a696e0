package io.belay.nodes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.belay.nodes.People.Answer;
import io.belay.playground.Needs;
import io.belay.playground.Scratch;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Machines in zones with daylight saving, and nodes in different zones. */
@Timeout(900)
class TimeZonesIT {

  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final Set<String> INCIDENT = Set.of("INCIDENT", "ROLLBACK_INCOMPLETE");

  private final People people = new People();

  @Test
  void runInTheHourThatComesTwice_isLikeAnyOther() throws Exception {
    runIn(Instant.parse("2026-11-01T06:10:00Z"));
  }

  @Tag("full")
  @Test
  void runOverTheHourThatDoesNotCome_isLikeAnyOther() throws Exception {
    runIn(Instant.parse("2026-03-08T06:59:00Z"));
  }

  private void runIn(Instant night) throws Exception {
    Optional<Path> library = library();
    Needs.that(library.isPresent(), "libfaketime of Debian's package faketime");
    Path directory = Scratch.directory("night");
    Files.writeString(
        Files.createDirectory(directory.resolve("environments")).resolve("e1.yml"),
        Cluster.environment(1));
    try (EffectCounter target = new EffectCounter();
        NodeProcess node =
            new NodeProcess(
                directory, "node", CountingBelay.freePort(), properties(directory, target))) {
      node.start(
          Map.of(
              "TZ", "America/New_York",
              "LD_PRELOAD", library.get().toString(),
              "FAKETIME", "%+d".formatted(Duration.between(Instant.now(), night).toSeconds()),
              "FAKETIME_DONT_FAKE_MONOTONIC", "1",
              "FAKETIME_FORCE_MONOTONIC_FIX", "0"));
      awaitUp(node);
      String run = startRun(node, 5, "PT0.2S");

      assertThat(end(node, run)).isEqualTo("COMPLETED");
      assertThat(target.count("r1-done")).isOne();
      assertThat(node.log()).contains("%tFT".formatted(night.atOffset(java.time.ZoneOffset.UTC)));
      JsonNode view = people.ask("vera", node.url().resolve("/api/runs/" + run)).json();
      assertThat(Instant.parse(view.path("startedAt").asText()))
          .isBetween(night, night.plus(PATIENCE));
      assertThat(engineStart(node, run)).isBetween(night, night.plus(PATIENCE));
    }
  }

  /** What it locked in Tokyo would be locked for 17 hours more in Los Angeles. */
  @Test
  void nodeInAnotherZone_takesOver_whenTheFirstDies() throws Exception {
    try (Cluster cluster = new Cluster(2, 1)) {
      NodeProcess tokyo = cluster.nodes().get(0);
      NodeProcess losAngeles = cluster.nodes().get(1);
      tokyo.start(Map.of("TZ", "Asia/Tokyo"));
      cluster.awaitUp(tokyo);
      losAngeles.start(Map.of("TZ", "America/Los_Angeles"));
      cluster.awaitUp(losAngeles);
      losAngeles.kill();
      String run = startRun(tokyo, 60, "PT0.5S");
      await()
          .atMost(PATIENCE)
          .until(
              () ->
                  people
                      .ask("vera", tokyo.url().resolve("/api/runs/" + run))
                      .json()
                      .toString()
                      .contains("\"message\":\"at 3"));
      tokyo.kill();
      losAngeles.start(Map.of("TZ", "America/Los_Angeles"));
      cluster.awaitUp(losAngeles);

      assertThat(end(losAngeles, run)).isEqualTo("COMPLETED");
      assertThat(cluster.target().count("r1-done")).isOne();
    }
  }

  private static Map<String, String> properties(Path directory, EffectCounter target) {
    Map<String, String> all = new HashMap<>(Cluster.users());
    all.put("spring.datasource.url", "jdbc:h2:file:" + directory.resolve("engine"));
    all.put("spring.datasource.username", "belay");
    all.put("spring.datasource.password", "");
    all.put("belay.processes", "src/test/resources/web/processes");
    all.put("belay.environments", directory.resolve("environments").toString());
    all.put("belay.artifacts.directory", directory.resolve("artifacts").toString());
    all.put("belay.test.target", target.url());
    return all;
  }

  private void awaitUp(NodeProcess node) {
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              assertThat(node.isAlive()).as(node.endOfLog()).isTrue();
              return node.isUp(people.client());
            });
  }

  private String startRun(NodeProcess node, int count, String pause) throws Exception {
    Answer answer =
        people.tell(
            "olga",
            node.url().resolve("/api/runs"),
            Map.of(
                "runbook", "web-test",
                "name", "r1",
                "parameters", Map.of("environment", "e1", "count", count, "pause", pause)));
    assertThat(answer.status()).as(answer.text()).isEqualTo(201);
    return answer.json().path("id").asText();
  }

  private Instant engineStart(NodeProcess node, String run) throws Exception {
    URI history = node.url().resolve("/engine-rest/history/process-instance/" + run);
    String text = people.ask("adam", history).json().path("startTime").asText();
    return java.time.OffsetDateTime.parse(
            text, java.time.format.DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSZ"))
        .toInstant();
  }

  /** Approves what there is to approve; fails at once when a step becomes an incident. */
  private String end(NodeProcess node, String run) {
    return await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(300))
        .until(() -> look(node, run), status -> !status.isEmpty());
  }

  private String look(NodeProcess node, String run) throws IOException, InterruptedException {
    JsonNode view = people.ask("vera", node.url().resolve("/api/runs/" + run)).json();
    String status = view.path("status").asText();
    if (INCIDENT.contains(status)) {
      throw new AssertionError(view.toString());
    }
    for (JsonNode open : people.ask("anna", node.url().resolve("/api/tasks?run=" + run)).json()) {
      people.tell(
          "anna",
          node.url().resolve("/api/tasks/" + open.at("/task/id").asText() + "/complete"),
          Map.of("values", Map.of("decision", "go", "reason", "seen enough", "looked", true)));
    }
    return view.path("endedAt").isNull() ? "" : status;
  }

  private static Optional<Path> library() throws IOException {
    try (Stream<Path> places = Files.list(Path.of("/usr/lib"))) {
      return places
          .map(place -> place.resolve("faketime/libfaketimeMT.so.1"))
          .filter(Files::exists)
          .findFirst();
    }
  }
}
