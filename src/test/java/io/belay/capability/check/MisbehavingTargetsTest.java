package io.belay.capability.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.belay.faults.Babbler;
import io.belay.faults.BlackHole;
import io.belay.step.FakeStepContext;
import io.belay.step.Verdict;
import io.belay.target.AllTargetTypes;
import io.belay.target.HttpProbe;
import io.belay.target.PostgresTarget;
import io.belay.target.RedisTarget;
import io.belay.target.RestoreWay;
import io.belay.target.Secret;
import io.belay.target.ServiceTarget;
import io.belay.target.Target;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever stands at the address of a target, every kind of target is given up in time, and what is
 * said names it. The time-out of the class is what a wait without a bound would run into.
 */
@Timeout(60)
class MisbehavingTargetsTest {

  private static final Duration SHORT = Duration.ofSeconds(1);
  private static final List<String> ALL = List.of("database", "cache", "documents", "v2");

  private final CheckDependencies check =
      new CheckDependencies(new DependencyCheck(AllTargetTypes.types()));

  private static Map<String, Target> targets(int port) {
    return new TreeMap<>(
        Map.of(
            "database",
            new PostgresTarget(
                "localhost",
                port,
                "shop",
                "app",
                Secret.of("pw-shop"),
                12,
                null,
                SHORT,
                SHORT,
                RestoreWay.AUTO),
            "cache",
            new RedisTarget("localhost", port, "", Secret.of("pw-cache"), 5, SHORT),
            "documents",
            new MongoTarget("localhost", port, "", Secret.none(), 4, SHORT),
            "v2",
            service(port)));
  }

  private static ServiceTarget service(int port) {
    return new ServiceTarget(
        URI.create("http://localhost:" + port),
        "/health",
        "/ready",
        "/metrics",
        null,
        List.of("/a"),
        null,
        Secret.of("webhook-secret"),
        List.of("/ai"),
        null,
        null,
        null,
        SHORT,
        SHORT,
        List.of());
  }

  private void everyTargetIsNamed(int port) throws Exception {
    Map<String, Target> targets = targets(port);
    for (String name : ALL) {
      CheckDependencies.Result result =
          new FakeStepContext(targets).run(check, new CheckDependencies.Input(List.of(name)));
      assertThat(result.verdict()).as(result.reason()).isEqualTo(Verdict.FAIL);
      assertThat(result.reason())
          .contains("'" + name + "'")
          .contains("localhost:" + port)
          .doesNotContain("pw-")
          .doesNotContain("null");
    }
  }

  @Test
  void serverThatNeverAnswers_isGivenUp() throws Exception {
    try (BlackHole silent = BlackHole.silent()) {
      everyTargetIsNamed(silent.port());
    }
  }

  @Test
  void serverThatNobodyReaches_isGivenUp() throws Exception {
    try (BlackHole unreachable = BlackHole.unreachable()) {
      everyTargetIsNamed(unreachable.port());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
        "SSH-2.0-OpenSSH_9.2\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nx",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nx",
        "HTTP/9.9 banana\r\n\r\n",
        "$2147483647\r\nx",
        "*2147483647\r\n",
        "R\0\0\0\u0008\0\0\0\u0063",
      })
  void serverThatTalksNonsense_isNamed(String nonsense) throws Exception {
    try (Babbler server = Babbler.saying(nonsense)) {
      everyTargetIsNamed(server.port());
    }
  }

  @Test
  void serverThatNeverStopsTalking_isGivenUp() throws Exception {
    try (Babbler server = Babbler.endlesslySaying("", "x")) {
      everyTargetIsNamed(server.port());
    }
    try (Babbler server = Babbler.endlesslySaying("HTTP/1.1 200 OK\r\n", "X-More: and more\r\n")) {
      everyTargetIsNamed(server.port());
    }
  }

  @Test
  void bodyWithoutAnEnd_isCutOff_andCountsByItsStatus() throws Exception {
    try (Babbler server = Babbler.endlesslySaying("HTTP/1.1 503 X\r\n\r\n", "x")) {
      HttpProbe.Answer answer = new HttpProbe().get(server.url(), "/health", SHORT);
      assertThat(answer.body().length()).isLessThanOrEqualTo(1 << 20);
      assertThat(answer.ok()).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"requests\": 1e999, \"errors\": \"many\", \"pool\": [1, 2], \"redis_up\": null}",
        "{\"requests\":",
        "not{really}prometheus 1 2 3 4",
        "requests NaN\nerrors +Inf\npool_used -0x12",
        "\uFFFD\u0000\u0001",
        "",
      })
  void metricsThatAreNonsense_areNamedAsMissing_andNeverPass(String document) throws Exception {
    isIncomplete(document);
  }

  @Test
  void metricsThatNestDeeply_areNamedAsMissing_andNeverPass() throws Exception {
    isIncomplete("{\"a\":".repeat(100_000) + "1" + "}".repeat(100_000));
  }

  @Test
  void metricsThatAreCutInTheMiddle_areNamedAsTooLong() throws Exception {
    String metrics = "pool_used 1\npool_max 10\nredis_up 1\n";
    isIncomplete(metrics + "# é\n".repeat(250_000), "too long to be read whole");
  }

  @Test
  void metricsThatShowASecret_areQuotedWithoutIt() throws Exception {
    isIncomplete("token: webhook-secret", "'token: ******'");
  }

  private static void isIncomplete(String document) throws Exception {
    isIncomplete(document, "");
  }

  private static void isIncomplete(String document, String why) throws Exception {
    try (Babbler server = Babbler.answering(200, "application/json", document)) {
      FakeStepContext context = new FakeStepContext(Map.of("v2", service(server.port())));
      MeasureHealth.Result result =
          context.run(
              new MeasureHealth(new HttpProbe(), router -> null),
              new MeasureHealth.Input(
                  "v2",
                  null,
                  null,
                  0,
                  Duration.ofMillis(300),
                  null,
                  5,
                  2,
                  1,
                  Duration.ofMillis(50),
                  List.of()));
      assertThat(result.complete()).isFalse();
      assertThat(result.missing()).contains("processingRatio", "poolUsage", "redisUp", why);
      assertThat(result.redisUp()).isFalse();
      assertThat(result.poolUsage()).isEqualTo(1);
    }
  }
}
