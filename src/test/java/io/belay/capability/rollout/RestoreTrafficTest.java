package io.belay.capability.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.belay.command.ChildProcesses;
import io.belay.gateway.TestWebSocketServer;
import io.belay.step.FakeStepContext;
import io.belay.target.HttpProbe;
import io.belay.target.Weight;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When the traffic is back, nobody is on the candidate any more: it may be stopped. */
class RestoreTrafficTest {

  @TempDir Path directory;
  private final Routers routers = new Routers();
  private final ReceiverCheck receiver =
      new ReceiverCheck(new ServiceControl(new ChildProcesses(), new HttpProbe()));
  private final ShiftTraffic shift = new ShiftTraffic(routers, receiver);
  private final RestoreTraffic restore = new RestoreTraffic(routers, receiver);
  private final ShiftTraffic.Input all =
      new ShiftTraffic.Input("router", Weight.ALL, Duration.ofSeconds(1));
  private final RestoreTraffic.Input undo = new RestoreTraffic.Input("router");
  private TestWebSocketServer old;
  private TestWebSocketServer fresh;
  private RouterWorld world;
  private FakeStepContext context;

  @BeforeEach
  void start() throws Exception {
    old = new TestWebSocketServer("v1");
    fresh = new TestWebSocketServer("v2");
    world =
        new RouterWorld(
            directory,
            "{ v1: { v1-1: '%s' }, v2: { v2-1: '%s' } }".formatted(old.address(), fresh.address()));
    context = new FakeStepContext(Map.of("router", world.target()));
  }

  @AfterEach
  void stop() throws Exception {
    world.close();
    old.close();
    fresh.close();
  }

  /**
   * @param killed whether the first attempt is killed after the routes are back
   */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void itEnds_whenTheCandidatesWebSocketsWereToldToComeAgain(boolean killed) throws Exception {
    Router router = routers.open(world.target());
    Router.State before = router.state();
    context.run(shift, all);
    CompletableFuture<Integer> elsewhere = webSocket("/pinned");
    List<CompletableFuture<Integer>> closed = List.of(webSocket("/"), webSocket("/"));
    if (killed) {
      router.restore(before, 0);
    }
    assertThat(context.run(restore, undo)).isEqualTo(new RestoreTraffic.Result(!killed, 0));
    assertThat(closed).allSatisfy(code -> assertThat(code).isCompletedWithValue(1012));
    assertThat(elsewhere).as("its route still leads to the candidate").isNotDone();
  }

  @Test
  void usersDoNotStayOnTheCandidate_whateverTheModeWas() throws Exception {
    JsonNode routes =
        new ObjectMapper()
            .readTree(
                """
                {"routes": [
                  {"path": "/", "baseline": "v1", "candidate": "v2", "weight": 0, "atZero": "drain"},
                  {"path": "/a", "baseline": "v2", "candidate": "v1", "weight": 0, "atZero": "drain"},
                  {"path": "/b", "baseline": "v1", "candidate": "v2", "weight": 5, "atZero": "drain"}
                ]}""");
    new GatewayClient().put(world.target(), "/routes", routes, "*", 0);
    context.run(shift, all);
    assertThat(context.run(restore, undo)).isEqualTo(new RestoreTraffic.Result(true, 0));
    JsonNode now = new GatewayClient().get(world.target(), "/routes").body().path("routes");
    assertThat(now)
        .allSatisfy(
            route ->
                assertThat(route.path("atZero").asText())
                    .isEqualTo(route.path("path").asText().equals("/") ? "" : "drain"));
    assertThat(context.retry(restore, undo).restored()).as("again").isTrue();
  }

  private CompletableFuture<Integer> webSocket(String path) throws Exception {
    CompletableFuture<Integer> closed = new CompletableFuture<>();
    HttpClient.newHttpClient()
        .newWebSocketBuilder()
        .buildAsync(
            URI.create(world.target().url().toString().replace("http:", "ws:") + path),
            new WebSocket.Listener() {
              @Override
              public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
                closed.complete(code);
                return null;
              }
            })
        .get(10, TimeUnit.SECONDS);
    return closed;
  }
}
