package io.belay.face.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.belay.faults.SwallowingProxy;
import io.belay.journal.Journal;
import io.belay.journal.JournalChain;
import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import io.belay.playground.EmbeddedServers;
import io.belay.playground.Scratch;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;

/**
 * The engine's own database goes away while a step works: Belay goes on by itself when it is back.
 */
@WebTest
@DirtiesContext
@TestPropertySource(
    properties = {
      "belay.step.lock=3s",
      "belay.step.heartbeat=500ms",
      "spring.datasource.hikari.connection-timeout=5000"
    })
@Timeout(240)
class EngineDatabaseFaultsIT {

  private static Path directory;
  private static int port;
  private static EmbeddedPostgres database;
  private static SwallowingProxy network;

  @Autowired Caller caller;
  @Autowired Journal journal;
  @Autowired JournalChain chain;

  @DynamicPropertySource
  static void engineDatabase(DynamicPropertyRegistry registry) throws Exception {
    directory = Scratch.directory("engine");
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    startDatabase();
    network = new SwallowingProxy(port);
    registry.add(
        "spring.datasource.url",
        () -> "jdbc:postgresql://127.0.0.1:%d/postgres?socketTimeout=5".formatted(network.port()));
    registry.add("spring.datasource.username", () -> "postgres");
    registry.add("spring.datasource.password", () -> "postgres");
  }

  /** With what it held, if it was there before. */
  private static void startDatabase() throws IOException {
    database =
        EmbeddedServers.postgres()
            .setDataDirectory(directory.resolve("data"))
            .setCleanDataDirectory(false)
            .setPort(port)
            .start();
  }

  @AfterAll
  static void stop() throws Exception {
    network.close();
    database.close();
  }

  @Test
  void databaseRestarted_whileAStepWorks_theRunGoesOn() throws Exception {
    String run = startSlowStep();
    database.close();
    startDatabase();
    goesOnAndCompletes(run);
  }

  @Test
  void networkThatSwallowsEverything_whileAStepWorks_theRunGoesOnWhenItIsBack() throws Exception {
    String run = startSlowStep();
    network.swallow();
    try {
      Caller.Answer refused =
          soon()
              .until(
                  () -> caller.get("vera", "/api/runs/" + run), answer -> answer.status() >= 500);
      assertThat(refused.status()).isEqualTo(503);
      assertThat(refused.body().path("detail").asText()).contains("database cannot be reached");
      assertThat(caller.get("vera", "/engine-rest/task").status()).isEqualTo(503);
      assertThat(caller.get("vera", "/").status()).isEqualTo(503);
    } finally {
      network.passOn();
    }
    goesOnAndCompletes(run);
  }

  private String startSlowStep() {
    String run = caller.start("\"count\":50,\"pause\":\"PT0.2S\"");
    soon().until(() -> !caller.get("vera", "/api/runs/" + run).body().path("working").isEmpty());
    return run;
  }

  private void goesOnAndCompletes(String run) {
    awaitStatus(run, "WAITING_FOR_PERSON");
    soon()
        .until(
            () ->
                caller
                        .post(
                            "anna",
                            "/api/tasks/" + caller.openTask(run) + "/complete",
                            "{\"values\":{\"decision\":\"go\",\"reason\":\"it is back\",\"looked\":true}}")
                        .status()
                    == 204);
    awaitStatus(run, "COMPLETED");
    List<JournalEntry> counted =
        journal.entries(run, 0, 1000).stream()
            .filter(entry -> "Task_Count".equals(entry.activityId()))
            .toList();
    assertThat(counted).filteredOn(entry -> entry.kind() == Kind.RESULT).hasSize(1);
    assertThat(journal.entries(run, Kind.INCIDENT)).isEmpty();
    assertThat(caller.get("vera", "/api/runs/" + run + "/artifacts").is(200).body()).hasSize(1);
    assertThat(chain.check().problems()).isEmpty();
  }

  private void awaitStatus(String run, String wanted) {
    soon()
        .until(
            () -> {
              JsonNode view = caller.get("vera", "/api/runs/" + run).body();
              String status = view.path("status").asText();
              assertThat(Set.of("ROLLED_BACK", "ROLLING_BACK", "CANCELLED")).doesNotContain(status);
              return wanted.equals(status);
            });
  }

  private static ConditionFactory soon() {
    return await()
        .atMost(Duration.ofSeconds(100))
        .pollInterval(Duration.ofMillis(200))
        .ignoreExceptions(); // of requests that find no database
  }
}
