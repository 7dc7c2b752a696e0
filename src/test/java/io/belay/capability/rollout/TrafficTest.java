package io.belay.capability.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.belay.command.ChildProcesses;
import io.belay.gateway.TestBackend;
import io.belay.step.FakeStepContext;
import io.belay.step.StepPlan;
import io.belay.target.ClientGroups;
import io.belay.target.HttpProbe;
import io.belay.target.RouterStatistics;
import io.belay.target.RouterTarget;
import io.belay.target.TargetException;
import io.belay.target.Weight;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/** The traffic's steps against a real gateway and real services. */
class TrafficTest {

  @TempDir Path directory;
  private final Routers routers = new Routers();
  private final ReceiverCheck receiver =
      new ReceiverCheck(new ServiceControl(new ChildProcesses(), new HttpProbe()));
  private final ShiftTraffic shift = new ShiftTraffic(routers, receiver);
  private final RestoreTraffic restore = new RestoreTraffic(routers, receiver);
  private FlaggedService old;
  private TestBackend oldServer;
  private TestBackend freshServer;
  private RouterWorld world;
  private FakeStepContext context;
  private volatile int fresh = 200;
  private volatile CountDownLatch hangs = new CountDownLatch(0);

  @BeforeEach
  void start() throws Exception {
    old = new FlaggedService(directory, "v1");
    old.runs(true);
    oldServer = FlaggedService.server(old);
    freshServer =
        new TestBackend(
            exchange -> {
              hangs.await(20, TimeUnit.SECONDS);
              TestBackend.text(exchange, fresh, "v2");
            });
    world =
        new RouterWorld(
            directory,
            "{ v1: { v1-1: '%s' }, v2: { v2-1: '%s' } }"
                .formatted(oldServer.address(), freshServer.address()));
    context =
        new FakeStepContext(
            Map.of("router", world.target(), "v1", old.target(oldServer.address())));
  }

  @AfterEach
  void stop() {
    world.close();
    oldServer.close();
    freshServer.close();
  }

  @Test
  void shift_movesTheTrafficAndTellsWhatWas() throws Exception {
    assertThat(context.run(shift, input(100)))
        .isEqualTo(new ShiftTraffic.Result(Weight.of(100), Weight.of(0)));
    assertThat(world.get("/").body()).isEqualTo("v2");
    assertThat(context.run(shift, input(25)))
        .isEqualTo(new ShiftTraffic.Result(Weight.of(25), Weight.of(100)));
  }

  @Test
  void shiftRepeatedAfterACrash_hasNoSecondEffect_andRemembersTheFirstState() throws Exception {
    context.runKilled(shift, input(50));
    String version = routers.open(world.target()).state().document();
    assertThat(context.retry(shift, input(50)))
        .isEqualTo(new ShiftTraffic.Result(Weight.of(50), Weight.of(0)));
    assertThat(routers.open(world.target()).state().document()).isEqualTo(version);
    assertThat(context.run(restore, undo())).isEqualTo(new RestoreTraffic.Result(true, 0));
  }

  @Test
  void restore_goesBackToBeforeTheFirstShift_withAllRoutes() throws Exception {
    Router.State before = routers.open(world.target()).state();
    for (int weight : new int[] {10, 25, 50, 100}) {
      context.run(shift, input(weight));
    }
    assertThat(context.run(restore, undo())).isEqualTo(new RestoreTraffic.Result(true, 0));
    assertThat(routers.open(world.target()).state()).isEqualTo(before);
    assertThat(world.get("/").body()).isEqualTo("up");
    assertThat(world.get("/pinned").body()).isEqualTo("v2");
    assertThat(context.run(restore, undo())).isEqualTo(new RestoreTraffic.Result(false, 0));
  }

  @Test
  void restoreOnNothing_asksNobody() throws Exception {
    world.close();
    assertThat(context.run(restore, undo())).isEqualTo(new RestoreTraffic.Result(false, -1));
  }

  @Test
  void restoreAfterAKillBeforeTheEffect_changesNothing() throws Exception {
    context.runKilledAfterSave(ShiftTraffic.BEFORE, shift, input(50));
    assertThat(context.run(restore, undo())).isEqualTo(new RestoreTraffic.Result(false, 0));
  }

  @Test
  void deadBaseline_keepsTheTrafficWhereItIs_untilItIsUp() throws Exception {
    context.run(shift, input(100));
    old.runs(false);
    assertThatThrownBy(() -> context.run(restore, undo()))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("/health: 503")
        .hasMessageContaining("100 % stay at 'v2'");
    assertThat(world.get("/").body()).isEqualTo("v2");
    old.runs(true);
    assertThat(context.retry(restore, undo())).isEqualTo(new RestoreTraffic.Result(true, 0));
  }

  @Test
  void aShareOfHundredths_goesThereAndBack() throws Exception {
    ShiftTraffic.Input input =
        new ShiftTraffic.Input("router", Weight.valueOf("0.05"), Duration.ofMillis(300));
    assertThat(context.run(shift, input))
        .isEqualTo(new ShiftTraffic.Result(Weight.valueOf("0.05"), Weight.NONE));
    assertThat(shift.plan(input, context.environment()).summary()).contains("Route 0.05 %");
    assertThat(routers.open(world.target()).statistics().weight()).isEqualTo(0.05);
    assertThat(context.retry(shift, input).weight()).isEqualTo(Weight.valueOf("0.05"));
    assertThat(context.run(restore, undo())).isEqualTo(new RestoreTraffic.Result(true, 0));
  }

  @ParameterizedTest
  @CsvSource({"0, 0.05, false", "0.05, 10, false", "10, 100, true"})
  void theNextWeight_isTheSmallestThatIsLarger(String current, String next, boolean last)
      throws Exception {
    NextWeight.Input input =
        new Binder(
                new MapConfigurationPropertySource(
                    Map.of("input.weights", "0.05,10,100", "input.current", current)))
            .bind("input", NextWeight.Input.class)
            .get();
    assertThat(context.run(new NextWeight(), input))
        .isEqualTo(new NextWeight.Result(Weight.valueOf(next), last));
  }

  @Test
  void plan_hasNoEffect() throws Exception {
    StepPlan plan = shift.plan(input(50), context.environment());
    assertThat(plan.effect()).isEqualTo(StepPlan.Effect.CHANGES);
    assertThat(plan.summary()).contains("50 %").contains("now 0 %");
    assertThat(routers.open(world.target()).state().weight()).isEqualTo(Weight.NONE);
  }

  @Test
  void errorsNameTheCause_andNeverTheToken() {
    RouterTarget wrong = world.target("not-the-right-token", "v1", "v2");
    assertThatThrownBy(() -> routers.open(wrong).state())
        .hasMessageContaining("refuses the token")
        .hasMessageNotContaining("not-the-right-token");
    RouterTarget others = world.target(world.target().token().reveal(), "blue", "green");
    assertThatThrownBy(() -> routers.open(others).shift(Weight.of(10), 0))
        .hasMessageContaining("between 'v1' and 'v2'")
        .hasMessageContaining("'blue'");
    RouterTarget gone = world.target();
    world.close();
    assertThatThrownBy(() -> routers.open(gone).state()).hasMessageContaining("cannot be asked");
  }

  @Test
  void aRunWhoseLeaseIsOver_cannotShift() {
    Router router = routers.open(world.target());
    router.shift(Weight.of(50), 8);
    assertThatThrownBy(() -> router.shift(Weight.of(100), 7)).hasMessageContaining("lease is over");
    assertThat(router.state().weight()).isEqualTo(Weight.of(50));
  }

  @Test
  void statistics_areTheRouters() throws Exception {
    routers.open(world.target()).shift(Weight.of(100), 0);
    RouterStatistics before = routers.read(world.target());
    world.get("/");
    org.awaitility.Awaitility.await()
        .untilAsserted(
            () -> {
              RouterStatistics since = routers.read(world.target()).since(before);
              assertThat(since.baseline().requests()).isZero();
              assertThat(since.candidate().requests()).isEqualTo(1);
              assertThat(since.candidate().percentileMs(0.95)).isPositive();
              assertThat(since.servers().get("v2-1").requests()).isEqualTo(1);
            });
    assertThatThrownBy(() -> before.since(routers.read(world.target())))
        .hasMessageContaining("restarted");
  }

  @Test
  void statistics_areThoseOfTheMainRoute_whateverAnotherGets() throws Exception {
    RouterStatistics before = routers.read(world.target());
    fresh = 500;
    old.runs(false);
    world.get("/");
    for (int i = 0; i < 20; i++) {
      assertThat(world.get("/pinned").statusCode()).isEqualTo(500);
    }
    org.awaitility.Awaitility.await()
        .untilAsserted(
            () -> {
              RouterStatistics since = routers.read(world.target()).since(before);
              assertThat(since.servers().get("v2-1").requests()).isEqualTo(20);
              assertThat(since.baseline().status5xx()).isEqualTo(1);
              assertThat(since.candidate().requests()).isZero();
              assertThat(since.candidate().status5xx()).isZero();
            });
  }

  @Test
  void statistics_tellOneClientFromMany() throws Exception {
    routers.open(world.target()).shift(Weight.of(100), 0);
    RouterStatistics before = routers.read(world.target());
    fresh = 404;
    for (int i = 0; i < 30; i++) {
      world.get("/", "anna");
    }
    await().until(() -> candidateSince(before).requests() == 30);
    assertThat(candidateSince(before).clients().answers().values())
        .containsExactly(new ClientGroups.Answers(30, 30));

    fresh = 200;
    for (int i = 0; i < 40; i++) {
      world.get("/", "user-" + i);
      world.get("/");
    }
    await().until(() -> candidateSince(before).requests() == 110);
    Collection<ClientGroups.Answers> groups = candidateSince(before).clients().answers().values();
    assertThat(groups).hasSizeBetween(15, 41);
    assertThat(groups.stream().mapToLong(ClientGroups.Answers::requests).sum())
        .as("without those who say no name")
        .isEqualTo(70);
    assertThat(groups.stream().mapToLong(ClientGroups.Answers::status4xx)).containsOnlyOnce(30L);
  }

  private RouterStatistics.Side candidateSince(RouterStatistics before) {
    return routers.read(world.target()).since(before).candidate();
  }

  @Test
  void requestsThatHang_areSlowOnes_beforeTheyEnd_andWhenTheirUsersGiveUp() throws Exception {
    RouterStatistics before = routers.read(world.target());
    CountDownLatch release = new CountDownLatch(1);
    hangs = release;
    HttpClient impatient = HttpClient.newHttpClient();
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(world.target().url() + "/"))
            .timeout(Duration.ofSeconds(4))
            .build();
    routers.open(world.target()).shift(Weight.of(100), 0);
    List<CompletableFuture<HttpResponse<String>>> hanging =
        IntStream.range(0, 5)
            .mapToObj(i -> impatient.sendAsync(request, HttpResponse.BodyHandlers.ofString()))
            .toList();
    await().until(() -> routers.read(world.target()).since(before).candidate().requests() == 5);
    assertThat(hanging).noneMatch(CompletableFuture::isDone);
    RouterStatistics since = routers.read(world.target()).since(before);
    assertThat(since.candidate().percentileMs(0.95)).isGreaterThanOrEqualTo(2000);
    assertThat(since.servers().get("v2-1").requests()).isEqualTo(5);
    assertThat(since.baseline().requests()).isZero();

    await().until(() -> hanging.stream().allMatch(CompletableFuture::isDone));
    release.countDown();
    await().until(() -> routers.open(world.target()).server("v2-1").inFlight() == 0);
    RouterStatistics.Side ended = routers.read(world.target()).since(before).candidate();
    assertThat(ended.requests()).as("counted once").isEqualTo(5);
    assertThat(ended.percentileMs(0.5)).isGreaterThanOrEqualTo(2000);
  }

  private static ShiftTraffic.Input input(int weight) {
    return new ShiftTraffic.Input("router", Weight.of(weight), Duration.ofMillis(300));
  }

  private static RestoreTraffic.Input undo() {
    return new RestoreTraffic.Input("router");
  }
}
