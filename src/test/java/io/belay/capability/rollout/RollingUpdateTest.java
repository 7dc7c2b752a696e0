package io.belay.capability.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.belay.command.ChildProcesses;
import io.belay.gateway.TestBackend;
import io.belay.step.BusinessStop;
import io.belay.step.FakeStepContext;
import io.belay.target.HttpProbe;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RollingUpdateTest {

  @TempDir Path directory;
  private final Routers routers = new Routers();
  private final ServiceControl control = new ServiceControl(new ChildProcesses(), new HttpProbe());
  private final InstanceReplacement replacement = new InstanceReplacement(control);
  private final ReplaceInstance replace = new ReplaceInstance(routers, control, replacement);
  private final RestoreInstances restore = new RestoreInstances(routers, replacement);
  private final List<FlaggedService> old = new ArrayList<>();
  private final List<FlaggedService> fresh = new ArrayList<>();
  private final List<TestBackend> servers = new ArrayList<>();
  private RouterWorld world;
  private FakeStepContext context;

  @BeforeEach
  void start() throws Exception {
    for (int i = 1; i <= 2; i++) {
      old.add(new FlaggedService(directory, "old-" + i));
      old.get(i - 1).runs(true);
      fresh.add(new FlaggedService(directory, "new-" + i));
      servers.add(FlaggedService.server(old.get(i - 1), fresh.get(i - 1)));
    }
    world =
        new RouterWorld(
            directory,
            "{ v1: { i1: '%s', i2: '%s' }, v2: { unused: '%s' } }"
                .formatted(
                    servers.get(0).address(), servers.get(1).address(), servers.get(0).address()));
    URI first = servers.get(0).address();
    URI second = servers.get(1).address();
    context =
        new FakeStepContext(
            Map.of(
                "router",
                world.target(),
                "v1",
                FlaggedService.target(
                    first,
                    null,
                    null,
                    List.of(old.get(0).instance("i1", first), old.get(1).instance("i2", second))),
                "v2",
                FlaggedService.target(
                    first,
                    null,
                    null,
                    List.of(
                        fresh.get(0).instance("i1", first), fresh.get(1).instance("i2", second)))));
  }

  @Test
  void aServiceWithOneInstance_isRefusedBeforeTheRun_andDuringIt() {
    URI only = servers.get(0).address();
    var alone = FlaggedService.target(only, null, null, List.of(old.get(0).instance("i1", only)));
    FakeStepContext single = new FakeStepContext(Map.of("v1", alone));
    var input = new ChooseInstance.Input("v1");

    assertThat(new ChooseInstance().check(input, context.environment())).isEmpty();
    assertThat(new ChooseInstance().check(input, single.environment()))
        .singleElement()
        .asString()
        .contains("at least 2 instances of service 'v1'", "lists 1");
    assertThatThrownBy(() -> single.run(new ChooseInstance(), input))
        .isInstanceOf(BusinessStop.class)
        .hasMessageContaining("at least 2 instances");
  }

  @AfterEach
  void stop() {
    world.close();
    servers.forEach(TestBackend::close);
  }

  @Test
  void instances_areChosenInOrder() throws Exception {
    assertThat(context.run(new ChooseInstance(), new ChooseInstance.Input("v1")))
        .isEqualTo(new ChooseInstance.Result("i1", 2));
  }

  @Test
  void replacingAllUnderLoad_losesNoRequest_andUndoPutsAllBackInReverse() throws Exception {
    AtomicBoolean stop = new AtomicBoolean();
    CompletableFuture<Void> user =
        CompletableFuture.runAsync(
            () -> {
              while (!stop.get()) {
                assertThat(status()).isEqualTo(200);
              }
            });
    assertThat(context.run(replace, input("i1")).replaced()).isTrue();
    assertThat(context.run(replace, input("i2")).replaced()).isTrue();
    assertThat(running()).containsExactly("new-1", "new-2");
    assertThat(context.run(restore, undo()).restored()).isEqualTo(2);
    assertThat(running()).containsExactly("old-1", "old-2");
    stop.set(true);
    user.get(10, TimeUnit.SECONDS);
    assertThat(commands())
        .containsExactly(
            "stop old-1",
            "start new-1",
            "stop old-2",
            "start new-2", //
            "stop new-2",
            "start old-2",
            "stop new-1",
            "start old-1");
    assertThat(routers.open(world.target()).servers()).noneMatch(Router.Server::drained);
    context.run(restore, undo());
    assertThat(commands()).as("a second undo does nothing").hasSize(8);
  }

  @Test
  void killedBeforeTheEffect_isDoneByTheNextAttempt() throws Exception {
    context.runKilledAfterSave(ReplaceInstance.BEFORE, replace, input("i1"));
    assertThat(running()).containsExactly("old-1", "old-2");
    assertThat(context.retry(replace, input("i1")).replaced()).isTrue();
    assertThat(running()).containsExactly("old-2", "new-1");
    context.retry(replace, input("i1"));
    assertThat(commands()).containsExactly("stop old-1", "start new-1");
  }

  @Test
  void newInstanceThatDoesNotStart_staysDrained_andTheUndoBringsTheOldBack() throws Exception {
    FlaggedService blocked = new FlaggedService(directory.resolve("missing"), "new-1");
    URI first = servers.get(0).address();
    context.environment(
        new FakeStepContext(
                Map.of(
                    "router",
                    world.target(),
                    "v1",
                    context.environment().targets().get("v1"),
                    "v2",
                    FlaggedService.target(
                        first, null, null, List.of(blocked.instance("i1", first)))))
            .environment());
    assertThatThrownBy(() -> context.run(replace, input("i1")))
        .hasMessageContaining("start command");
    assertThat(routers.open(world.target()).server("i1").drained()).isTrue();
    assertThat(status()).isEqualTo(200);
    assertThat(context.run(restore, undo()).restored()).isEqualTo(1);
    assertThat(running()).containsExactly("old-1", "old-2");
    assertThat(routers.open(world.target()).server("i1").drained()).isFalse();
  }

  @Test
  void requestsInFlight_areAwaitedBeforeTheOldIsStopped() throws Exception {
    CountDownLatch arrived = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    TestBackend slow =
        new TestBackend(
            exchange -> {
              if (exchange.getRequestURI().getPath().equals("/slow")) {
                arrived.countDown();
                release.await(10, TimeUnit.SECONDS);
              }
              TestBackend.text(exchange, 200, "ok");
            });
    world.close();
    Files.delete(directory.resolve("routes.json"));
    world =
        new RouterWorld(
            directory,
            "{ v1: { i1: '%s', i2: '%s' }, v2: { unused: '%s' } }"
                .formatted(slow.address(), servers.get(1).address(), slow.address()));
    Router router = routers.open(world.target());
    router.drain("i2", 0);
    CompletableFuture<String> flying =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return world.get("/slow").body();
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            });
    assertThat(arrived.await(10, TimeUnit.SECONDS)).isTrue();
    router.undrain("i2", 0);
    context.environment(
        new FakeStepContext(
                Map.of(
                    "router", world.target(),
                    "v1", context.environment().targets().get("v1"),
                    "v2", context.environment().targets().get("v2")))
            .environment());
    assertThatThrownBy(() -> context.run(replace, input("i1")))
        .hasMessageContaining("1 requests in flight");
    assertThat(old.get(0).runs()).isTrue();
    release.countDown();
    assertThat(flying.get(10, TimeUnit.SECONDS)).isEqualTo("ok");
    assertThat(context.retry(replace, input("i1")).replaced()).isTrue();
    slow.close();
  }

  @Test
  void theLastServingInstance_isNotReplaced() {
    routers.open(world.target()).drain("i2", 0);
    assertThatThrownBy(() -> context.run(replace, input("i1")))
        .isInstanceOf(BusinessStop.class)
        .hasMessageContaining("nobody");
    assertThat(running()).containsExactly("old-1", "old-2");
  }

  @Test
  void undoOnNothing_doesNothing() throws Exception {
    assertThat(context.run(restore, undo()).restored()).isZero();
  }

  private int status() {
    try {
      return world.get("/").statusCode();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private List<String> running() {
    List<String> running = new ArrayList<>();
    for (List<FlaggedService> side : List.of(old, fresh)) {
      for (FlaggedService service : side) {
        if (service.runs()) {
          running.add(service.flag.getFileName().toString().replace(".running", ""));
        }
      }
    }
    return running;
  }

  private List<String> commands() throws Exception {
    return Files.readAllLines(directory.resolve("commands.log"));
  }

  private static ReplaceInstance.Input input(String instance) {
    return new ReplaceInstance.Input("router", "v1", "v2", instance);
  }

  private static RestoreInstances.Input undo() {
    return new RestoreInstances.Input("router", "v1", "v2");
  }
}
