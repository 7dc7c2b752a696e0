package io.belay.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GatewayWebSocketTest {

  private static final String TOKEN = "a-token-that-is-long-enough";
  private static final int MANY = 1000;

  @TempDir Path directory;
  private final HttpClient http = HttpClient.newHttpClient();
  private TestWebSocketServer old;
  private TestWebSocketServer fresh;
  private Gateway gateway;

  @BeforeEach
  void start() throws Exception {
    old = new TestWebSocketServer("v1");
    fresh = new TestWebSocketServer("v2");
    Path file = directory.resolve("gateway.yml");
    Files.writeString(
        file,
        """
        listen: 127.0.0.1:0
        admin: 127.0.0.1:0
        state: %s
        timeoutSeconds: 1
        webSocketRestartSeconds: 2
        sticky: { cookie: session }
        backends: { v1: { v1: '%s' }, v2: { v2: '%s' } }
        routes: [{ path: /, baseline: v1, candidate: v2, weight: 0 }]
        """
            .formatted(directory.resolve("routes.json"), old.address(), fresh.address()));
    gateway = Gateway.start(file, Map.of("BELAY_GATEWAY_TOKEN", TOKEN));
  }

  @AfterEach
  void stop() throws Exception {
    gateway.close();
    old.close();
    fresh.close();
  }

  /** What a client sees of its WebSocket. */
  private static final class Chat implements WebSocket.Listener {
    private final LinkedBlockingQueue<String> texts = new LinkedBlockingQueue<>();
    private final StringBuilder text = new StringBuilder();
    private final CompletableFuture<Integer> closed = new CompletableFuture<>();
    private volatile long closedAt;
    private WebSocket socket;

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
      text.append(part);
      if (last) {
        texts.add(text.toString());
        text.setLength(0);
      }
      from.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
      closedAt = System.nanoTime();
      closed.complete(code);
      return null;
    }

    @Override
    public void onError(WebSocket from, Throwable failure) {
      closed.completeExceptionally(failure);
    }

    String next() throws InterruptedException {
      return texts.poll(10, TimeUnit.SECONDS);
    }

    String ask(String question) throws InterruptedException {
      socket.sendText(question, true);
      return next();
    }
  }

  private Chat chat() throws Exception {
    Chat chat = new Chat();
    chat.socket =
        http.newWebSocketBuilder()
            .buildAsync(URI.create("ws://127.0.0.1:" + gateway.port() + "/chat"), chat)
            .get(10, TimeUnit.SECONDS);
    assertThat(chat.next()).startsWith("hello from ");
    return chat;
  }

  @Test
  void aWebSocket_goesThrough_andStaysWithItsServerWhileWeightsChange() throws Exception {
    Chat first = chat();
    assertThat(first.ask("a")).isEqualTo("v1: a");
    setWeight("100");
    assertThat(chat().ask("b")).isEqualTo("v2: b");
    assertThat(first.ask("c")).isEqualTo("v1: c");
    // Longer than the time-out of a request without an answer.
    TimeUnit.MILLISECONDS.sleep(1_500);
    assertThat(first.ask("d")).isEqualTo("v1: d");
    assertThat(webSockets("baseline")).isEqualTo(1);
    assertThat(webSockets("candidate")).isEqualTo(1);
    assertThat(old.handshakes.get(0)).contains("X-Forwarded-For: 127.0.0.1\r\n");
    first.socket.sendClose(WebSocket.NORMAL_CLOSURE, "bye");
    first.closed.get(10, TimeUnit.SECONDS);
    await().until(() -> old.closeCodes.contains(1000));
    await().until(() -> webSockets("baseline") == 0);
  }

  @Test
  void aRollback_closesTheCandidatesWebSocketsWith1012_spreadOverTheSetTime() throws Exception {
    Chat baseline = chat();
    setWeight("100");
    List<Chat> chats = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      chats.add(chat());
    }
    setWeight("0.01");
    assertThat(chats.get(0).ask("still")).isEqualTo("v2: still");
    long start = System.nanoTime();
    setWeight("0");
    List<Double> after = new ArrayList<>();
    for (Chat chat : chats) {
      assertThat(chat.closed.get(10, TimeUnit.SECONDS)).isEqualTo(1012);
      after.add((chat.closedAt - start) / 1e9);
    }
    Collections.sort(after);
    assertThat(after.get(9) - after.get(0)).isBetween(1.0, 3.0);
    assertThat(after.get(5) - after.get(0))
        .as("half of them, in half of the time")
        .isGreaterThan(0.5);
    await().untilAsserted(() -> assertThat(fresh.closeCodes).hasSize(10).containsOnly(1012));
    await().until(() -> webSockets("candidate") == 0);
    assertThat(baseline.ask("mine")).isEqualTo("v1: mine");
    assertThat(chat().ask("again")).isEqualTo("v1: again");
  }

  @Test
  void aRouteThatDrains_leavesItsWebSocketsOpen() throws Exception {
    setWeight("100,\"atZero\":\"drain\"");
    Chat chat = chat();
    setWeight("0,\"atZero\":\"drain\"");
    TimeUnit.MILLISECONDS.sleep(500);
    assertThat(chat.ask("still")).isEqualTo("v2: still");
  }

  @Test
  void aDrainedServer_isIdleWhenItsWebSocketsHaveLeftWith1012() throws Exception {
    Chat chat = chat();
    assertThat(statistics().at("/servers/v1/inFlight").asLong()).isEqualTo(1);
    http.send(
        admin("/servers/v1/drain").POST(HttpRequest.BodyPublishers.noBody()).build(),
        HttpResponse.BodyHandlers.discarding());
    assertThat(chat.closed.get(10, TimeUnit.SECONDS)).isEqualTo(1012);
    await().until(() -> statistics().at("/servers/v1/inFlight").asLong() == 0);
    assertThat(statistics().path("webSocketsLeaving").asLong(-1)).isZero();
  }

  @Test
  void aFrameThatIsOnItsWay_arrivesWhole_beforeTheClose() throws Exception {
    setWeight("100");
    Chat chat = chat();
    chat.socket.sendText("half", true);
    TimeUnit.MILLISECONDS.sleep(200);
    setWeight("0");
    TimeUnit.MILLISECONDS.sleep(500);
    assertThat(chat.closed).isNotDone();
    int half = TestWebSocketServer.LONG / 2;
    assertThat(chat.ask("rest")).isEqualTo("a".repeat(half) + "b".repeat(half));
    assertThat(chat.closed.get(10, TimeUnit.SECONDS)).isEqualTo(1012);
  }

  @Test
  void whoComesBackBeforeItsTurn_isLeftAlone() throws Exception {
    setWeight("100");
    List<Chat> chats = List.of(chat(), chat());
    setWeight("0");
    setWeight("50");
    TimeUnit.MILLISECONDS.sleep(2_500);
    assertThat(chats.stream().filter(chat -> !chat.closed.isDone()).count()).isPositive();
  }

  @Test
  void aRefusedHandshake_isAnAnswerLikeAnother() {
    assertThatThrownBy(
            () ->
                http.newWebSocketBuilder()
                    .buildAsync(
                        URI.create("ws://127.0.0.1:" + gateway.port() + "/refused"), new Chat())
                    .get(10, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOfSatisfying(
            WebSocketHandshakeException.class,
            refused -> {
              assertThat(refused.getResponse().statusCode()).isEqualTo(403);
              assertThat(refused.getResponse().headers().firstValue("X-Why")).hasValue("no");
            });
  }

  @Test
  void aServerThatDies_closesItsWebSockets_andAClientThatLeavesIsForgotten() throws Exception {
    Chat chat = chat();
    try (Socket client = new Socket("127.0.0.1", gateway.port())) {
      handshake(client);
      await().until(() -> webSockets("baseline") == 2);
    }
    await().until(() -> webSockets("baseline") == 1);
    gateway.close();
    assertThat(chat.closed.get(10, TimeUnit.SECONDS)).as("the gateway stops").isEqualTo(1012);
  }

  @Test
  void aThousandWebSockets_takeNoThreadEach() throws Exception {
    try (AutoCloseableSockets sockets = new AutoCloseableSockets()) {
      for (int i = 0; i < MANY; i++) {
        sockets.open(gateway.port());
      }
      await().atMost(Duration.ofSeconds(20)).until(() -> webSockets("baseline") == MANY);
      for (Socket socket : sockets.all) {
        ping(socket);
      }
      assertThat(
              Thread.getAllStackTraces().keySet().stream()
                  .filter(thread -> thread.getName().matches("(gateway|proxy-client).*"))
                  .count())
          .isLessThan(100);
    }
    await().atMost(Duration.ofSeconds(20)).until(() -> webSockets("baseline") == 0);
  }

  private static final class AutoCloseableSockets implements AutoCloseable {
    private final List<Socket> all = new ArrayList<>();

    void open(int port) throws IOException {
      Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
      socket.setSoTimeout(20_000);
      all.add(socket);
      handshake(socket);
    }

    @Override
    public void close() throws IOException {
      for (Socket socket : all) {
        socket.close();
      }
    }
  }

  private static void handshake(Socket socket) throws IOException {
    socket
        .getOutputStream()
        .write(
            ("GET /chat HTTP/1.1\r\nHost: app\r\nConnection: keep-alive, Upgrade\r\n"
                    + "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                    + "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
    StringBuilder head = new StringBuilder();
    while (!head.toString().endsWith("\r\n\r\n")) {
      head.append((char) socket.getInputStream().read());
    }
    assertThat(head).startsWith("HTTP/1.1 101");
    assertThat(readText(socket)).isEqualTo("hello from v1");
  }

  private static void ping(Socket socket) throws IOException {
    socket.getOutputStream().write(new byte[] {(byte) 0x81, (byte) 0x81, 0, 0, 0, 0, 'x'});
    assertThat(readText(socket)).isEqualTo("v1: x");
  }

  private static String readText(Socket socket) throws IOException {
    byte[] head = socket.getInputStream().readNBytes(2);
    return new String(socket.getInputStream().readNBytes(head[1]), StandardCharsets.UTF_8);
  }

  private void setWeight(String weight) throws Exception {
    String body =
        "{\"routes\":[{\"path\":\"/\",\"baseline\":\"v1\",\"candidate\":\"v2\",\"weight\":%s}]}"
            .formatted(weight);
    assertThat(
            http.send(
                    admin("/routes")
                        .header("If-Match", "*")
                        .PUT(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                    HttpResponse.BodyHandlers.ofString())
                .statusCode())
        .isEqualTo(200);
  }

  private long webSockets(String side) throws Exception {
    return statistics().path("sides").path(side).path("webSockets").asLong(-1);
  }

  private JsonNode statistics() throws Exception {
    return new ObjectMapper()
        .readTree(
            http.send(admin("/statistics").build(), HttpResponse.BodyHandlers.ofString()).body());
  }

  private HttpRequest.Builder admin(String path) {
    return HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:" + gateway.administrationPort() + path))
        .header("Authorization", "Bearer " + TOKEN);
  }
}
