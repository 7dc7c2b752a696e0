package io.belay.runbooks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.belay.playground.PlaygroundRunbook;
import io.belay.playground.World;
import io.belay.playground.WorldFingerprint;
import io.belay.step.StepObserver.Moment;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Belay is killed between the effect of a step and its result, and started again: the run goes on,
 * and nothing is done twice.
 */
class KillIT {

  private static final World WORLD = World.shared();
  private static final PlaygroundRunbook RUNBOOK = PlaygroundRunbook.of("main-server-v1-to-v2");

  private WorldFingerprint before;

  @BeforeEach
  void reset() {
    WORLD.reset();
    before = WORLD.fingerprint();
  }

  @Test
  void killedAfterTheMigration_doesNotMigrateTwice() throws Exception {
    try (KilledBelay belay =
        new KilledBelay(WORLD, RUNBOOK, "Task_ApplySchema", Moment.AFTER_EFFECT)) {
      String run = belay.startRun(parameters());
      assertThat(belay.awaitEnd(run)).isEqualTo("COMPLETED");

      isTriedAgainAndDoneOnce(belay, run, "Task_ApplySchema");
      try (var database = WORLD.database();
          var statement = database.createStatement();
          var twice =
              statement.executeQuery(
                  "SELECT id FROM databasechangelog GROUP BY id HAVING count(*) > 1")) {
        assertThat(twice.next()).isFalse();
      }
    }
  }

  @Test
  void killedAfterAShift_doesNotShiftTwice() throws Exception {
    long version = routes().path("version").asLong();
    try (KilledBelay belay =
        new KilledBelay(WORLD, RUNBOOK, "Task_ShiftTraffic", Moment.AFTER_EFFECT)) {
      String run = belay.startRun(parameters());
      assertThat(belay.awaitEnd(run)).isEqualTo("COMPLETED");

      assertThat(belay.kindsOf(run, "Task_ShiftTraffic"))
          .filteredOn(kind -> kind.equals("RESULT"))
          .hasSize(2);
      assertThat(routes().path("version").asLong() - version).isEqualTo(2);
      assertThat(belay.checkOfTheChain().path("intact").asBoolean()).isTrue();
    }
  }

  @Test
  void killedAfterTheBackup_hasOneBackup() throws Exception {
    try (KilledBelay belay =
        new KilledBelay(WORLD, RUNBOOK, "Task_TakePostgresBackup", Moment.AFTER_EFFECT)) {
      String run = belay.startRun(parameters());
      assertThat(belay.awaitEnd(run)).isEqualTo("COMPLETED");

      isTriedAgainAndDoneOnce(belay, run, "Task_TakePostgresBackup");
      int backups = 0;
      for (JsonNode artifact : belay.artifacts(run)) {
        if (artifact.path("kind").asText().equals("postgres-backup")) {
          backups++;
        }
      }
      assertThat(backups).isEqualTo(1);
    }
  }

  @Test
  void killedInTheMiddleOfTheWayBack_goesOnDown() throws Exception {
    try (KilledBelay belay =
        new KilledBelay(WORLD, RUNBOOK, "Task_RestoreTraffic", Moment.AFTER_EFFECT)
            .abortAfter("Task_ShiftTraffic")) {
      String run = belay.startRun(parameters());
      assertThat(belay.awaitEnd(run)).isEqualTo("ROLLED_BACK");

      isTriedAgainAndDoneOnce(belay, run, "Task_RestoreTraffic");
      assertThat(WORLD.fingerprint().differencesFrom(before)).isEmpty();
    }
  }

  private static Map<String, Object> parameters() {
    return RUNBOOK.parameters(Map.of());
  }

  private static void isTriedAgainAndDoneOnce(KilledBelay belay, String run, String activityId)
      throws Exception {
    assertThat(belay.kindsOf(run, activityId))
        .filteredOn(kind -> kind.equals("INTENT") || kind.equals("RESULT"))
        .containsExactly("INTENT", "INTENT", "RESULT");
    assertThat(belay.checkOfTheChain().path("problems")).isEmpty();
  }

  private static JsonNode routes() throws Exception {
    Map<String, String> world = WORLD.properties();
    return new ObjectMapper()
        .readTree(
            HttpClient.newHttpClient()
                .send(
                    HttpRequest.newBuilder(
                            URI.create(world.get("playground.gateway.admin")).resolve("/routes"))
                        .header("Authorization", "Bearer " + world.get("playground.gateway.token"))
                        .build(),
                    BodyHandlers.ofString())
                .body());
  }
}
