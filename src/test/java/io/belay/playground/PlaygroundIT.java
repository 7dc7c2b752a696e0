package io.belay.playground;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.Document;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The world does what it promises: its parts are real, and each fault does what it says. */
class PlaygroundIT {

  private static final Duration SOON = Duration.ofSeconds(10);
  private static final List<String> GREEN = List.of(Slots.GREEN);

  private final World world = World.shared();

  @AfterAll
  static void usersRest() {
    World.shared().users().rest();
  }

  private final Caller caller = new Caller(world);

  @BeforeEach
  void atTheBeginning() {
    world.reset();
  }

  @Test
  void users_areServedByAllOfV1() {
    // Instances count from their start; what earlier tests broke is in it.
    Map<String, Double> failedBefore = new HashMap<>();
    Slots.MAIN.forEach(slot -> failedBefore.put(slot, failedMessages(slot)));
    world.users().reset();
    await().atMost(SOON).until(() -> world.users().counts().requests() >= 60);

    SteadyLoad.Counts counts = world.users().counts();
    assertThat(counts.firstFailure()).isEmpty();
    assertThat(counts.failures()).isZero();
    assertThat(counts.rejected()).isZero();
    assertThat(counts.byVersion()).containsOnlyKeys("v1");
    for (String slot : Slots.MAIN) {
      String figures = caller.get(slot, "/metrics").body();
      assertThat(Caller.figureIn(figures, "requests")).as(slot).isPositive();
      assertThat(Caller.figureIn(figures, "messages_processed")).as(slot).isPositive();
      // One may just be worked on.
      await(slot).atMost(SOON).until(() -> failedMessages(slot) <= failedBefore.get(slot));
    }
  }

  private double failedMessages(String slot) {
    String figures = caller.get(slot, "/metrics").body();
    return Caller.figureIn(figures, "messages_received")
        - Caller.figureIn(figures, "messages_processed");
  }

  @Test
  void postgres_refusesWithoutPassword() {
    String url =
        "jdbc:postgresql://127.0.0.1:%s/mainserver"
            .formatted(world.properties().get("playground.postgres.port"));
    for (String user : List.of("mainserver", "postgres")) {
      assertThatThrownBy(() -> DriverManager.getConnection(url, user, "wrong"))
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("password authentication failed");
    }
  }

  @Test
  void redis_refusesWithoutPassword() throws IOException {
    URI url = URI.create("redis://127.0.0.1:" + world.properties().get("playground.redis.port"));
    try (RedisConnection stranger = new RedisConnection(url, 2_000)) {
      assertThatThrownBy(() -> stranger.call("GET", "session:1")).hasMessageContaining("NOAUTH");
    }
  }

  @Test
  void mongo_answersTheOfficialDriver() {
    String url = "mongodb://127.0.0.1:" + world.properties().get("playground.mongo.port");
    try (MongoClient mongo = MongoClients.create(url + "/?serverSelectionTimeoutMS=3000")) {
      Document info =
          mongo.getDatabase("admin").runCommand(new BsonDocument("buildInfo", new BsonInt32(1)));
      assertThat(info.getString("version")).startsWith("6.");
      assertThatThrownBy(() -> mongo.getDatabase("documents").getCollection("a").countDocuments())
          .hasMessageContaining("no such command");
    }
  }

  @Test
  void v2WithoutTheRenamedKeys_isAliveButNotReady() throws Exception {
    world.services().start("v2", GREEN);

    assertThat(caller.get(Slots.GREEN, "/api/health").statusCode()).isEqualTo(200);
    HttpResponse<String> ready = caller.get(Slots.GREEN, "/api/health/ready");
    assertThat(ready.statusCode()).isEqualTo(503);
    assertThat(ready.body()).contains("LARK_APP_ID", "LARK_APP_SECRET").doesNotContain("RATE_");
  }

  @Test
  void v2_hasMovedToItsOwnPaths_andKeepsThoseOfTheUsers() throws Exception {
    caller.completeConfiguration();
    world.services().start("v2", GREEN);

    for (String path :
        List.of(
            "/api",
            "/api/health/ready",
            "/api/health/metrics",
            "/api/health/ai",
            "/api/v1/conversations?user=1",
            "/conversations?user=1")) {
      assertThat(caller.get(Slots.GREEN, path).statusCode()).as(path).isEqualTo(200);
    }
    assertThat(caller.get("main-1", "/api/health").statusCode()).isEqualTo(404);
    assertThat(caller.get("main-1", "/health").statusCode()).isEqualTo(200);
    assertThat(caller.get(Slots.GREEN, "/api/v1/messages").statusCode())
        .as("its table is not there before the migration")
        .isEqualTo(500);
    assertThat(caller.get(Slots.STAGING, "/api/v1/messages").statusCode()).isEqualTo(200);
  }

  @Test
  void serviceCommand_isIdempotent_andTheServiceOutlivesIt() throws Exception {
    assertThat(caller.service("running", "v2", "green")).isEqualTo(1);
    assertThat(caller.service("start", "v2", "green")).isZero();
    long pid = world.services().running("green").orElseThrow().process().pid();
    assertThat(caller.service("start", "v2", "green")).isZero();
    assertThat(world.services().running("green").orElseThrow().process().pid()).isEqualTo(pid);
    assertThat(caller.service("running", "v2", "green")).isZero();
    assertThat(caller.service("stop", "v1", "green")).as("not the version that runs").isZero();
    assertThat(caller.service("running", "v2", "green")).isZero();
    assertThat(caller.service("stop", "v2", "green")).isZero();
    assertThat(caller.service("stop", "v2", "green")).isZero();
    assertThat(caller.service("running", "v2", "green")).isEqualTo(1);
    assertThat(caller.service("start", "v2", "main-1")).as("the slot is taken by v1").isEqualTo(1);
  }

  @Test
  void errorRate_failsThatShareOfTheRequests_butNotHealth() throws Exception {
    world.fault(Fault.errorRate("main-1", 0.25));
    Caller.awaitPulse(() -> caller.get("main-1", "/conversations?user=1").statusCode() == 500);

    String before = caller.get("main-1", "/metrics").body();
    for (int i = 0; i < 60; i++) {
      caller.get("main-1", "/conversations?user=1");
    }
    String after = caller.get("main-1", "/metrics").body();
    double requests = Caller.figureIn(after, "requests") - Caller.figureIn(before, "requests");
    double errors = Caller.figureIn(after, "errors_5xx") - Caller.figureIn(before, "errors_5xx");
    assertThat(requests).isGreaterThanOrEqualTo(60);
    assertThat(errors / requests).isBetween(0.22, 0.28);
    assertThat(caller.get("main-1", "/health").statusCode()).isEqualTo(200);
    assertThat(caller.get("main-2", "/conversations?user=1").statusCode()).isEqualTo(200);
    await().atMost(SOON).until(() -> world.users().counts().failures() > 0);
  }

  @Test
  void latency_slowsAnswers_andTheFiguresSaySo() throws Exception {
    world.fault(Fault.latency("v1", Duration.ofMillis(120)));
    Caller.awaitPulse(() -> caller.millis("main-2", "/conversations?user=1") >= 120);
    await().atMost(SOON).until(() -> caller.figure("main-2", "p99_ms") >= 120);

    world.repair();
    Caller.awaitPulse(() -> caller.millis("main-2", "/conversations?user=1") < 100);
  }

  @Test
  void down_killsTheProcess_andItsRestart_untilRepaired() throws Exception {
    world.fault(Fault.down("main-3"));

    assertThat(world.services().runs("v1", "main-3")).isFalse();
    assertThat(caller.service("start", "v1", "main-3")).isEqualTo(1);
    world.repair();
    assertThat(world.services().runs("v1", "main-3")).isTrue();
  }

  @Test
  void downOfV2_hitsItWhenItStartsLater_butNotStaging() throws Exception {
    world.fault(Fault.down("v2"));

    assertThat(caller.service("start", "v2", "green")).isEqualTo(1);
    assertThat(world.services().runs("v2", Slots.STAGING)).isTrue();
    world.repair();
    assertThat(world.services().running(Slots.GREEN)).isEmpty();
  }

  @Test
  void errorLines_appearInTheLog() {
    Path log = Slots.log(world.directory(), "v1", "main-1");
    world.fault(Fault.errorLines("main-1", 50));
    await()
        .atMost(SOON)
        .until(() -> Files.readString(log).lines().filter(l -> l.contains(" ERROR ")).count() > 5);
  }

  @Test
  void wrongWebhook_refusesTheRightToken() {
    assertThat(caller.challenge()).isEqualTo(200);
    world.fault(Fault.wrongWebhook(Slots.STAGING));
    Caller.awaitPulse(() -> caller.challenge() == 401);
    world.repair();
    Caller.awaitPulse(() -> caller.challenge() == 200);
  }

  @Test
  void aiDown_isSeenByV2() {
    assertThat(caller.get(Slots.STAGING, "/api/health/ai").statusCode()).isEqualTo(200);
    world.fault(Fault.aiDown());
    assertThat(caller.get(Slots.STAGING, "/api/health/ai").statusCode()).isEqualTo(503);
    world.repair();
    assertThat(caller.get(Slots.STAGING, "/api/health/ai").statusCode()).isEqualTo(200);
  }

  @Test
  void redisDown_stopsTheServer_andRepairBringsItsContentBack() {
    WorldFingerprint before = world.fingerprint();
    world.fault(Fault.redisDown());

    assertThatThrownBy(world::redis).isInstanceOf(IOException.class);
    assertThat(caller.get("main-1", "/metrics").body()).contains("\"redis_up\":false");
    assertThat(caller.get(Slots.STAGING, "/api/health/ready").statusCode()).isEqualTo(503);
    assertThat(caller.get("main-1", "/conversations?user=1").statusCode()).isEqualTo(200);

    world.repair();
    assertThat(world.fingerprint().differencesFrom(before)).isEmpty();
    assertThat(caller.get("main-1", "/metrics").body()).contains("\"redis_up\":true");
  }

  @Test
  void acceptance_passesOnStaging_andFailsWithItsFaults() throws Exception {
    assertThat(caller.run("acceptance")).isZero();
    world.fault(Fault.errorRate(Slots.STAGING, 0.5));
    Caller.awaitPulse(() -> caller.get(Slots.STAGING, "/api").statusCode() == 500);
    assertThat(caller.run("acceptance")).isEqualTo(1);
  }

  @Test
  void notifications_areKept() throws Exception {
    URI hook = URI.create(world.properties().get("playground.notifications.url"));
    assertThat(caller.post(hook, "{\"text\":\"Gate failed\"}").statusCode()).isEqualTo(200);
    assertThat(world.notifications().received()).containsExactly("{\"text\":\"Gate failed\"}");
  }
}
