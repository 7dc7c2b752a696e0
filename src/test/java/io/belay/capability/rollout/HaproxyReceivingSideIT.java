package io.belay.capability.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.belay.gateway.TestBackend;
import io.belay.playground.Ports;
import io.belay.step.BusinessStop;
import io.belay.step.FakeStepContext;
import io.belay.target.TargetException;
import io.belay.target.Weight;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** HAProxy's own checks decide who gets users, so Belay asks it before it moves them. */
class HaproxyReceivingSideIT {

  @TempDir Path directory;
  private TestBackend old;
  private TestBackend fresh;

  @BeforeEach
  void start() throws Exception {
    old = TestBackend.named("v1");
    fresh = TestBackend.named("v2");
  }

  @AfterEach
  void stop() {
    old.close();
    fresh.close();
  }

  @Test
  void candidateThatHaproxyHoldsDown_getsNoTraffic_thoughItAnswersProbes() throws Exception {
    String configuration =
        new String(
                getClass().getResourceAsStream("/gates/haproxy-candidate-down.cfg").readAllBytes(),
                StandardCharsets.UTF_8)
            .replace("ipv4@127.0.0.1:28893", "@ADMIN@")
            .replace("127.0.0.1:28892", "@LISTEN@")
            .replace("127.0.0.1:28801", old.address().getAuthority())
            .replace("127.0.0.1:28802", fresh.address().getAuthority())
            .replace("28899", String.valueOf(Ports.free()));
    try (HaproxyProcess haproxy = HaproxyProcess.start(directory, configuration)) {
      Router router = new Routers().open(haproxy.target());
      await().until(() -> !router.server("v2").up());

      assertThatThrownBy(() -> router.shift(Weight.of(10), 0))
          .isInstanceOf(TargetException.class)
          .hasMessageContaining("no traffic is moved to 'v2'")
          .hasMessageContaining("0 of its 1 servers")
          .hasMessageContaining("v2 is down")
          .hasMessageContaining("0 % stay at 'v2'");
      FakeStepContext context = new FakeStepContext(Map.of("router", haproxy.target()));
      ShiftTraffic shift = new ShiftTraffic(new Routers(), new ReceiverCheck(null));
      assertThatThrownBy(
              () -> context.run(shift, new ShiftTraffic.Input("router", Weight.ALL, Duration.ZERO)))
          .isInstanceOf(BusinessStop.class)
          .hasMessageContaining("v2 is down");
      assertThat(router.state().weight()).isEqualTo(Weight.NONE);
    }
  }

  @Test
  void onTheWayDownToo_aDeadSideGetsNoUsers_untilItIsUp() throws Exception {
    int checked = Ports.free();
    try (HaproxyProcess haproxy =
        HaproxyProcess.withServers(
            directory,
            """
            server v1-1 %s weight 0 check inter 100ms port %d
            server v1-2 %s weight 0 check inter 100ms
            server v1-3 %s weight 0 check inter 100ms port %d
            server v2 %s weight 100
            """
                .formatted(
                    old.address().getAuthority(),
                    checked,
                    old.address().getAuthority(),
                    old.address().getAuthority(),
                    checked,
                    fresh.address().getAuthority()))) {
      Router router = new Routers().open(haproxy.target());
      await().until(() -> router.servers().stream().filter(Router.Server::up).count() == 2);
      Router.State before =
          new Router.State(Weight.NONE, "{\"v1-1\":100,\"v1-2\":100,\"v1-3\":100,\"v2\":0}");

      assertThatThrownBy(() -> router.restore(before, 0))
          .hasMessageContaining("no traffic is moved to 'v1'")
          .hasMessageContaining("1 of its 3 servers")
          .hasMessageContaining("v1-1 is down, v1-3 is down")
          .hasMessageContaining("100 % stay at 'v2'");
      assertThat(router.state().weight()).isEqualTo(Weight.of(100));

      router.drain("v2", 0);
      assertThat(router.restore(before, 0))
          .as("one of three is more than nobody at all")
          .isEqualTo(Weight.NONE);
    }
  }
}
