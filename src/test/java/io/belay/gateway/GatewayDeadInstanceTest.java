package io.belay.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.belay.faults.RawBackend;
import io.belay.playground.Ports;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One instance of three is dead: no user notices, and it attracts no requests by being idle. */
class GatewayDeadInstanceTest {

  private static final String TOKEN = "a-token-that-is-long-enough";

  @TempDir Path directory;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final int deadPort = Ports.free();
  private TestBackend one;
  private TestBackend two;
  private RawBackend fresh;
  private Gateway gateway;

  @BeforeEach
  void start() throws Exception {
    one = TestBackend.named("m1");
    two = TestBackend.named("m2");
    fresh = RawBackend.healthy();
    String configuration =
        new String(
                getClass()
                    .getResourceAsStream("/gates/gateway-one-dead-instance.yml")
                    .readAllBytes(),
                StandardCharsets.UTF_8)
            .replace("127.0.0.1:28880", "127.0.0.1:0")
            .replace("127.0.0.1:28881", "127.0.0.1:0")
            .replace("routes.json", directory.resolve("routes.json").toString())
            .replace("http://127.0.0.1:28871", one.address().toString())
            .replace("http://127.0.0.1:28872", two.address().toString())
            .replace("28873", String.valueOf(deadPort))
            .replace("http://127.0.0.1:28874", fresh.address().toString());
    Path file = Files.writeString(directory.resolve("gateway.yml"), configuration);
    gateway = Gateway.start(file, Map.of("BELAY_GATEWAY_TOKEN", TOKEN));
  }

  @AfterEach
  void stop() throws Exception {
    gateway.close();
    one.close();
    two.close();
    fresh.close();
  }

  @Test
  void noUserNotices_withABodyEither() throws Exception {
    List<CompletableFuture<HttpResponse<String>>> answers =
        IntStream.range(0, 300).mapToObj(i -> client.sendAsync(post(), text())).toList();
    for (CompletableFuture<HttpResponse<String>> answer : answers) {
      assertThat(answer.get().statusCode()).isEqualTo(200);
    }
    assertThat(one.requests.get() + two.requests.get()).isEqualTo(300);
    JsonNode servers = statistics().path("servers");
    assertThat(servers.at("/m3/up").asBoolean()).isFalse();
    assertThat(servers.at("/m1/up").asBoolean()).isTrue();
    assertThat(statistics().at("/sides/baseline/inFlight").asInt()).isZero();
    assertThat(servers.at("/m3/inFlight").asInt()).isZero();
    assertThat(statistics().at("/sides/baseline/requests").asInt()).isEqualTo(300);
  }

  @Test
  void instanceThatIsBack_getsItsShareAgain() throws Exception {
    await().until(() -> !statistics().at("/servers/m3/up").asBoolean());
    var back =
        com.sun.net.httpserver.HttpServer.create(new InetSocketAddress("127.0.0.1", deadPort), 0);
    back.createContext("/", exchange -> TestBackend.text(exchange, 200, "m3"));
    back.start();
    try {
      await().until(() -> statistics().at("/servers/m3/up").asBoolean());
      Map<String, Integer> served = new HashMap<>();
      for (int i = 0; i < 30; i++) {
        served.merge(client.send(post(), text()).body(), 1, Integer::sum);
      }
      assertThat(served.get("m3")).isBetween(3, 20);
    } finally {
      back.stop(0);
    }
  }

  @Test
  void onceAByteWentOut_noOtherInstanceSeesTheRequest() throws Exception {
    try (RawBackend resetting = RawBackend.healthy()) {
      resetting.resets();
      Path file =
          Files.writeString(
              directory.resolve("two.yml"),
              """
              listen: 127.0.0.1:0
              admin: 127.0.0.1:0
              state: %s
              backends: { v1: { a: '%s', b: '%s' } }
              routes: [{ path: /, baseline: v1, candidate: v1, weight: 0 }]
              """
                  .formatted(directory.resolve("two.json"), resetting.address(), one.address()));
      try (Gateway other = Gateway.start(file, Map.of("BELAY_GATEWAY_TOKEN", TOKEN))) {
        int failed = 0;
        for (int i = 0; i < 10; i++) {
          URI uri = URI.create("http://127.0.0.1:" + other.port() + "/");
          HttpRequest request =
              HttpRequest.newBuilder(uri).POST(HttpRequest.BodyPublishers.ofString("hi")).build();
          failed += client.send(request, text()).statusCode() == 502 ? 1 : 0;
        }
        assertThat(failed).isEqualTo(resetting.requestLines.size()).isPositive();
        assertThat(one.requests.get()).isEqualTo(10 - failed);
      }
    }
  }

  /** Failing is fast, so the instance that fails is always the least busy. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void instanceThatFailsAtOnce_attractsNoRequests(boolean resets) throws Exception {
    try (RawBackend failing = RawBackend.healthy();
        TestBackend slow = slow();
        TestBackend other = slow()) {
      failing.answers("HTTP/1.1 500 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
      if (resets) {
        failing.resets();
      }
      Path file =
          Files.writeString(
              directory.resolve("three.yml"),
              """
              listen: 127.0.0.1:0
              admin: 127.0.0.1:0
              state: %s
              backends: { v1: { a: '%s', b: '%s', c: '%s' } }
              routes: [{ path: /, baseline: v1, candidate: v1, weight: 0 }]
              """
                  .formatted(
                      directory.resolve("three.json"),
                      failing.address(),
                      slow.address(),
                      other.address()));
      try (Gateway three = Gateway.start(file, Map.of("BELAY_GATEWAY_TOKEN", TOKEN))) {
        HttpRequest request =
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + three.port() + "/")).build();
        CompletableFuture.allOf(
                IntStream.range(0, 64)
                    .mapToObj(user -> ask(request, 20))
                    .toArray(CompletableFuture[]::new))
            .get(60, TimeUnit.SECONDS);
        assertThat(failing.requestLines.size()).isPositive().isLessThan(64 * 20 / 5);
      }
    }
  }

  private static TestBackend slow() throws Exception {
    return new TestBackend(
        exchange -> {
          Thread.sleep(60);
          TestBackend.text(exchange, 200, "slow");
        });
  }

  /** One request after the other, whatever the answers are. */
  private CompletableFuture<Void> ask(HttpRequest request, int times) {
    return times == 0
        ? CompletableFuture.completedFuture(null)
        : client.sendAsync(request, text()).thenCompose(answer -> ask(request, times - 1));
  }

  private static HttpResponse.BodyHandler<String> text() {
    return HttpResponse.BodyHandlers.ofString();
  }

  private HttpRequest post() {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.port() + "/x"))
        .POST(HttpRequest.BodyPublishers.ofString("hello"))
        .build();
  }

  private JsonNode statistics() throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + gateway.administrationPort() + "/statistics"))
            .header("Authorization", "Bearer " + TOKEN)
            .build();
    return new ObjectMapper().readTree(client.send(request, text()).body());
  }
}
