package io.belay.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.belay.playground.Ports;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GatewayTest {

  private static final String TOKEN = "a-token-that-is-long-enough";

  @TempDir Path directory;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final ObjectMapper json = new ObjectMapper();
  private final List<AutoCloseable> open = new ArrayList<>();
  private Gateway gateway;

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable closeable : open) {
      closeable.close();
    }
  }

  @Test
  void weights_splitTheRequests() throws Exception {
    start(backends("v1", "v2"), "");
    setWeight(25);
    int candidate = 0;
    for (int i = 0; i < 200; i++) {
      candidate += get("/").body().equals("v2") ? 1 : 0;
    }
    assertThat(candidate).isBetween(48, 52);
  }

  @Test
  void weightZeroAndHundred_areExact() throws Exception {
    start(backends("v1", "v2"), "");
    assertThat(IntStream.range(0, 50).mapToObj(i -> body("/"))).containsOnly("v1");
    setWeight(100);
    assertThat(IntStream.range(0, 50).mapToObj(i -> body("/"))).containsOnly("v2");
  }

  @Test
  void aKeyMovesToTheCandidateAtMostOnce_asTheWeightGrows() throws Exception {
    start(backends("v1", "v2"), "sticky: { header: X-User-Id }\n");
    Map<String, String> sides = new HashMap<>();
    for (int weight : new int[] {10, 25, 50, 100}) {
      setWeight(weight);
      int candidates = 0;
      for (int user = 0; user < 300; user++) {
        String key = "user-" + user;
        String side = side(get("/", "X-User-Id", key));
        assertThat(side(get("/", "X-User-Id", key))).isEqualTo(side);
        if ("candidate".equals(sides.get(key))) {
          assertThat(side).as(key + " at " + weight).isEqualTo("candidate");
        }
        sides.put(key, side);
        candidates += side.equals("candidate") ? 1 : 0;
      }
      assertThat(candidates / 3.0).isBetween(weight - 7.0, weight + 7.0);
    }
  }

  @Test
  void aCookieKeepsTheSide() throws Exception {
    start(backends("v1", "v2"), "sticky: { cookie: session }\n");
    setWeight(50);
    for (int user = 0; user < 20; user++) {
      String cookie = "a=b; session=s" + user;
      String side = side(get("/", "Cookie", cookie));
      assertThat(IntStream.range(0, 5).mapToObj(i -> sideOf("Cookie", cookie))).containsOnly(side);
    }
  }

  @Test
  void theLongestPathWins_atSegmentBorders() throws Exception {
    start(backends("v1", "v2"), "");
    put(
        "*",
        """
        {"routes":[{"path":"/","baseline":"v1","candidate":"v2","weight":0},
                   {"path":"/api","baseline":"v1","candidate":"v2","weight":100},
                   {"path":"/api/old","baseline":"v1","candidate":"v2","weight":0}]}""");
    assertThat(body("/")).isEqualTo("v1");
    assertThat(body("/api")).isEqualTo("v2");
    assertThat(body("/api/x?y=1")).isEqualTo("v2");
    assertThat(body("/apix")).isEqualTo("v1");
    assertThat(body("/api/old/z")).isEqualTo("v1");
  }

  @Test
  void backendsLearnSideAndPath_andClientsCannotForgeThem() throws Exception {
    TestBackend echo =
        open(
            new TestBackend(
                exchange -> {
                  exchange.getResponseHeaders().set("X-Belay-Side", "forged");
                  TestBackend.text(
                      exchange,
                      200,
                      exchange.getRequestHeaders().get("X-Migration-Status")
                          + " "
                          + exchange.getRequestHeaders().get("X-Original-Path")
                          + " "
                          + exchange.getRequestURI()
                          + " "
                          + exchange.getRequestHeaders().getFirst("Host"));
                }));
    start(Map.of("v1", Map.of("v1", echo.address()), "v2", Map.of("v2", echo.address())), "");
    HttpResponse<String> answer =
        get("/a%2Fb/c?d=%20e&f", "X-Migration-Status", "forged", "X-Original-Path", "/forged");
    assertThat(answer.body())
        .isEqualTo("[legacy] [/a%2Fb/c] /a%2Fb/c?d=%20e&f 127.0.0.1:" + gateway.port());
    assertThat(answer.headers().allValues("X-Belay-Side")).containsExactly("baseline");
  }

  @Test
  void routesSurviveARestart() throws Exception {
    Map<String, Map<String, URI>> backends = backends("v1", "v2");
    start(backends, "");
    setWeight(100);
    admin("POST", "/servers/v1/drain", null);
    gateway.close();

    start(backends, "");
    assertThat(body("/")).isEqualTo("v2");
    JsonNode routes = json.readTree(admin("GET", "/routes", null).body());
    assertThat(routes.at("/routes/0/weight").asInt()).isEqualTo(100);
    assertThat(routes.at("/drained/0").asText()).isEqualTo("v1");
  }

  @Test
  void brokenStateFile_refusesToStart() throws Exception {
    Files.writeString(directory.resolve("routes.json"), "{\"version\":");
    assertThatThrownBy(() -> start(backends("v1", "v2"), ""))
        .hasMessageContaining("routes.json")
        .hasMessageContaining("does not start");
  }

  @Test
  void stateThatNamesAnUnknownBackend_refusesToStart() throws Exception {
    start(backends("v1", "v2"), "");
    gateway.close();
    Map<String, Map<String, URI>> one =
        Map.of("v1", Map.of("v1", URI.create("http://127.0.0.1:1")));
    assertThatThrownBy(() -> start(one, "")).hasMessageContaining("'v2' is not a backend");
  }

  @Test
  void switchingUnderLoad_losesNoRequest() throws Exception {
    AtomicInteger served = new AtomicInteger();
    TestBackend.Answer slow =
        exchange -> {
          TimeUnit.MILLISECONDS.sleep(3);
          served.incrementAndGet();
          TestBackend.text(exchange, 200, "ok");
        };
    TestBackend old = open(new TestBackend(slow));
    TestBackend fresh = open(new TestBackend(slow));
    start(Map.of("v1", Map.of("v1", old.address()), "v2", Map.of("v2", fresh.address())), "");
    AtomicBoolean stop = new AtomicBoolean();
    AtomicInteger sent = new AtomicInteger();
    List<CompletableFuture<Void>> users = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      users.add(
          CompletableFuture.runAsync(
              () -> {
                while (!stop.get()) {
                  sent.incrementAndGet();
                  assertThat(body("/")).isEqualTo("ok");
                }
              }));
    }
    for (int weight : new int[] {10, 25, 50, 100, 0, 100, 0, 50}) {
      int before = served.get();
      setWeight(weight);
      await().until(() -> served.get() > before + 40);
    }
    stop.set(true);
    CompletableFuture.allOf(users.toArray(CompletableFuture[]::new)).get(20, TimeUnit.SECONDS);
    assertThat(served.get()).isEqualTo(sent.get());
    assertThat(old.requests.get() + fresh.requests.get()).isEqualTo(sent.get());
    assertThat(fresh.requests.get()).isPositive();
  }

  @Test
  void aRequestInFlight_finishesOnItsSide_andDrainLeavesItAlone() throws Exception {
    CountDownLatch arrived = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    TestBackend old =
        open(
            new TestBackend(
                exchange -> {
                  arrived.countDown();
                  release.await(10, TimeUnit.SECONDS);
                  TestBackend.text(exchange, 200, "v1");
                }));
    TestBackend fresh = open(TestBackend.named("v2"));
    start(Map.of("v1", Map.of("v1", old.address()), "v2", Map.of("v2", fresh.address())), "");
    CompletableFuture<HttpResponse<String>> flying =
        client.sendAsync(request("/").build(), HttpResponse.BodyHandlers.ofString());
    assertThat(arrived.await(10, TimeUnit.SECONDS)).isTrue();
    setWeight(100);
    admin("POST", "/servers/v1/drain", null);
    assertThat(statistics().at("/servers/v1/inFlight").asInt()).isEqualTo(1);
    assertThat(body("/")).isEqualTo("v2");
    release.countDown();
    assertThat(flying.get(10, TimeUnit.SECONDS).body()).isEqualTo("v1");
    await().until(() -> statistics().at("/servers/v1/inFlight").asInt() == 0);
  }

  @Test
  void drainedServer_getsNothing_undrainedServerGetsItsShare() throws Exception {
    TestBackend one = open(TestBackend.named("one"));
    TestBackend two = open(TestBackend.named("two"));
    start(
        Map.of(
            "v1", Map.of("v1-1", one.address(), "v1-2", two.address()),
            "v2", Map.of("v2", one.address())),
        "");
    assertThat(IntStream.range(0, 10).mapToObj(i -> body("/"))).contains("one", "two");
    assertThat(admin("POST", "/servers/v1-1/drain", null).statusCode()).isEqualTo(200);
    assertThat(admin("POST", "/servers/v1-1/drain", null).statusCode()).isEqualTo(200);
    assertThat(IntStream.range(0, 10).mapToObj(i -> body("/"))).containsOnly("two");
    admin("POST", "/servers/v1-2/drain", null);
    assertThat(get("/").statusCode()).isEqualTo(503);
    admin("POST", "/servers/v1-1/undrain", null);
    assertThat(body("/")).isEqualTo("one");
    assertThat(admin("POST", "/servers/nobody/drain", null).statusCode()).isEqualTo(422);
  }

  @Test
  void aBigUpload_reachesTheBackendWhileItIsSent() throws Exception {
    long size = 64L << 20;
    CountDownLatch arrived = new CountDownLatch(1);
    TestBackend counting =
        open(
            new TestBackend(
                exchange -> {
                  InputStream body = exchange.getRequestBody();
                  long good = 0;
                  for (int read; (read = body.read()) >= 0; ) {
                    good += read == good % 251 ? 1 : 0;
                    arrived.countDown();
                  }
                  TestBackend.text(exchange, 200, good + " bytes");
                }));
    start(
        Map.of("v1", Map.of("v1", counting.address()), "v2", Map.of("v2", counting.address())), "");
    HttpResponse<String> answer =
        send(
            request("/")
                .POST(
                    HttpRequest.BodyPublishers.ofInputStream(
                        () -> new Pattern(size, size / 2, arrived)))
                .build());
    assertThat(answer.body()).isEqualTo(size + " bytes");
  }

  @Test
  void aBigDownload_reachesTheClientWhileItIsProduced() throws Exception {
    long size = 64L << 20;
    CountDownLatch arrived = new CountDownLatch(1);
    TestBackend producing =
        open(
            new TestBackend(
                exchange -> {
                  exchange.sendResponseHeaders(200, 0);
                  new Pattern(size, size / 2, arrived).transferTo(exchange.getResponseBody());
                }));
    start(
        Map.of("v1", Map.of("v1", producing.address()), "v2", Map.of("v2", producing.address())),
        "");
    HttpResponse<InputStream> answer =
        client.send(request("/").build(), HttpResponse.BodyHandlers.ofInputStream());
    byte[] buffer = new byte[1 << 16];
    long good = 0;
    try (InputStream body = answer.body()) {
      for (int read; (read = body.read(buffer)) >= 0; ) {
        arrived.countDown();
        for (int i = 0; i < read; i++) {
          good += buffer[i] == (byte) (good % 251) ? 1 : 0;
        }
      }
    }
    assertThat(good).isEqualTo(size);
  }

  @Test
  void refusedConnection_is502_silence_is504_andBothCountAsFailures() throws Exception {
    URI nobody = URI.create("http://127.0.0.1:" + Ports.free());
    CountDownLatch release = new CountDownLatch(1);
    TestBackend silent = open(new TestBackend(e -> release.await(20, TimeUnit.SECONDS)));
    start(
        Map.of("v1", Map.of("v1", nobody), "v2", Map.of("v2", silent.address())),
        "timeoutSeconds: 1\n");
    HttpResponse<String> refused = get("/");
    assertThat(refused.statusCode()).isEqualTo(502);
    assertThat(side(refused)).isEqualTo("baseline");
    setWeight(100);
    assertThat(get("/").statusCode()).isEqualTo(504);
    assertThat(silent.requests.get()).as("no retry").isEqualTo(1);
    release.countDown();
    await().until(() -> statistics().at("/sides/candidate/status5xx").asInt() == 1);
    assertThat(statistics().at("/sides/baseline/status5xx").asInt()).isEqualTo(1);
  }

  @Test
  void statistics_countPerSide() throws Exception {
    TestBackend missing = open(new TestBackend(exchange -> TestBackend.text(exchange, 404, "no")));
    TestBackend broken = open(new TestBackend(exchange -> TestBackend.text(exchange, 500, "no")));
    start(Map.of("v1", Map.of("v1", missing.address()), "v2", Map.of("v2", broken.address())), "");
    for (int i = 0; i < 10; i++) {
      get("/");
    }
    setWeight(100);
    get("/");
    await().until(() -> statistics().at("/sides/candidate/requests").asInt() == 1);
    JsonNode sides = statistics().at("/sides");
    assertThat(sides.at("/baseline/requests").asInt()).isEqualTo(10);
    assertThat(sides.at("/baseline/status4xx").asInt()).isEqualTo(10);
    assertThat(sides.at("/baseline/window/status4xx").asInt()).isEqualTo(10);
    assertThat(sides.at("/baseline/inFlight").asInt()).isZero();
    assertThat(sides.at("/baseline/p95Ms").asDouble()).isPositive();
    assertThat(sides.at("/candidate/status5xx").asInt()).isEqualTo(1);
  }

  @Test
  void aStaleWriter_isRefused() throws Exception {
    start(backends("v1", "v2"), "");
    String etag = admin("GET", "/routes", null).headers().firstValue("ETag").orElseThrow();
    assertThat(put(etag, routes(10)).statusCode()).isEqualTo(200);
    assertThat(put(etag, routes(20)).statusCode()).isEqualTo(412);
    assertThat(put(null, routes(20)).statusCode()).isEqualTo(428);
    assertThat(put("*", routes(101)).statusCode()).isEqualTo(422);
    assertThat(put("*", routes("0.005")).body()).contains("0.005 is not from 0 to 100 in steps");
    assertThat(put("*", routes("-0.01")).statusCode()).isEqualTo(422);
    assertThat(put("*", routes("100.01")).statusCode()).isEqualTo(422);
    assertThat(put("*", routes("1e999999999")).statusCode()).isEqualTo(422);
    assertThat(put("*", "{\"routes\":[]}").statusCode()).isEqualTo(422);
    assertThat(put("*", "nonsense").statusCode()).isEqualTo(400);
    assertThat(json.readTree(admin("GET", "/routes", null).body()).at("/routes/0/weight").asInt())
        .isEqualTo(10);
  }

  @Test
  void aWeightOfHundredths_isKeptOnDisk_andAWholeOneIsWrittenAsBefore() throws Exception {
    Map<String, Map<String, URI>> backends = backends("v1", "v2");
    start(backends, "");
    assertThat(put("*", routes("0.050")).body()).contains("\"weight\":0.05}");
    gateway.close();

    start(backends, "");
    assertThat(admin("GET", "/routes", null).body()).contains("\"weight\":0.05}");
    assertThat(put("*", routes("25.00")).body()).contains("\"weight\":25}");
    assertThat(put("*", routes("100")).body()).contains("\"weight\":100}");
  }

  @Test
  void aLowerFence_isRefused() throws Exception {
    start(backends("v1", "v2"), "");
    assertThat(put("*", routes(10), "X-Belay-Fence", "7").statusCode()).isEqualTo(200);
    assertThat(put("*", routes(20), "X-Belay-Fence", "6").statusCode()).isEqualTo(412);
    assertThat(put("*", routes(20), "X-Belay-Fence", "7").statusCode()).isEqualTo(200);
  }

  @Test
  void administration_needsTheToken() throws Exception {
    start(backends("v1", "v2"), "");
    for (String token : List.of("", "Bearer wrong", "Bearer " + TOKEN + "x", "Basic " + TOKEN)) {
      for (String path : List.of("/routes", "/statistics", "/nowhere")) {
        HttpRequest.Builder request = HttpRequest.newBuilder(adminUri(path));
        if (!token.isEmpty()) {
          request.header("Authorization", token);
        }
        assertThat(send(request.build()).statusCode()).as(path).isEqualTo(401);
      }
    }
    assertThat(send(HttpRequest.newBuilder(adminUri("/health")).build()).statusCode())
        .isEqualTo(200);
    assertThat(get("/routes").body()).as("the public port knows no administration").isEqualTo("v1");
  }

  @Test
  void noOrShortToken_refusesToStart() throws Exception {
    Path file = configure(backends("v1", "v2"), "");
    assertThatThrownBy(() -> Gateway.start(file, Map.of())).hasMessageContaining("token");
    assertThatThrownBy(() -> Gateway.start(file, Map.of("BELAY_GATEWAY_TOKEN", "short")))
        .hasMessageContaining("16 characters")
        .hasMessageNotContaining("short,");
  }

  @Test
  void moreInFlightThanThereIsRoomFor_areTurnedAwayAtOnce_andTheRestIsServed() throws Exception {
    CountDownLatch arrived = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    TestBackend slow =
        open(
            new TestBackend(
                exchange -> {
                  arrived.countDown();
                  release.await(20, TimeUnit.SECONDS);
                  TestBackend.text(exchange, 200, "done");
                }));
    start(
        Map.of("v1", Map.of("v1", slow.address()), "v2", Map.of("v2", slow.address())),
        "maxInFlight: 1\n");
    CompletableFuture<HttpResponse<String>> first =
        client.sendAsync(request("/").build(), HttpResponse.BodyHandlers.ofString());
    assertThat(arrived.await(10, TimeUnit.SECONDS)).isTrue();

    HttpResponse<String> second = get("/");
    assertThat(second.statusCode()).isEqualTo(503);
    assertThat(second.headers().firstValue("Retry-After")).hasValue("1");
    assertThat(second.headers().firstValue("X-Belay-Side")).isEmpty();
    assertThat(statistics().at("/refused").asInt()).isEqualTo(1);
    assertThat(statistics().at("/sides/baseline/status5xx").asInt())
        .as("no side is to blame")
        .isZero();
    release.countDown();
    assertThat(first.get(20, TimeUnit.SECONDS).body()).isEqualTo("done");
    // The client has the last byte a moment before the gateway counts the request as over.
    await().until(() -> get("/").statusCode() == 200);
  }

  @Test
  void closing_letsRequestsInFlightFinish() throws Exception {
    CountDownLatch arrived = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    TestBackend slow =
        open(
            new TestBackend(
                exchange -> {
                  arrived.countDown();
                  release.await(10, TimeUnit.SECONDS);
                  TestBackend.text(exchange, 200, "done");
                }));
    start(Map.of("v1", Map.of("v1", slow.address()), "v2", Map.of("v2", slow.address())), "");
    CompletableFuture<HttpResponse<String>> flying =
        client.sendAsync(request("/").build(), HttpResponse.BodyHandlers.ofString());
    assertThat(arrived.await(10, TimeUnit.SECONDS)).isTrue();
    URI address = request("/").build().uri();
    CompletableFuture<Void> closing = CompletableFuture.runAsync(gateway::close);
    await()
        .untilAsserted(
            () ->
                assertThatThrownBy(() -> new Socket(address.getHost(), address.getPort()).close())
                    .isInstanceOf(ConnectException.class));
    assertThat(closing).isNotDone();
    release.countDown();
    assertThat(flying.get(10, TimeUnit.SECONDS).body()).isEqualTo("done");
    closing.get(20, TimeUnit.SECONDS);
  }

  private Map<String, Map<String, URI>> backends(String... names) throws IOException {
    Map<String, Map<String, URI>> backends = new HashMap<>();
    for (String name : names) {
      backends.put(name, Map.of(name, open(TestBackend.named(name)).address()));
    }
    return backends;
  }

  private <T extends AutoCloseable> T open(T closeable) {
    open.add(0, closeable);
    return closeable;
  }

  private Path configure(Map<String, Map<String, URI>> backends, String more) throws IOException {
    Path file = directory.resolve("gateway.yml");
    Files.writeString(
        file,
        """
        listen: 127.0.0.1:0
        admin: 127.0.0.1:0
        state: %s
        backends: %s
        routes: [{ path: /, baseline: v1, candidate: v2, weight: 0 }]
        %s"""
            .formatted(directory.resolve("routes.json"), json.writeValueAsString(backends), more));
    return file;
  }

  private void start(Map<String, Map<String, URI>> backends, String more) throws Exception {
    Path file = configure(backends, more);
    gateway = open(Gateway.start(file, Map.of("BELAY_GATEWAY_TOKEN", TOKEN)));
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.port() + path));
  }

  private HttpResponse<String> send(HttpRequest request) throws Exception {
    return client.send(request, HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> get(String path, String... headers) throws Exception {
    HttpRequest.Builder request = request(path);
    if (headers.length > 0) {
      request.headers(headers);
    }
    return send(request.build());
  }

  private String body(String path) {
    try {
      return get(path).body();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private String sideOf(String header, String value) {
    try {
      return side(get("/", header, value));
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static String side(HttpResponse<?> response) {
    return response.headers().firstValue("X-Belay-Side").orElseThrow();
  }

  private URI adminUri(String path) {
    return URI.create("http://127.0.0.1:" + gateway.administrationPort() + path);
  }

  private HttpResponse<String> admin(String method, String path, String body, String... headers)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(adminUri(path))
            .header("Authorization", "Bearer " + TOKEN)
            .method(
                method,
                body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return send(request.build());
  }

  private HttpResponse<String> put(String etag, String body, String... headers) throws Exception {
    List<String> all = new ArrayList<>(List.of(headers));
    if (etag != null) {
      all.addAll(List.of("If-Match", etag));
    }
    return admin("PUT", "/routes", body, all.toArray(String[]::new));
  }

  private JsonNode statistics() throws Exception {
    return json.readTree(admin("GET", "/statistics", null).body());
  }

  private static String routes(Object weight) {
    return "{\"routes\":[{\"path\":\"/\",\"baseline\":\"v1\",\"candidate\":\"v2\",\"weight\":%s}]}"
        .formatted(weight);
  }

  private void setWeight(int weight) throws Exception {
    assertThat(put("*", routes(weight)).statusCode()).isEqualTo(200);
  }

  /** A long stream whose bytes tell their position; pauses in the middle for the other end. */
  private static final class Pattern extends InputStream {
    private final long size;
    private final long pauseAt;
    private final CountDownLatch continueWhen;
    private long position;

    Pattern(long size, long pauseAt, CountDownLatch continueWhen) {
      this.size = size;
      this.pauseAt = pauseAt;
      this.continueWhen = continueWhen;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      if (position >= size) {
        return -1;
      }
      if (position >= pauseAt) {
        awaitOtherEnd();
      }
      int count = (int) Math.min(length, size - position);
      for (int i = 0; i < count; i++) {
        into[offset + i] = (byte) ((position + i) % 251);
      }
      position += count;
      return count;
    }

    private void awaitOtherEnd() throws IOException {
      try {
        if (!continueWhen.await(10, TimeUnit.SECONDS)) {
          throw new IOException("nothing arrived at the other end: the body is not streamed");
        }
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
    }
  }
}
