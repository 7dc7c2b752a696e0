package io.belay.capability.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.belay.step.FakeStepContext;
import io.belay.step.InvalidStepInput;
import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.target.ClientGroups;
import io.belay.target.Environment;
import io.belay.target.HttpProbe;
import io.belay.target.RouterStatistics;
import io.belay.target.RouterTarget;
import io.belay.target.Secret;
import io.belay.target.ServiceTarget;
import io.belay.target.Target;
import java.net.URI;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a measurement takes for evidence, and what it says without it. */
class GateEvidenceTest {

  /** What a short table of an author's own asks. */
  private static final List<String> SHORT = List.of("complete", "samples", "errorRate5xx");

  private final Map<String, Target> targets = new HashMap<>();
  private FakeStepContext context;
  private TestService fresh;
  private TestService old;

  @BeforeEach
  void start() throws Exception {
    fresh = new TestService();
    old = new TestService();
    fresh.timeout = old.timeout = Duration.ofSeconds(20); // a busy machine is no finding
    targets.put("v2", fresh.target());
    targets.put("v1", old.target());
    targets.put("router", router("v1", "v2"));
    context = new FakeStepContext(targets);
  }

  @AfterEach
  void stop() {
    fresh.close();
    old.close();
  }

  @Test
  void tableThatDoesNotAskForUsers_doesNotPassOnProbesAlone_whileUsersAreOnTheCandidate()
      throws Exception {
    assertThat(measured("v1", "router", 10, side(900, 0, 0), side(9, 0, 0), SHORT).missing())
        .isEqualTo("only 9 request(s) of users reached the new version, 10 are needed");
    assertThat(measured("v1", "router", 10, side(900, 0, 0), side(10, 0, 0), SHORT).missing())
        .isEmpty();
    assertThat(measured("v1", "router", 0, side(900, 0, 0), side(0, 0, 0), SHORT).missing())
        .as("the router is to send nobody there")
        .isEmpty();
    List<String> asks = List.of("complete", "servesUsers", "userRequests");
    assertThat(measured("v1", "router", 10, side(900, 0, 0), side(9, 0, 0), asks).missing())
        .as("the table decides itself")
        .isEmpty();
  }

  @Test
  void gateWithoutARouter_asksTheOneAtWhichTheRunMovedTheTraffic() throws Exception {
    assertThat(measured("none", "none", 100, side(0, 0, 0), side(0, 0, 0), SHORT).servesUsers())
        .as("no traffic was moved in this run")
        .isFalse();
    context.run(new ShiftTraffic(), new ShiftTraffic.Input("router", 100));
    MeasureHealth.Result result =
        measured("none", "none", 100, side(0, 0, 0), side(50, 0, 25), SHORT);
    assertThat(result.servesUsers()).isTrue();
    assertThat(result.errorRate5xx()).as("what users get, whatever probes get").isEqualTo(0.5);
    assertThat(measured("none", null, 100, side(0, 0, 0), side(3, 0, 0), SHORT).complete())
        .isFalse();
  }

  @Test
  void gateWithoutARouter_isNotJudgedByTheTrafficOfAnotherService() throws Exception {
    targets.put("payments", old.target());
    targets.put("other", router("payments-old", "payments"));
    context = new FakeStepContext(targets);
    context.run(new ShiftTraffic(), new ShiftTraffic.Input("other", 100));
    assertThat(measured("none", "none", 100, side(0, 0, 0), side(50, 0, 50), SHORT).servesUsers())
        .isFalse();
    targets.put("blue", router("b1", "b2"));
    targets.put("green", router("g1", "g2"));
    context = new FakeStepContext(targets);
    context.run(new ShiftTraffic(), new ShiftTraffic.Input("blue", 100));
    assertThat(measured("none", "none", 100, side(0, 0, 0), side(50, 0, 50), SHORT).servesUsers())
        .as("the only one that it can be")
        .isTrue();
    context.run(new ShiftTraffic(), new ShiftTraffic.Input("green", 100));
    assertThatThrownBy(() -> measured("none", "none", 100, side(0, 0, 0), side(50, 0, 50), SHORT))
        .isInstanceOf(InvalidStepInput.class)
        .hasMessageContaining("moved traffic at [blue, green]; name the 'router'");
  }

  @Test
  void baselineThatFailsNineOfTenUsers_isDown() throws Exception {
    MeasureHealth.Result down =
        measured("v1", "router", 50, side(100, 0, 90), side(100, 0, 0), SHORT);
    assertThat(down.baselineUp()).isFalse();
    assertThat(down.missing())
        .contains("90 of 100 requests of users to the baseline 'v1' failed at the router");
    assertThat(measured("v1", "router", 50, side(100, 0, 89), side(100, 0, 0), SHORT).baselineUp())
        .isTrue();
    assertThat(measured("v1", "router", 50, side(9, 0, 9), side(100, 0, 0), SHORT).baselineUp())
        .as("too few to say so")
        .isTrue();
  }

  @Test
  void oneClientThatAsksForWhatWasNeverThere_asksAPerson_whenAllUsersAreOnTheCandidate()
      throws Exception {
    List<String> asks = List.of("userRequests", "excess4xx");
    assertThat(measured("v1", "router", 50, side(500, 2, 0), side(500, 60, 0), asks).excess4xx())
        .as("beside the old version's users it is the version")
        .isGreaterThan(0.11);
    MeasureHealth.Result full =
        measured("v1", "router", 100, side(0, 0, 0), side(1000, 60, 0), asks);
    assertThat(full.excess4xx()).isZero();
    assertThat(full.baselineUp()).isTrue();
    assertThat(full.decidable()).isFalse();
    assertThat(full.complete()).as("a table alone does not pass it either").isFalse();
    assertThat(full.missing())
        .startsWith("4xx are 5.6 points of users' requests above what users got earlier in the run")
        .contains("from 5.0 on a person decides", "one client alone may cause them");
    assertThat(measured("v1", "router", 100, side(0, 0, 0), side(1000, 40, 0), asks).missing())
        .as("3.6 points more")
        .isEmpty();

    context.run(new JudgeAlone(), new JudgeAlone.Input("v2", "v1"));
    assertThat(measured("v1", "router", 100, side(0, 0, 0), side(1000, 80, 0), asks).missing())
        .as("who goes on has seen as much")
        .isEmpty();
    assertThat(measured("v1", "router", 100, side(0, 0, 0), side(1000, 500, 0), asks).decidable())
        .as("but not that much")
        .isFalse();
  }

  @Test
  void oneClientsNotFound_isNotTheVersions_whereTheRouterTellsClientsApart() throws Exception {
    List<String> asks = List.of("userRequests", "excess4xx");
    RouterStatistics.Side theirs = side(1000, 5, 0, clients(40, 20, 0));
    RouterStatistics.Side noisy = side(700, 500, 0, clients(10, 20, 0), clients(1, 500, 500));
    MeasureHealth.Result one = measured("v1", "router", 20, theirs, noisy, asks);
    assertThat(one.excess4xx()).isZero();
    assertThat(one.missing()).isEmpty();
    assertThat(one.errorRate4xx()).as("it is not hidden").isGreaterThan(0.7);
    assertThat(context.logs())
        .anySatisfy(
            line ->
                assertThat(line)
                    .contains("500 of 500 4xx of users went to 3 clients or fewer", "left out"));
    RouterStatistics.Side nobody = side(0, 0, 0);
    assertThat(measured("v1", "router", 100, nobody, noisy, asks).missing())
        .as("nor when all users are on the new version")
        .isEmpty();
  }

  @Test
  void manyClientsNotFound_isTheVersions_howeverMuchOneOfThemAsks() throws Exception {
    List<String> asks = List.of("userRequests", "excess4xx");
    RouterStatistics.Side theirs = side(1000, 0, 0, clients(40, 20, 0));
    RouterStatistics.Side half = side(400, 200, 0, clients(20, 20, 10));
    assertThat(measured("v1", "router", 20, theirs, half, asks).excess4xx()).isEqualTo(0.5);
    RouterStatistics.Side some =
        side(800, 500, 0, clients(12, 20, 0), clients(8, 20, 13), clients(1, 400, 396));
    assertThat(measured("v1", "router", 20, theirs, some, asks).excess4xx()).isBetween(0.15, 0.25);
    assertThat(measured("v1", "router", 100, side(0, 0, 0), half, asks).missing())
        .contains("no user is on the old version to compare with")
        .doesNotContain("one client alone");
  }

  @Test
  void notFoundOfFewClients_asksAPerson_whereThereAreNoOthers() throws Exception {
    List<String> asks = List.of("userRequests", "excess4xx");
    RouterStatistics.Side theirs = side(1000, 0, 0, clients(40, 20, 0));
    RouterStatistics.Side few = side(200, 60, 0, clients(7, 20, 0), clients(3, 20, 20));
    MeasureHealth.Result result = measured("v1", "router", 20, theirs, few, asks);
    assertThat(result.excess4xx()).as("not a reason to go back").isZero();
    assertThat(result.decidable()).isFalse();
    assertThat(result.missing())
        .startsWith("4xx are 30.0 points of users' requests above the old version's")
        .contains("3 clients alone may cause them, and too few others use the new version");
    RouterStatistics.Side more = side(260, 60, 0, clients(10, 20, 0), clients(3, 20, 20));
    assertThat(measured("v1", "router", 20, theirs, more, asks).missing()).isEmpty();
  }

  /** Groups of clients, each with so many requests and 4xx. */
  private static List<ClientGroups.Answers> clients(int groups, long requests, long status4xx) {
    return Collections.nCopies(groups, new ClientGroups.Answers(requests, status4xx));
  }

  @SafeVarargs
  private static RouterStatistics.Side side(
      long requests, long status4xx, long status5xx, List<ClientGroups.Answers>... groups) {
    NavigableMap<String, ClientGroups.Answers> answers = new TreeMap<>();
    for (List<ClientGroups.Answers> alike : groups) {
      alike.forEach(group -> answers.put("" + answers.size(), group));
    }
    return new RouterStatistics.Side(
        requests,
        status4xx,
        status5xx,
        new TreeMap<>(),
        new RouterStatistics.Unanswered(0, 0, 0, new TreeMap<>()),
        new ClientGroups(answers));
  }

  @Test
  void counterThatTheServiceDoesNotTell_isNamed_whereTheTableAsksForErrors() throws Exception {
    fresh.metrics = "{\"requests\":1,\"redis_up\":true}";
    assertThat(measured("none", "none", 0, side(0, 0, 0), side(0, 0, 0), SHORT).missing())
        .isEqualTo("errors (counter)");
    assertThat(
            measured("none", "none", 0, side(0, 0, 0), side(0, 0, 0), List.of("p95Ms")).missing())
        .isEmpty();
  }

  @Test
  void metricsThatCannotBeRead_areNamed_whereTheTableAsksForErrors() throws Exception {
    fresh.metrics = "<html></html>";
    assertThat(measured("none", "none", 0, side(0, 0, 0), side(0, 0, 0), SHORT).missing())
        .startsWith("the metrics of 'v2' cannot be read (line 1 is neither a comment nor a series");
    targets.put("v2", withoutMetrics(fresh.target()));
    context = new FakeStepContext(targets);
    assertThat(measured("none", "none", 0, side(0, 0, 0), side(0, 0, 0), SHORT).missing())
        .as("a service that is not to tell any")
        .isEmpty();
  }

  @Test
  void whatTheServiceSaysOfItsLatency_counts_besideWhatTheRouterMeasures() throws Exception {
    fresh.metrics = "{\"requests\":1,\"errors\":0,\"p95_ms\":900}";
    RouterStatistics.Side fast =
        new RouterStatistics.Side(100, 0, 0, new TreeMap<>(Map.of(1.0, 100L)));
    assertThat(measured("v1", "router", 50, fast, fast, List.of("p95Ms")).p95Ms()).isEqualTo(900);
  }

  private static ServiceTarget withoutMetrics(ServiceTarget target) {
    return new ServiceTarget(
        target.url(),
        target.health(),
        target.ready(),
        null,
        null,
        target.endpoints(),
        null,
        Secret.none(),
        List.of(),
        null,
        null,
        null,
        target.startTimeout(),
        target.timeout(),
        List.of());
  }

  /** The router counted nothing before the window, and this in it. */
  private MeasureHealth.Result measured(
      String baseline,
      String router,
      double weight,
      RouterStatistics.Side theirs,
      RouterStatistics.Side ours,
      List<String> figures)
      throws Exception {
    AtomicInteger readings = new AtomicInteger();
    RouterStatistics before = new RouterStatistics(side(0, 0, 0), side(0, 0, 0), Map.of(), weight);
    RouterStatistics after = new RouterStatistics(theirs, ours, Map.of(), weight);
    return context.run(
        new MeasureHealth(
            new HttpProbe(), target -> readings.getAndIncrement() == 0 ? before : after),
        new MeasureHealth.Input(
            "v2",
            baseline,
            router,
            0,
            Duration.ofMillis(300),
            null,
            5,
            2,
            1,
            Duration.ofMillis(40),
            figures));
  }

  private static RouterTarget router(String baseline, String candidate) {
    return new RouterTarget(
        RouterTarget.Kind.GATEWAY,
        URI.create("http://localhost"),
        URI.create("http://localhost"),
        Secret.none(),
        "main",
        baseline,
        candidate,
        Duration.ofSeconds(1));
  }

  /** Leaves the same trace in the journal as the rollout's step of that name. */
  static final class ShiftTraffic extends StepDelegate<ShiftTraffic.Input, StepDelegate.Done> {

    record Input(String router, double weight) {}

    ShiftTraffic() {
      super(Input.class, StepDelegate.Done.class);
    }

    @Override
    public StepDelegate.Done perform(Input input, StepContext context) {
      return new StepDelegate.Done();
    }

    @Override
    public StepPlan plan(Input input, Environment environment) {
      return StepPlan.changes(input.router(), "nothing");
    }
  }
}
