package io.belay.capability.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.belay.gateway.TestBackend;
import io.belay.step.FakeStepContext;
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
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a real HAProxy, where one is installed. */
class HaproxyRouterIT {

  @TempDir static Path directory;
  private static HaproxyProcess haproxy;
  private static TestBackend one;
  private static TestBackend two;
  private static TestBackend three;
  private static final HttpClient client = HttpClient.newHttpClient();

  private Router router;

  @BeforeAll
  static void startHaproxy() throws Exception {
    one = TestBackend.named("v1-1");
    two = TestBackend.named("v1-2");
    three = new TestBackend(exchange -> TestBackend.text(exchange, 500, "v2"));
    haproxy =
        HaproxyProcess.withServers(
            directory,
            """
            server v1-1 %s weight 100
            server v1-2 %s weight 100
            server v2 %s weight 0
            server other 127.0.0.1:1 weight 0
            """
                .formatted(
                    one.address().getAuthority(),
                    two.address().getAuthority(),
                    three.address().getAuthority()));
  }

  @AfterAll
  static void stopHaproxy() throws Exception {
    one.close();
    two.close();
    three.close();
    if (haproxy != null) {
      haproxy.close();
    }
  }

  @BeforeEach
  void restore() {
    router = new Routers().open(target("main"));
    router.undrain("v1-1", 0);
    router.shift(Weight.of(0), 0);
  }

  @Test
  void shift_splitsTheTrafficOverAllServersOfASide() throws Exception {
    for (int weight : new int[] {10, 25, 50, 100, 0}) {
      assertThat(router.shift(Weight.of(weight), 0)).isEqualTo(Weight.of(weight));
      assertThat(router.state().weight()).isEqualTo(Weight.of(weight));
      Map<String, Integer> served = serve(200);
      assertThat(served.getOrDefault("v2", 0)).isBetween(2 * weight - 3, 2 * weight + 3);
      assertThat(served.getOrDefault("v1-1", 0) - served.getOrDefault("v1-2", 0)).isBetween(-3, 3);
    }
  }

  @Test
  void aShareOfHundredths_isSetExactly_orRefused() {
    assertThat(router.shift(Weight.valueOf("0.25"), 0)).isEqualTo(Weight.valueOf("0.25"));
    assertThat(router.state().weight()).isEqualTo(Weight.valueOf("0.25"));
    assertThatThrownBy(() -> router.shift(Weight.valueOf("0.01"), 0))
        .hasMessageContaining("nothing was changed");
    assertThat(router.state().weight()).isEqualTo(Weight.valueOf("0.25"));
  }

  @Test
  void restore_bringsBackEveryWeight() {
    Router.State before = router.state();
    router.shift(Weight.of(25), 0);
    assertThat(router.restore(before, 0)).isEqualTo(Weight.NONE);
    assertThat(router.state()).isEqualTo(before);
  }

  @Test
  void attemptThatWasReplaced_isRefused_andChangesNothing() {
    router.shift(Weight.of(25), 7);
    router.shift(Weight.of(50), 9);
    Router.State state = router.state();
    for (ThrowingCallable late :
        List.<ThrowingCallable>of(
            () -> router.shift(Weight.of(25), 7),
            () -> router.restore(new Router.State(Weight.NONE, "{}"), 8),
            () -> router.drain("v1-1", 8))) {
      assertThatThrownBy(late)
          .isInstanceOf(TargetException.class)
          .hasMessageContaining("later attempt")
          .hasMessageContaining("changed nothing");
    }
    assertThat(router.state()).isEqualTo(state);
    assertThat(router.server("v1-1").drained()).isFalse();
    assertThat(router.shift(Weight.of(10), 9)).isEqualTo(Weight.of(10));
    assertThat(router.shift(Weight.of(0), 10)).isEqualTo(Weight.NONE);
  }

  @Test
  void theSteps_workOnHaproxyToo() throws Exception {
    Routers routers = new Routers();
    FakeStepContext context = new FakeStepContext(Map.of("router", target("main")));
    ReceiverCheck receiver = new ReceiverCheck(null);
    ShiftTraffic shift = new ShiftTraffic(routers, receiver);
    ShiftTraffic.Input all = new ShiftTraffic.Input("router", Weight.ALL, Duration.ofMillis(300));
    assertThat(context.run(shift, all).weight()).isEqualTo(Weight.of(100));
    RestoreTraffic restore = new RestoreTraffic(routers, receiver);
    assertThat(context.run(restore, new RestoreTraffic.Input("router")))
        .isEqualTo(new RestoreTraffic.Result(true, 0));
  }

  @Test
  void aUnixSocket_worksAsWell() {
    RouterTarget unix = target("main", URI.create("unix://" + haproxy.socket()));
    assertThat(new Routers().open(unix).shift(Weight.of(50), 0)).isEqualTo(Weight.of(50));
  }

  @Test
  void drainedServer_getsNothing_untilUndrained() throws Exception {
    router.drain("v1-1", 0);
    router.drain("v1-1", 0);
    assertThat(router.server("v1-1").drained()).isTrue();
    assertThat(serve(10)).containsOnlyKeys("v1-2");
    router.undrain("v1-1", 0);
    assertThat(serve(10)).containsOnlyKeys("v1-1", "v1-2");
  }

  @Test
  void aDrainedCandidate_getsNoTraffic() {
    router.drain("v2", 0);
    assertThatThrownBy(() -> router.shift(Weight.of(10), 0)).hasMessageContaining("drained");
    router.undrain("v2", 0);
    assertThat(router.state().weight()).isEqualTo(Weight.NONE);
  }

  @Test
  void statistics_countPerSide() throws Exception {
    router.shift(Weight.of(50), 0);
    RouterStatistics before = router.statistics();
    serve(20);
    RouterStatistics since = router.statistics().since(before);
    assertThat(since.baseline().requests() + since.candidate().requests()).isEqualTo(20);
    assertThat(since.candidate().requests()).isBetween(9L, 11L);
    assertThat(since.candidate().status5xx()).isEqualTo(since.candidate().requests());
    assertThat(since.baseline().status5xx()).isZero();
    assertThat(since.servers().get("v1-1").requests()).isBetween(4L, 6L);
  }

  @Test
  void errors_nameTheCause() {
    assertThatThrownBy(() -> new Routers().open(target("nowhere")).state())
        .hasMessageContaining("nowhere");
    assertThatThrownBy(() -> router.drain("nobody", 0))
        .hasMessageContaining("no server 'nobody'")
        .hasMessageContaining("v1-1");
    RouterTarget gone = target("main", URI.create("tcp://127.0.0.1:1"));
    assertThatThrownBy(() -> new Routers().open(gone).state())
        .hasMessageContaining("cannot be asked");
    RouterTarget noSocket = target("main", URI.create("unix:///nowhere/haproxy.sock"));
    assertThatThrownBy(() -> new Routers().open(noSocket).state())
        .hasMessageContaining("cannot be asked");
  }

  private static RouterTarget target(String backend) {
    return haproxy.target(backend, haproxy.target().admin());
  }

  private static RouterTarget target(String backend, URI api) {
    return haproxy.target(backend, api);
  }

  private static Map<String, Integer> serve(int requests) throws Exception {
    Map<String, Integer> served = new TreeMap<>();
    for (int i = 0; i < requests; i++) {
      String body =
          client
              .send(
                  HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + haproxy.port)).build(),
                  HttpResponse.BodyHandlers.ofString())
              .body();
      served.merge(body, 1, Integer::sum);
    }
    return served;
  }
}
