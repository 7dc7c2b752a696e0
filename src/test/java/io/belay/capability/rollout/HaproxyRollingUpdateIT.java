package io.belay.capability.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.belay.command.ChildProcesses;
import io.belay.gateway.TestBackend;
import io.belay.step.BusinessStop;
import io.belay.step.FakeStepContext;
import io.belay.target.HttpProbe;
import io.belay.target.ServiceTarget;
import io.belay.target.TargetException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server that HAProxy's checks hold down is nobody who could serve for the one being replaced.
 */
class HaproxyRollingUpdateIT {

  @TempDir Path directory;
  private final Routers routers = new Routers();
  private final ServiceControl control = new ServiceControl(new ChildProcesses(), new HttpProbe());
  private final InstanceReplacement replacement = new InstanceReplacement(control);
  private final ReplaceInstance replace = new ReplaceInstance(routers, control, replacement);
  private final RestoreInstances restore = new RestoreInstances(routers, replacement);
  private FlaggedService old1;
  private FlaggedService old2;
  private FlaggedService new1;
  private FlaggedService new2;
  private TestBackend one;
  private TestBackend two;
  private TestBackend checked;
  private volatile boolean secondIsUp = true;
  private HaproxyProcess haproxy;
  private Router router;
  private FakeStepContext context;

  @BeforeEach
  void start() throws Exception {
    old1 = new FlaggedService(directory, "old-1");
    old2 = new FlaggedService(directory, "old-2");
    new1 = new FlaggedService(directory, "new-1");
    new2 = new FlaggedService(directory, "new-2");
    old1.runs(true);
    old2.runs(true);
    one = FlaggedService.server(old1, new1);
    two = FlaggedService.server(old2, new2);
    checked =
        new TestBackend(exchange -> TestBackend.text(exchange, secondIsUp ? 200 : 503, "check"));
    haproxy =
        HaproxyProcess.withServers(
            directory,
            """
            option httpchk GET /
            server v1-1 %s weight 100
            server v1-2 %s weight 100 check inter 100ms fall 1 rise 1 port %d
            server v2 127.0.0.1:1 weight 0
            """
                .formatted(
                    one.address().getAuthority(),
                    two.address().getAuthority(),
                    checked.address().getPort()));
    router = routers.open(haproxy.target());
    URI first = one.address();
    URI second = two.address();
    context =
        new FakeStepContext(
            Map.of(
                "router",
                haproxy.target(),
                "v1",
                service(first, old1.instance("v1-1", first), old2.instance("v1-2", second)),
                "v2",
                service(first, new1.instance("v1-1", first), new2.instance("v1-2", second))));
  }

  @AfterEach
  void stop() {
    haproxy.close();
    List.of(one, two, checked).forEach(TestBackend::close);
  }

  @Test
  void onlyServerThatIsUp_isNotReplaced_andNotEvenDrained() throws Exception {
    secondIs(false);
    assertThatThrownBy(() -> context.run(replace, input("v1-1")))
        .isInstanceOf(BusinessStop.class)
        .hasMessageContaining("'v1-1' is the only server of 'v1' that takes requests")
        .hasMessageContaining("v1-2 is down");
    assertThat(router.server("v1-1").drained()).isFalse();
    assertThat(old1.runs()).isTrue();

    assertThat(context.run(replace, input("v1-2")).replaced()).as("nobody misses it").isTrue();
    assertThat(new2.runs()).isTrue();
  }

  @Test
  void onTheWayBack_theOnlyServerThatIsUpStays_untilAnotherIsUp() throws Exception {
    context.run(replace, input("v1-1"));
    secondIs(false);
    assertThatThrownBy(() -> context.run(restore, undo()))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("v1-2 is down");
    assertThat(router.server("v1-1").takesRequests()).isTrue();
    assertThat(new1.runs()).isTrue();

    CompletableFuture<RestoreInstances.Result> retried =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return context.retry(restore, undo());
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            });
    secondIsUp = true;
    assertThat(retried.get(10, TimeUnit.SECONDS).restored()).as("it waits for the check").isOne();
    assertThat(old1.runs()).isTrue();
    assertThat(new1.runs()).isFalse();
  }

  private void secondIs(boolean up) {
    secondIsUp = up;
    await().until(() -> router.server("v1-2").up() == up);
  }

  private static ServiceTarget service(URI url, ServiceTarget.Instance... instances) {
    return FlaggedService.target(url, null, null, List.of(instances));
  }

  private static ReplaceInstance.Input input(String instance) {
    return new ReplaceInstance.Input("router", "v1", "v2", instance);
  }

  private static RestoreInstances.Input undo() {
    return new RestoreInstances.Input("router", "v1", "v2");
  }
}
