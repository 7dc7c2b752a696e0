package io.belay.capability.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.belay.playground.EmbeddedServers;
import io.belay.playground.PlaygroundMongo;
import io.belay.playground.Ports;
import io.belay.step.FakeStepContext;
import io.belay.step.StepPlan;
import io.belay.step.Verdict;
import io.belay.target.AllTargetTypes;
import io.belay.target.PostgresTarget;
import io.belay.target.RedisTarget;
import io.belay.target.RestoreWay;
import io.belay.target.Secret;
import io.belay.target.Target;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import redis.embedded.RedisServer;

/** Against a real PostgreSQL and Redis; MongoDB is the playground's stand-in, which says why. */
class DependencyCheckIT {

  private static EmbeddedPostgres postgres;
  private static RedisServer redis;
  private static PlaygroundMongo mongo;
  private static int redisPort;
  private static int nobody;

  private final CheckDependencies check =
      new CheckDependencies(new DependencyCheck(AllTargetTypes.types()));

  @BeforeAll
  static void start() throws Exception {
    postgres = EmbeddedServers.postgres().start();
    redisPort = Ports.free();
    nobody = Ports.free();
    redis = RedisServer.newRedisServer().port(redisPort).build();
    redis.start();
    mongo = PlaygroundMongo.start();
  }

  @AfterAll
  static void stop() throws Exception {
    postgres.close();
    redis.stop();
    mongo.close();
  }

  @Test
  void reachableAndSupported_passes() throws Exception {
    CheckDependencies.Result result =
        check(
            Map.of(
                "database", database(postgres.getPort(), 12),
                "cache", cache(redisPort, 5),
                "documents", documents(mongo.port(), 4)));
    assertThat(result.reason())
        .matches(
            "there and supported: database 15\\.[^,]+, cache \\d+\\.[^,]+, documents \\d+\\..+");
    assertThat(result.verdict()).isEqualTo(Verdict.PASS);
  }

  @Test
  void tooOld_fails_andNamesEveryVersion() throws Exception {
    CheckDependencies.Result result =
        check(
            Map.of(
                "database", database(postgres.getPort(), 99),
                "cache", cache(redisPort, 98),
                "documents", documents(mongo.port(), 97)));
    assertThat(result.verdict()).isEqualTo(Verdict.FAIL);
    assertThat(result.reason())
        .contains("version 15")
        .contains("99 or newer")
        .contains("98 or newer")
        .contains("97 or newer");
  }

  @Test
  void unreachable_namesAllAtOnce() throws Exception {
    CheckDependencies.Result result =
        check(
            Map.of(
                "database", database(nobody, 12),
                "cache", cache(nobody, 5),
                "documents", documents(nobody, 4)));
    assertThat(result.verdict()).isEqualTo(Verdict.FAIL);
    assertThat(result.reason())
        .hasSizeLessThanOrEqualTo(500)
        .contains("'database'")
        .contains("'cache'")
        .contains("'documents'")
        .doesNotContain("pw-");
  }

  @Test
  void wrongLogins_areNamed_withoutThePasswords() throws Exception {
    PostgresTarget stranger =
        new PostgresTarget(
            "localhost",
            postgres.getPort(),
            "postgres",
            "stranger",
            Secret.of("pw-stranger"),
            12,
            null,
            Duration.ofSeconds(2),
            Duration.ofSeconds(2),
            RestoreWay.AUTO);
    RedisTarget locked =
        new RedisTarget(
            "localhost", redisPort, "stranger", Secret.of("pw-redis"), 5, Duration.ofSeconds(2));
    CheckDependencies.Result result =
        check(
            Map.of("database", stranger, "cache", locked, "documents", documents(mongo.port(), 4)));
    assertThat(result.verdict()).isEqualTo(Verdict.FAIL);
    assertThat(result.reason())
        .contains("'database'", "role \"stranger\" does not exist")
        .contains("'cache'", "WRONGPASS")
        .doesNotContain("'documents'", "pw-");
  }

  @Test
  void aTargetThatTheEnvironmentLacks_fails() throws Exception {
    CheckDependencies.Result result =
        check(
            Map.of(
                "database", database(postgres.getPort(), 12),
                "cache", cache(redisPort, 5)));
    assertThat(result.verdict()).isEqualTo(Verdict.FAIL);
    assertThat(result.reason()).contains("no target 'documents'");
  }

  @Test
  void plan_connectsToNobody() {
    StepPlan plan =
        check.plan(
            new CheckDependencies.Input(List.of("database")),
            new FakeStepContext(Map.of("database", database(nobody, 12))).environment());
    assertThat(plan.effect()).isEqualTo(StepPlan.Effect.OBSERVES);
    assertThat(plan.details()).containsExactly("PostgreSQL postgres at localhost:" + nobody);
  }

  private CheckDependencies.Result check(Map<String, Target> targets) throws Exception {
    return new FakeStepContext(targets)
        .run(check, new CheckDependencies.Input(List.of("database", "cache", "documents")));
  }

  private static PostgresTarget database(int port, int minimum) {
    return new PostgresTarget(
        "localhost",
        port,
        "postgres",
        "postgres",
        Secret.of("pw-postgres"),
        minimum,
        null,
        Duration.ofSeconds(2),
        Duration.ofSeconds(2),
        RestoreWay.AUTO);
  }

  private static RedisTarget cache(int port, int minimum) {
    return new RedisTarget("localhost", port, "", Secret.none(), minimum, Duration.ofSeconds(2));
  }

  private static MongoTarget documents(int port, int minimum) {
    return new MongoTarget("localhost", port, "", Secret.none(), minimum, Duration.ofSeconds(1));
  }
}
