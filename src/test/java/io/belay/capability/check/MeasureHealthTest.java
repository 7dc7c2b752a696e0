package io.belay.capability.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.belay.capability.check.comparison.Judgement.Outcome;
import io.belay.step.FakeStepContext;
import io.belay.step.InvalidStepInput;
import io.belay.step.Sample;
import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.target.Environment;
import io.belay.target.HttpProbe;
import io.belay.target.RouterStatistics;
import io.belay.target.RouterTarget;
import io.belay.target.Secret;
import io.belay.target.ServiceTarget;
import io.belay.target.Target;
import io.belay.target.TargetException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MeasureHealthTest {

  private static final Duration WINDOW = Duration.ofMillis(600);
  private static final Duration INTERVAL = Duration.ofMillis(40);

  @TempDir Path directory;
  private TestService fresh;
  private TestService old;
  private RouterStatistics routed;
  private final AtomicLong readings = new AtomicLong();

  @BeforeEach
  void start() throws Exception {
    fresh = new TestService();
    old = new TestService();
  }

  @AfterEach
  void stop() {
    fresh.close();
    old.close();
  }

  @Test
  void healthyServices_giveEveryNumber() throws Exception {
    FakeStepContext context = context(fresh.target(), old.target());
    MeasureHealth.Result result = context.run(measure(), input("v1", null));
    assertThat(result.missing()).isEmpty();
    assertThat(result.complete()).isTrue();
    assertThat(result.samples()).isBetween(20, 30);
    assertThat(result.errorRate4xx()).isZero();
    assertThat(result.errorRate5xx()).isZero();
    assertThat(result.p50Ms()).isPositive().isLessThanOrEqualTo(result.p95Ms());
    assertThat(result.p95Ms()).isLessThanOrEqualTo(result.p99Ms());
    assertThat(result.baselineP95Ms()).isPositive();
    assertThat(result.processingRatio()).isCloseTo(1, within(0.01));
    assertThat(result.poolUsage()).isEqualTo(0.3);
    assertThat(result.redisUp()).isTrue();
    assertThat(result.memoryUsage()).isEqualTo(0.5);
    assertThat(result.cpuUsage()).isEqualTo(0.25);
    assertThat(result.diskUsage()).isEqualTo(0.75);
    assertThat(context.samples())
        .extracting(Sample::metric)
        .contains("p95Ms", "errorRate5xx", "poolUsage");
    assertThat(context.samples()).extracting(Sample::subject).contains("candidate", "baseline");
  }

  @Test
  void errors_areShares() throws Exception {
    fresh.status.put("/a", 500);
    fresh.status.put("/b", 404);
    MeasureHealth.Result result =
        context(fresh.target(), old.target()).run(measure(), input("v1", null));
    assertThat(result.errorRate5xx()).isCloseTo(0.5, within(0.05));
    assertThat(result.errorRate4xx()).isCloseTo(0.5, within(0.05));
  }

  @Test
  void probeThatIsNotAnsweredAsItsEndpointWants_fails() throws Exception {
    for (int other : new int[] {302, 401, 404}) {
      fresh.status.put("/a", other);
      MeasureHealth.Result result =
          context(fresh.target(), old.target()).run(measure(), input("v1", null));
      assertThat(result.failedProbes()).isBetween(10, 15);
      assertThat(result.firstFailedProbe()).contains("/a: " + other + " instead of 2xx");
    }
    fresh.status.put("/a", 401);
    ServiceTarget wanted = fresh.target(null, List.of("/a 401", "/b 200 ok"), List.of());
    assertThat(context(wanted, old.target()).run(measure(), input("v1", null)).failedProbes())
        .isZero();
    ServiceTarget text = fresh.target(null, List.of("/b 200 something else"), List.of());
    assertThat(context(text, old.target()).run(measure(), input("v1", null)).firstFailedProbe())
        .contains("/b: 200 without the text 'something else'");
  }

  @Test
  void moreNotFoundThanTheBaseline_shows_andChanceDoesNot() throws Exception {
    routed = statistics(100, 0, 0, 1.0);
    FakeStepContext context = context(fresh.target(), old.target());
    MeasureHealth.Result half =
        context.run(measure(() -> statistics(200, 50, 0, 1.0)), input("v1", "router"));
    assertThat(half.excess4xx()).isCloseTo(0.5, within(0.001));
    readings.set(0);
    MeasureHealth.Result one =
        context.run(measure(() -> statistics(200, 1, 0, 1.0)), input("v1", "router"));
    assertThat(one.excess4xx()).as("one of a hundred").isZero();
    readings.set(0);
    RouterStatistics all =
        new RouterStatistics(
            new RouterStatistics.Side(100, 0, 0, new TreeMap<>(Map.of(1.0, 100L))),
            new RouterStatistics.Side(200, 50, 0, new TreeMap<>(Map.of(1.0, 200L))),
            Map.of(),
            100);
    MeasureHealth.Result later = context.run(measure(() -> all), input("v1", "router"));
    assertThat(later.excess4xx()).as("the baseline has no users any more").isZero();
    assertThat(later.decidable()).as("it had, earlier in the run").isFalse();
  }

  @Test
  void aSlowCandidate_isSlowerThanItsBaseline() throws Exception {
    // By far more than a busy machine adds to either.
    fresh.delayMs = 1500;
    fresh.timeout = Duration.ofSeconds(20);
    MeasureHealth.Result result =
        context(fresh.target(), old.target()).run(measure(), input("v1", null));
    assertThat(result.p95Ms()).isGreaterThanOrEqualTo(1500);
    assertThat(result.samples()).as("a slow service is probed as often").isBetween(20, 30);
    assertThat(result.baselineP95Ms()).isLessThan(1500);
  }

  @Test
  void aDeadCandidate_hasOnlyErrors_andIsNeverComplete() throws Exception {
    ServiceTarget gone = fresh.target();
    fresh.close();
    MeasureHealth.Result result = context(gone, old.target()).run(measure(), input("v1", null));
    assertThat(result.errorRate5xx()).isEqualTo(1);
    assertThat(result.complete()).isFalse();
    assertThat(result.missing()).contains("metrics of 'v2'").contains("p95Ms");
    assertThat(result.redisUp()).isFalse();
    assertThat(result.poolUsage()).isEqualTo(1);
    assertThat(result.processingRatio()).isZero();
  }

  @Test
  void metricsThatLackSomething_areNamed_andCountAsWorst() throws Exception {
    fresh.metrics = "{\"requests\":1,\"redis_up\":true,\"cpu\":0.1,\"memory\":0.1}";
    MeasureHealth.Result result =
        context(fresh.target(), old.target()).run(measure(), input("v1", null));
    assertThat(result.complete()).isFalse();
    assertThat(result.missing())
        .contains("poolUsage")
        .contains("diskUsage")
        .contains("processingRatio")
        .contains("errors (counter)")
        .doesNotContain("cpuUsage");
    assertThat(result.diskUsage()).isEqualTo(1);
  }

  @Test
  void figureThatIsNotAskedFor_doesNotMakeTheMeasurementIncomplete() throws Exception {
    fresh.metrics = "{\"requests\":1,\"errors\":0,\"cpu\":0.1,\"memory\":0.1}";
    ServiceTarget plain = fresh.target(null, List.of("/a"), List.of());
    List<String> asked = List.of("complete", "samples", "errorRate5xx", "p95Ms");
    MeasureHealth.Input few =
        new MeasureHealth.Input("v2", "none", null, 0, WINDOW, null, 5, 2, 1, INTERVAL, asked);
    MeasureHealth.Input withRedis =
        new MeasureHealth.Input(
            "v2",
            "none",
            null,
            0,
            WINDOW,
            null,
            5,
            2,
            1,
            INTERVAL,
            List.of("errorRate5xx", "redisUp"));

    MeasureHealth.Result result = context(plain, null).run(measure(), few);
    assertThat(result.complete()).as(result.missing()).isTrue();

    MeasureHealth.Result missing = context(plain, null).run(measure(), withRedis);
    assertThat(missing.complete()).isFalse();
    assertThat(missing.missing()).contains("redisUp").doesNotContain("poolUsage");
  }

  @Test
  void behindAFlag_whatBothServicesCountIsCompared() throws Exception {
    old.tells = answering(200, 0.1);
    fresh.tells = answering(200, 0.1);
    MeasureHealth.Result same = behindAFlag(50);
    assertThat(same.comparison()).as(same.comparisonReason()).isEqualTo(Outcome.NO_WORSE);
    assertThat(same.servesUsers()).isTrue();
    assertThat(same.userRequests()).isGreaterThanOrEqualTo(200);

    old.tells = answering(200, 0.1);
    fresh.tells = answering(200, 0.2);
    MeasureHealth.Result slower = behindAFlag(50);
    assertThat(slower.comparison()).as(slower.comparisonReason()).isEqualTo(Outcome.WORSE);
    assertThat(slower.comparisonReason()).contains("v2 is worse than v1", "ms");
  }

  @Test
  void behindAFlag_thatEverybodyHasOrNobody_nothingIsCompared() throws Exception {
    old.tells = answering(2, 0.1);
    fresh.tells = answering(200, 0.2);
    MeasureHealth.Result everybody = behindAFlag(100);
    assertThat(everybody.comparison()).isEqualTo(Outcome.NOT_COMPARED);
    assertThat(everybody.servesUsers()).isTrue();

    MeasureHealth.Result nobody = behindAFlag(0);
    assertThat(nobody.comparison()).isEqualTo(Outcome.NOT_COMPARED);
    assertThat(nobody.servesUsers()).isFalse();
  }

  private MeasureHealth.Result behindAFlag(double share) throws Exception {
    fresh.timeout = Duration.ofSeconds(20);
    old.timeout = Duration.ofSeconds(20);
    return context(fresh.target(), old.target())
        .run(
            measure(),
            new MeasureHealth.Input(
                "v2",
                "v1",
                null,
                share,
                WINDOW,
                Duration.ofMinutes(1),
                5,
                2,
                1,
                INTERVAL,
                List.of("comparison", "userRequests")));
  }

  /** A service that has answered that many more requests whenever it is asked. */
  private static Supplier<String> answering(int more, double seconds) {
    AtomicInteger all = new AtomicInteger();
    return () -> {
      int count = all.addAndGet(more);
      return """
          requests_total %1$d
          errors_total 0
          request_duration_seconds_bucket{le="0.1"} %2$d
          request_duration_seconds_bucket{le="0.2"} %1$d
          request_duration_seconds_bucket{le="+Inf"} %1$d
          """
          .formatted(count, seconds > 0.1 ? 0 : count);
    };
  }

  @Test
  void deadBaseline_isSaid_beforeTrafficGoesBackToIt() throws Exception {
    ServiceTarget gone = old.target();
    old.close();
    MeasureHealth.Result result = context(fresh.target(), gone).run(measure(), input("v1", null));
    assertThat(result.complete()).isFalse();
    assertThat(result.missing())
        .contains("no probe of the baseline 'v1' passed")
        .contains("before traffic goes back to it");
    assertThat(result.baselineUp()).isFalse();

    FakeStepContext decided = context(fresh.target(), gone);
    decided.run(new JudgeAlone(), new JudgeAlone.Input("v2", "v1"));
    MeasureHealth.Result byItself = decided.run(measure(), input("v1", null));
    assertThat(byItself.missing()).isEmpty();
    assertThat(byItself.complete()).as("a person decided so").isTrue();
    assertThat(byItself.baselineUp()).isTrue();
  }

  @Test
  void candidateThatIsMeasuredByItself_isNotCompared_howeverFewUsersItHas() throws Exception {
    FakeStepContext context = context(fresh.target(), old.target());
    routed = users(0, 0, 0);
    context.run(measure(() -> users(90, 0, 90)), input("v1", "router"));
    readings.set(0);
    assertThat(context.run(measure(() -> users(0, 300, 90)), input("v1", "router")).baselineUp())
        .isFalse();
    context.run(new JudgeAlone(), new JudgeAlone.Input("v2", "v1"));
    readings.set(0);
    MeasureHealth.Result alone =
        context.run(measure(() -> users(0, 300, 90)), input("v1", "router"));
    assertThat(alone.comparison()).isEqualTo(Outcome.NOT_COMPARED);
    assertThat(alone.comparisonReason()).isEqualTo("not compared: v2 is measured by itself");
    assertThat(alone.missing()).isEmpty();
    assertThat(alone.excess4xx()).as("so did v1's users, as long as it was up").isZero();
    readings.set(0);
    MeasureHealth.Result none =
        context(fresh.target(), null).run(measure(() -> users(0, 0, 90)), input("none", "router"));
    assertThat(none.comparison()).isEqualTo(Outcome.NOT_COMPARED);
    assertThat(none.decidable()).as("one client alone may cause 30 %").isFalse();
  }

  /** Of 300 users on each side, at weight 10. */
  private static RouterStatistics users(long old4xx, long old5xx, long fresh4xx) {
    long all = old4xx + old5xx + fresh4xx == 0 ? 0 : 300;
    TreeMap<Double, Long> latency = new TreeMap<>(Map.of(1.0, all));
    return new RouterStatistics(
        new RouterStatistics.Side(all, old4xx, old5xx, latency),
        new RouterStatistics.Side(all, fresh4xx, 0, latency),
        Map.of(),
        10);
  }

  @Test
  void baselineThatFailsAllItsUsers_isDown_howeverWellItsProbesGo() throws Exception {
    TreeMap<Double, Long> latency = new TreeMap<>(Map.of(1.0, 30L));
    routed = new RouterStatistics(side(0, 0), side(0, 0), Map.of(), 10);
    RouterStatistics failing =
        new RouterStatistics(
            new RouterStatistics.Side(30, 0, 30, latency),
            new RouterStatistics.Side(30, 0, 0, latency),
            Map.of(),
            10);
    MeasureHealth.Result result =
        context(fresh.target(), old.target()).run(measure(() -> failing), input("v1", "router"));
    assertThat(result.baselineUp()).isFalse();
    assertThat(result.complete()).isFalse();
    assertThat(result.missing())
        .contains("30 of 30 requests of users to the baseline 'v1' failed at the router");
    MeasureHealth.Result fine =
        context(fresh.target(), old.target()).run(measure(), input("v1", null));
    assertThat(fine.baselineUp()).isTrue();
  }

  @Test
  void tooFewSamples_isIncomplete() throws Exception {
    ServiceTarget one = fresh.target(null, List.of("/a"), List.of());
    MeasureHealth.Result result =
        context(one, old.target())
            .run(measure(), input("v1", null, Duration.ofMillis(90), INTERVAL));
    assertThat(result.samples()).isEqualTo(3);
    assertThat(result.complete()).isFalse();
    assertThat(result.missing()).contains("samples (3 probes");
  }

  @Test
  void withoutABaseline_nothingIsComparedByGuess() throws Exception {
    MeasureHealth.Result result = context(fresh.target(), null).run(measure(), input("", null));
    assertThat(result.complete()).isFalse();
    assertThat(result.processingRatio()).isZero();
    assertThat(result.missing()).contains("baselineP95Ms").contains("processingRatio");
  }

  @Test
  void noBaseline_isSaidByName_andTheServiceIsMeasuredByItself() throws Exception {
    MeasureHealth.Result result = context(fresh.target(), null).run(measure(), input("none", null));
    assertThat(result.missing()).isEmpty();
    assertThat(result.complete()).isTrue();
    assertThat(result.processingRatio()).isCloseTo(1, within(0.01));

    fresh.processedPerReceived = 0.5;
    assertThat(context(fresh.target(), null).run(measure(), input("none", null)).processingRatio())
        .as("messages that it was offered and did not process")
        .isCloseTo(0.5, within(0.05));
  }

  @Test
  void aCandidateThatLosesMessages_showsInTheRatio() throws Exception {
    fresh.processedPerReceived = 0.5;
    MeasureHealth.Result result =
        context(fresh.target(), old.target()).run(measure(), input("v1", null));
    assertThat(result.processingRatio()).isCloseTo(0.5, within(0.05));
    assertThat(result.complete()).isTrue();
  }

  @Test
  void aBaselineWithoutTraffic_isComparedAsItWasEarlierInTheRun() throws Exception {
    FakeStepContext context = context(fresh.target(), old.target());
    assertThat(context.run(measure(), input("v1", null)).complete()).isTrue();
    old.metrics = "{\"requests\":9,\"messages_received\":9,\"messages_processed\":9}";
    fresh.processedPerReceived = 0.5;
    MeasureHealth.Result result = context.run(measure(), input("v1", null));
    assertThat(result.processingRatio()).isCloseTo(0.5, within(0.05));
    MeasureHealth.Result otherRun =
        context(fresh.target(), old.target()).run(measure(), input("v1", null));
    assertThat(otherRun.missing()).contains("processingRatio");
  }

  @Test
  void whatUsersSuffer_isNotHiddenByHealthyProbes() throws Exception {
    routed = statistics(100, 0, 0, 1.0);
    MeasureHealth.Result result =
        context(fresh.target(), old.target())
            .run(measure(() -> statistics(200, 10, 40, 250.0)), input("v1", "router"));
    assertThat(result.errorRate5xx()).isEqualTo(0.4);
    assertThat(result.errorRate4xx()).isEqualTo(0.1);
    assertThat(result.p95Ms()).isEqualTo(250.0);
    assertThat(result.complete()).isTrue();
    assertThat(result.servesUsers()).isTrue();
    assertThat(result.userRequests()).isEqualTo(100);
  }

  @Test
  void aCandidateThatIsWorseForItsUsers_failsTheComparison_andEndsTheWindow() throws Exception {
    routed = evenStatistics(100, 0);
    FakeStepContext context = context(fresh.target(), old.target());
    MeasureHealth.Result result =
        context.run(
            measure(() -> evenStatistics(600, 60)),
            input("v1", "router", Duration.ofSeconds(30), INTERVAL));
    assertThat(result.complete()).as(result.missing()).isTrue();
    assertThat(result.comparison()).isEqualTo(Outcome.WORSE);
    assertThat(result.comparisonReason())
        .startsWith("v2 is worse than v1: 12 % of 500 requests failed on v2, 0 % of 500 on v1");
  }

  @Test
  void aCandidateThatIsWorseAtOnce_failsTheComparison_howeverFewProbesThereWere() throws Exception {
    routed = evenStatistics(100, 0);
    ServiceTarget one = fresh.target(null, List.of("/a"), List.of());
    MeasureHealth.Result result =
        context(one, old.target())
            .run(
                measure(() -> evenStatistics(600, 60)),
                input("v1", "router", Duration.ofSeconds(30), Duration.ofMillis(600)));
    assertThat(result.comparison()).isEqualTo(Outcome.WORSE);
    assertThat(result.samples()).isLessThan(HealthSummary.FEWEST_SAMPLES);
    assertThat(result.missing()).doesNotContain("samples");
  }

  @Test
  void anUndecidedComparison_lengthensTheWindow_andSaysWhatIsMissing() throws Exception {
    routed = evenStatistics(100, 0);
    FakeStepContext context = context(fresh.target(), old.target());
    AtomicLong more = new AtomicLong(100);
    MeasureHealth.Input input =
        new MeasureHealth.Input(
            "v2", "v1", "router", 0, WINDOW, Duration.ofMinutes(1), 5, 2, 1, INTERVAL, List.of());
    MeasureHealth.Result passed =
        context.run(measure(() -> evenStatistics(more.addAndGet(150), 0)), input);
    assertThat(passed.comparison()).as(passed.comparisonReason()).isEqualTo(Outcome.NO_WORSE);
    assertThat(passed.userRequests()).isGreaterThan(150);

    readings.set(0);
    MeasureHealth.Result early =
        context.run(measure(() -> evenStatistics(150, 0)), input("v1", "router"));
    assertThat(early.comparison()).isEqualTo(Outcome.UNDECIDED);
    assertThat(early.comparisonReason()).contains("too few requests", "more requests on v2");
  }

  @Test
  void whatIsTolerated_mustBeLessThanWhatMustBeNoticed() {
    assertThat(measure().check(tolerating(1.05, 1.1), MeasuredSidesTest.environment("v1", "v2")))
        .isEmpty();
    assertThat(measure().check(tolerating(1.1, 1.1), MeasuredSidesTest.environment("v1", "v2")))
        .singleElement()
        .asString()
        .contains("noticeSlowdown 1.1 must be above toleratedSlowdown 1.1");
  }

  private static MeasureHealth.Input tolerating(double factor, double noticed) {
    return new MeasureHealth.Input(
        "v2",
        "v1",
        "router",
        0,
        WINDOW,
        Duration.ofMinutes(1),
        5,
        noticed,
        factor,
        INTERVAL,
        List.of());
  }

  private static RouterStatistics evenStatistics(long requests, long status5xx) {
    TreeMap<Double, Long> latency = new TreeMap<>(Map.of(1.0, requests));
    return new RouterStatistics(
        new RouterStatistics.Side(requests, 0, 0, latency),
        new RouterStatistics.Side(requests, 0, status5xx, latency),
        Map.of(),
        50);
  }

  @Test
  void aCandidateThatNoUserReaches_showsIt_howeverWellTheProbesGo() throws Exception {
    routed = statistics(100, 0, 0, 1.0);
    MeasureHealth.Result result =
        context(fresh.target(), old.target()).run(measure(), input("v1", "router"));
    assertThat(result.missing())
        .isEqualTo("only 0 request(s) of users reached the new version, 10 are needed");
    assertThat(result.errorRate5xx()).isZero();
    assertThat(result.servesUsers()).isTrue();
    assertThat(result.userRequests()).isZero();
    routed = new RouterStatistics(side(9, 0), side(0, 0), Map.of(), 0);
    assertThat(
            context(fresh.target(), old.target())
                .run(measure(), input("v1", "router"))
                .servesUsers())
        .as("at weight 0 there are but probes")
        .isFalse();
  }

  @Test
  void aRouterThatCannotBeRead_isMissing() throws Exception {
    MeasureHealth.Result result =
        context(fresh.target(), old.target())
            .run(
                new MeasureHealth(
                    new HttpProbe(),
                    router -> {
                      throw new TargetException("gateway is gone");
                    }),
                input("v1", "router"));
    assertThat(result.complete()).isFalse();
    assertThat(result.missing()).contains("router (gateway is gone)");
  }

  @Test
  void aRouterThatWasRestarted_isMissing() throws Exception {
    routed = statistics(100, 0, 0, 1.0);
    MeasureHealth.Result result =
        context(fresh.target(), old.target())
            .run(measure(() -> statistics(5, 0, 0, 1.0)), input("v1", "router"));
    assertThat(result.complete()).isFalse();
    assertThat(result.missing()).contains("restarted");
  }

  @Test
  void errorsInTheLog_andIntegrationsDown_areCounted() throws Exception {
    Path log = Files.writeString(directory.resolve("app.log"), "ERROR before\n");
    ServiceTarget target = fresh.target(log.toString(), List.of("/a", "/b"), List.of("/ai", "/x"));
    fresh.status.put("/ai", 503);
    FakeStepContext context = context(target, old.target());
    CompletableFuture<MeasureHealth.Result> measuring = async(context, input("v1", null));
    Awaitility.await().until(() -> fresh.requests.get() > 6);
    Files.writeString(log, "INFO\nERROR one\nERROR two\n", StandardOpenOption.APPEND);
    MeasureHealth.Result result = measuring.get(10, TimeUnit.SECONDS);
    assertThat(result.errorLines()).isEqualTo(2);
    assertThat(result.integrationsDown()).isEqualTo(1);
    ServiceTarget noFile = fresh.target(directory + "/none.log", List.of("/a", "/b"), List.of());
    assertThat(context(noFile, old.target()).run(measure(), input("v1", null)).missing())
        .contains("errorLines");
  }

  @Test
  void duringARollingUpdate_theReplacedInstancesAreMeasuredBesideTheOthers() throws Exception {
    try (TestService unused = new TestService()) {
      ServiceTarget v1 = withInstances(unused.target(), fresh.url(), old.url());
      ServiceTarget v2 = withInstances(unused.target(), fresh.url(), old.url());
      FakeStepContext context = context(v2, v1);
      context.run(new ReplaceInstance(), new ReplaceInstance.Input("router", "v1", "v2", "i1"));
      fresh.status.put("/a", 500);
      routed = new RouterStatistics(side(0, 0), side(0, 0), Map.of("i1", side(0, 0)), 0);
      MeasureHealth.Result first =
          context.run(
              measure(
                  () ->
                      new RouterStatistics(side(90, 9), side(0, 0), Map.of("i1", side(10, 9)), 0)),
              input("v1", "router"));
      assertThat(first.missing()).isEmpty();
      assertThat(first.errorRate5xx()).as("what users got from i1").isEqualTo(0.9);
      assertThat(first.servesUsers()).isTrue();
      assertThat(first.userRequests()).isEqualTo(10);
      assertThat(unused.requests.get()).isZero();

      context.run(new ReplaceInstance(), new ReplaceInstance.Input("router", "v1", "v2", "i2"));
      RouterStatistics.Side idle = side(0, 0);
      routed = new RouterStatistics(idle, idle, Map.of("i1", idle, "i2", idle), 0);
      readings.set(0);
      RouterStatistics busy =
          new RouterStatistics(idle, idle, Map.of("i1", side(9, 0), "i2", side(9, 0)), 0);
      MeasureHealth.Result last = context.run(measure(() -> busy), input("v1", "router"));
      assertThat(last.comparison()).as("none is left").isEqualTo(Outcome.NOT_COMPARED);
      assertThat(last.missing()).as("the baseline is known from before").isEmpty();
      assertThat(last.baselineP95Ms()).isEqualTo(first.baselineP95Ms());
      assertThat(last.samples()).isEqualTo(2 * first.samples());
    }
  }

  /** Leaves the same trace in the journal as the rollout's step of that name. */
  static final class ReplaceInstance
      extends StepDelegate<ReplaceInstance.Input, ReplaceInstance.Result> {

    record Input(String router, String from, String to, String instance) {}

    record Result(boolean replaced) {}

    ReplaceInstance() {
      super(Input.class, Result.class);
    }

    @Override
    public Result perform(Input input, StepContext context) {
      return new Result(true);
    }

    @Override
    public StepPlan plan(Input input, Environment environment) {
      return StepPlan.changes("v1", "nothing");
    }
  }

  private static RouterStatistics.Side side(long requests, long status5xx) {
    return new RouterStatistics.Side(requests, 0, status5xx, new TreeMap<>());
  }

  private static ServiceTarget withInstances(ServiceTarget target, URI first, URI second) {
    return new ServiceTarget(
        target.url(),
        target.health(),
        target.ready(),
        target.metrics(),
        target.log(),
        target.endpoints(),
        target.webhook(),
        target.webhookToken(),
        target.integrations(),
        null,
        null,
        null,
        target.startTimeout(),
        target.timeout(),
        List.of(
            new ServiceTarget.Instance("i1", first, null, null, null),
            new ServiceTarget.Instance("i2", second, null, null, null)));
  }

  @Test
  void cancellation_endsItAtOnce() {
    FakeStepContext context = context(fresh.target(), old.target());
    CompletableFuture<MeasureHealth.Result> measuring =
        async(context, input("v1", null, Duration.ofHours(24), INTERVAL));
    Awaitility.await().until(() -> fresh.requests.get() > 6);
    context.cancel();
    assertThatThrownBy(() -> measuring.get(5, TimeUnit.SECONDS))
        .hasRootCauseInstanceOf(CancellationException.class);
  }

  @Test
  void impossibleTimes_areRefused() {
    FakeStepContext context = context(fresh.target(), old.target());
    for (Duration interval : List.of(Duration.ZERO, Duration.ofMillis(-1), Duration.ofHours(1))) {
      assertThatThrownBy(() -> context.run(measure(), input("v1", null, WINDOW, interval)))
          .isInstanceOf(InvalidStepInput.class);
    }
  }

  private CompletableFuture<MeasureHealth.Result> async(
      FakeStepContext context, MeasureHealth.Input input) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return context.run(measure(), input);
          } catch (CancellationException e) {
            throw new IllegalStateException(e);
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        });
  }

  private static RouterStatistics statistics(
      long requests, long status4xx, long status5xx, double latency) {
    return new RouterStatistics(
        new RouterStatistics.Side(requests, 0, 0, new TreeMap<>(Map.of(1.0, requests))),
        new RouterStatistics.Side(
            requests,
            status4xx,
            status5xx,
            latency == 1
                ? new TreeMap<>(Map.of(1.0, requests))
                : new TreeMap<>(Map.of(1.0, 100L, latency, requests - 100))),
        Map.of(),
        10);
  }

  private MeasureHealth measure() {
    return new MeasureHealth(new HttpProbe(), router -> routed);
  }

  /** The router says {@code routed} first, and the other from then on. */
  private MeasureHealth measure(java.util.function.Supplier<RouterStatistics> later) {
    return new MeasureHealth(
        new HttpProbe(), router -> readings.getAndIncrement() == 0 ? routed : later.get());
  }

  private static MeasureHealth.Input input(String baseline, String router) {
    return input(baseline, router, WINDOW, INTERVAL);
  }

  private static MeasureHealth.Input input(
      String baseline, String router, Duration window, Duration interval) {
    return new MeasureHealth.Input(
        "v2", baseline, router, 0, window, null, 5, 2, 1, interval, List.of());
  }

  private static FakeStepContext context(ServiceTarget candidate, ServiceTarget baseline) {
    Map<String, Target> targets = new HashMap<>();
    targets.put("v2", candidate);
    if (baseline != null) {
      targets.put("v1", baseline);
    }
    targets.put(
        "router",
        new RouterTarget(
            RouterTarget.Kind.GATEWAY,
            URI.create("http://localhost"),
            URI.create("http://localhost"),
            Secret.none(),
            "main",
            "v1",
            "v2",
            Duration.ofSeconds(1)));
    return new FakeStepContext(targets);
  }
}
