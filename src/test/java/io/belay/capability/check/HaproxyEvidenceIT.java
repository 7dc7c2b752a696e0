package io.belay.capability.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.belay.capability.rollout.HaproxyProcess;
import io.belay.capability.rollout.Routers;
import io.belay.faults.InBackground;
import io.belay.playground.Ports;
import io.belay.step.FakeStepContext;
import io.belay.target.HttpProbe;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a gate sees of the users' requests through a real HAProxy. */
class HaproxyEvidenceIT {

  @TempDir Path directory;
  private final HttpClient client = HttpClient.newHttpClient();
  private TestService fresh;
  private TestService old;

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
  void candidateThatHaproxyHoldsDown_hasNoRequestsOfUsers_howeverWellTheProbesGo()
      throws Exception {
    MeasureHealth.Result result = measured("check inter 100ms port " + Ports.free());
    assertThat(result.missing()).startsWith("only 0 request(s) of users reached the new version");
    assertThat(result.errorRate5xx()).isZero();
    assertThat(result.servesUsers()).isTrue();
    assertThat(result.userRequests()).isZero();
  }

  @Test
  void candidateThatHaproxySendsUsersTo_hasTheirRequests() throws Exception {
    MeasureHealth.Result result = measured("");
    assertThat(result.servesUsers()).isTrue();
    assertThat(result.userRequests()).isGreaterThan(10);
  }

  private MeasureHealth.Result measured(String check) throws Exception {
    try (HaproxyProcess haproxy =
        HaproxyProcess.withServers(
            directory,
            """
            server v1 %s weight 100
            server v2 %s weight 100 %s
            """
                .formatted(old.url().getAuthority(), fresh.url().getAuthority(), check))) {
      Awaitility.await()
          .until(
              () ->
                  check.isEmpty()
                      == new Routers().open(haproxy.target()).server("v2").takesRequests());
      FakeStepContext context =
          new FakeStepContext(
              Map.of("v2", fresh.target(), "v1", old.target(), "router", haproxy.target()));
      AtomicReference<MeasureHealth.Result> result = new AtomicReference<>();
      CompletableFuture<Void> measuring =
          InBackground.run(
              () ->
                  result.set(
                      context.run(
                          new MeasureHealth(new HttpProbe(), new Routers()),
                          new MeasureHealth.Input(
                              "v2",
                              "v1",
                              "router",
                              0,
                              Duration.ofSeconds(1),
                              null,
                              5,
                              2,
                              1,
                              Duration.ofMillis(40),
                              List.of()))));
      while (!measuring.isDone()) {
        client.send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + haproxy.port + "/a")).build(),
            HttpResponse.BodyHandlers.ofString());
      }
      measuring.join();
      return result.get();
    }
  }
}
