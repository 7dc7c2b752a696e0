package io.belay.face.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.belay.face.web.Caller.Answer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.catalina.connector.Connector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.web.embedded.tomcat.TomcatWebServer;
import org.springframework.boot.web.servlet.context.ServletWebServerApplicationContext;

/** Anonymous clients, more than Tomcat has threads, that send one byte a second each. */
@WebTest
@Timeout(120)
class SlowClientsTest {

  private static final int CLIENTS = 250;
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final String LIVENESS = "/actuator/health/liveness";

  @Autowired Caller caller;
  @Autowired ServletWebServerApplicationContext context;

  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private final ScheduledExecutorService dripping = Executors.newScheduledThreadPool(1);
  private final AtomicInteger drops = new AtomicInteger();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @AfterEach
  void end() throws IOException {
    dripping.shutdownNow();
    close();
  }

  private void close() throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
    sockets.clear();
  }

  /**
   * @param drop what each sends every second
   */
  private void connect(int clients, String beginning, String drop) throws IOException {
    byte[] bytes = beginning.replace("\n", "\r\n").getBytes(StandardCharsets.US_ASCII);
    for (int i = 0; i < clients; i++) {
      Socket socket = new Socket("localhost", context.getWebServer().getPort());
      sockets.add(socket);
      socket.getOutputStream().write(bytes);
    }
    byte[] each = drop.replace("\n", "\r\n").getBytes(StandardCharsets.US_ASCII);
    dripping.scheduleAtFixedRate(() -> drip(each), 0, 1, TimeUnit.SECONDS);
  }

  private void drip(byte[] drop) {
    for (Socket socket : sockets) {
      try {
        socket.getOutputStream().write(drop);
      } catch (IOException refused) {
        // as most of them are
      }
    }
    drops.incrementAndGet();
  }

  private Duration ask(URI uri) throws Exception {
    Instant began = Instant.now();
    HttpResponse<String> answer =
        http.send(
            HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(30)).build(),
            BodyHandlers.ofString());
    assertThat(answer.statusCode()).isEqualTo(200);
    return Duration.between(began, Instant.now());
  }

  private URI health() {
    Connector[] connectors =
        ((TomcatWebServer) context.getWebServer()).getTomcat().getService().findConnectors();
    return URI.create("http://localhost:%d".formatted(connectors[1].getLocalPort()));
  }

  /** Through forms, the engine's interface, Belay's own; with a length and without. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "POST /login HTTP/1.1\nHost: localhost\nContent-Type: application/x-www-form-urlencoded\nContent-Length: 1000\n\n",
        "POST /engine-rest/task HTTP/1.1\nHost: localhost\nContent-Type: application/json\nContent-Length: 1000\n\n",
        "POST /api/runs HTTP/1.1\nHost: localhost\nContent-Type: application/json\nTransfer-Encoding: chunked\n\n1000\n",
        "GET /actuator/health HTTP/1.1\nHost: localhost\nContent-Length: 1000\n\n",
        "GET /login HTTP/1.1\nX-Long: "
      })
  void slowRequests_keepNobodyElseWaiting(String beginning) throws Exception {
    connect(CLIENTS, beginning, "x");
    await().until(() -> drops.get() > 1);

    List<Duration> answers = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      answers.add(ask(caller.uri(LIVENESS)));
      answers.add(ask(health().resolve(LIVENESS)));
      Instant began = Instant.now();
      Answer work = caller.post("vera", "/engine-rest/task", "{\"name\":\"any\"}");
      assertThat(work.status()).as(work.text()).isEqualTo(200);
      assertThat(Duration.between(began, Instant.now())).isLessThan(PATIENCE);
      int now = drops.get();
      await().until(() -> drops.get() > now); // another second of the attack
    }
    assertKeptNobodyWaiting(answers);
  }

  /** Of a busy machine one pause may be its own; an attack takes half a minute from each answer. */
  private static void assertKeptNobodyWaiting(List<Duration> answers) {
    assertThat(answers).allSatisfy(answer -> assertThat(answer).isLessThan(PATIENCE));
    assertThat(answers.stream().sorted().toList().get(answers.size() - 3))
        .as("all but two of %s", answers)
        .isLessThan(Duration.ofSeconds(1));
  }

  /**
   * Each asks for a file that fits into no buffer, and takes nothing of it.
   *
   * @see BoundedAnswersTest
   */
  @Test
  void clientsThatTakeNoAnswer_areLetGo_andHealthAnswersMeanwhile() throws Exception {
    byte[] request =
        "GET /belay/bpmn-js/bpmn-navigated-viewer.production.min.js HTTP/1.1\r\nHost: localhost\r\n\r\n"
            .repeat(20)
            .getBytes(StandardCharsets.US_ASCII);
    for (int i = 0; i < CLIENTS; i++) {
      Socket socket = new Socket();
      socket.setReceiveBufferSize(4096);
      socket.connect(
          new InetSocketAddress(
              InetAddress.getLoopbackAddress(), context.getWebServer().getPort()));
      sockets.add(socket);
      socket.getOutputStream().write(request);
    }

    for (int i = 0; i < 5; i++) {
      assertThat(ask(health().resolve(LIVENESS))).isLessThan(PATIENCE);
    }
    // The file is read a few thousand times until all buffers are full.
    assertThat(ask(caller.uri(LIVENESS))).isLessThan(Duration.ofSeconds(20));
  }

  @Test
  void bodyThatComesTooSlowly_isRefused_andTheConnectionClosed() throws Exception {
    connect(1, "POST /login HTTP/1.1\nHost: localhost\nContent-Length: 1000\n\n", "x");
    assertThat(answer(sockets.get(0)))
        .startsWith("HTTP/1.1 408")
        .contains("Connection: close", "came too slowly");
  }

  @Test
  void headersThatComeTooSlowly_closeTheConnection() throws Exception {
    connect(1, "GET /login HTTP/1.1\nX-Long: ", "x");
    assertThat(answer(sockets.get(0))).isEmpty();
    assertThat(drops.get()).isLessThan(15);
  }

  private static String answer(Socket socket) throws IOException {
    socket.setSoTimeout(30_000);
    InputStream in = socket.getInputStream();
    byte[] buffer = new byte[4096];
    StringBuilder text = new StringBuilder();
    try {
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        text.append(new String(buffer, 0, count, StandardCharsets.US_ASCII));
      }
    } catch (java.net.SocketException reset) {
      // Belay had not read the last byte
    }
    return text.toString();
  }

  /** What a body brings along must stay apart from the next request, and the body whole. */
  @Test
  void requestsOnOneConnection_areEachReadWhole() throws Exception {
    String body = "{\"name\":\"%s\"}".formatted("x".repeat(20_000));
    String one =
        "POST /engine-rest/task/count HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic dmVyYTp2ZXJh\r\n"
            + "Content-Type: application/json\r\n%s\r\n\r\n%s";
    String chunks =
        "%x\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n"
            .formatted(10, body.substring(0, 10), body.length() - 10, body.substring(10));
    String requests =
        one.formatted("Content-Length: " + body.length(), body)
            + one.formatted("Transfer-Encoding: chunked", chunks)
            + one.formatted("Connection: close\r\nContent-Length: " + body.length(), body);
    try (Socket socket = new Socket("localhost", context.getWebServer().getPort())) {
      socket.getOutputStream().write(requests.getBytes(StandardCharsets.US_ASCII));
      String answers = answer(socket);
      assertThat(answers.split("HTTP/1.1 200", -1)).as(answers).hasSize(4);
      assertThat(answers.split("\"count\":0", -1)).as(answers).hasSize(4);
    }
  }

  @Test
  void bodyOverItsLimit_isRefusedInASentence_asBefore() throws Exception {
    byte[] large = new byte[(int) BodyLimit.ENGINE_LIMIT + 1];
    Arrays.fill(large, (byte) ' ');
    HttpResponse<String> answer =
        http.send(
            HttpRequest.newBuilder(caller.uri("/engine-rest/task"))
                .header("Content-Type", "application/json")
                .header("Authorization", "Basic dmVyYTp2ZXJh")
                .POST(BodyPublishers.ofByteArray(large))
                .build(),
            BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(413);
  }

  /** Agents send like this; a burst of them must not be refused because of an instant. */
  @Test
  void chunkedBody_waitsAMomentForAPlace_beforeItIsRefused() throws Exception {
    String headers =
        "POST /api/runs HTTP/1.1\nHost: localhost\nContent-Type: application/json\nTransfer-Encoding: chunked\n"
            + "Connection: close\n\n";
    byte[] whole =
        (headers + "2\n{}\n0\n\n").replace("\n", "\r\n").getBytes(StandardCharsets.US_ASCII);
    String answer = "";
    // The moment is short: on a busy machine it may pass before the places are free.
    for (int attempt = 0; attempt < 10 && !answer.startsWith("HTTP/1.1 401"); attempt++) {
      connect(50, headers + "1000\n", ""); // as many as there are places
      await().until(() -> send(whole, () -> {}).startsWith("HTTP/1.1 503")); // all are taken
      answer = send(whole, this::close);
    }
    assertThat(answer).startsWith("HTTP/1.1 401");
  }

  private interface Act {
    void perform() throws IOException;
  }

  /** Acts soon after the request was sent, and reads the answer. */
  private String send(byte[] request, Act act) throws IOException {
    try (Socket socket = new Socket("localhost", context.getWebServer().getPort())) {
      socket.getOutputStream().write(request);
      Instant written = Instant.now();
      while (Instant.now().isBefore(written.plusMillis(30))) {
        Thread.onSpinWait();
      }
      act.perform();
      return answer(socket);
    }
  }

  @Test
  void healthPort_hasNothingElse() throws Exception {
    for (String path :
        List.of("/login", "/actuator/prometheus", "/api/runs", "/engine-rest/engine")) {
      HttpResponse<String> answer =
          http.send(
              HttpRequest.newBuilder(health().resolve(path))
                  .header("Authorization", "Basic dmVyYTp2ZXJh")
                  .build(),
              BodyHandlers.ofString());
      assertThat(answer.statusCode()).as(path).isEqualTo(404);
    }
    HttpResponse<String> posted =
        http.send(
            HttpRequest.newBuilder(health().resolve(LIVENESS))
                .POST(BodyPublishers.ofString("x"))
                .build(),
            BodyHandlers.ofString());
    assertThat(posted.statusCode()).isEqualTo(404);
    ask(health().resolve(LIVENESS));
    ask(health().resolve("/actuator/health/readiness"));
  }
}
