package io.belay.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * More WebSockets than there is room for, a gateway that stops, and fields that are no client's.
 */
class GatewayLimitsTest {

  private static final String TOKEN = "a-token-that-is-long-enough";
  private static final String HANDSHAKE =
      "GET /chat HTTP/1.1\r\nHost: app\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
          + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";

  @TempDir Path directory;
  private final HttpClient http = HttpClient.newHttpClient();
  private Gateway gateway;

  @AfterEach
  void stop() {
    if (gateway != null) {
      gateway.close();
    }
  }

  private void start(URI old, URI chats) throws Exception {
    Path file = directory.resolve("gateway.yml");
    Files.writeString(
        file,
        """
        listen: 127.0.0.1:0
        admin: 127.0.0.1:0
        state: %s
        maxWebSockets: 1
        backends: { v1: { v1: '%s' }, v2: { v2: '%s' } }
        routes:
          - { path: /, baseline: v1, candidate: v2, weight: 0 }
          - { path: /chat, baseline: v1, candidate: v2, weight: 100 }
        """
            .formatted(directory.resolve("routes.json"), old, chats));
    gateway = Gateway.start(file, Map.of("BELAY_GATEWAY_TOKEN", TOKEN));
  }

  private Socket client(String request) throws IOException {
    Socket client = new Socket(InetAddress.getLoopbackAddress(), gateway.port());
    client.setSoTimeout(10_000);
    client.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    return client;
  }

  /** Up to and with {@code end}. */
  private static String read(Socket from, String end) throws IOException {
    StringBuilder text = new StringBuilder();
    int next = 0;
    while (text.indexOf(end) < 0 && (next = from.getInputStream().read()) >= 0) {
      text.append((char) next);
    }
    return text.toString();
  }

  @Test
  void moreWebSocketsThanThereIsRoomFor_areTurnedAway() throws Exception {
    try (TestWebSocketServer chats = new TestWebSocketServer("v2")) {
      start(chats.address(), chats.address());
      try (Socket first = client(HANDSHAKE)) {
        assertThat(read(first, "hello from v2")).startsWith("HTTP/1.1 101");
        try (Socket second = client(HANDSHAKE)) {
          assertThat(read(second, "WebSockets are open"))
              .startsWith("HTTP/1.1 503")
              .contains("Retry-After: 1");
        }
        assertThat(chats.handshakes).hasSize(1);
      }
      await()
          .untilAsserted(
              () -> {
                try (Socket third = client(HANDSHAKE)) {
                  assertThat(read(third, "\r\n\r\n")).startsWith("HTTP/1.1 101");
                }
              });
    }
  }

  @Test
  void aGatewayThatStops_closesItsWebSocketsFirst_andItsAdministrationAnswersTillTheEnd()
      throws Exception {
    CountDownLatch arrived = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    try (TestWebSocketServer chats = new TestWebSocketServer("v2");
        TestBackend slow =
            new TestBackend(
                exchange -> {
                  arrived.countDown();
                  release.await(10, TimeUnit.SECONDS);
                  TestBackend.text(exchange, 200, "done");
                })) {
      start(slow.address(), chats.address());
      try (Socket silent = client(HANDSHAKE);
          Socket flying = client("GET / HTTP/1.1\r\nHost: app\r\n\r\n")) {
        read(silent, "hello from v2");
        assertThat(arrived.await(10, TimeUnit.SECONDS)).isTrue();
        CompletableFuture<Void> stopped = CompletableFuture.runAsync(gateway::close);
        assertThat(read(silent, "service restart")).contains("service restart");
        assertThat(cut()).isEqualTo(200);
        assertThat(stopped).isNotDone();
        release.countDown();
        assertThat(read(flying, "done")).startsWith("HTTP/1.1 200").endsWith("done");
        stopped.get(20, TimeUnit.SECONDS);
      }
    }
  }

  /** Of the route of the WebSocket whose client does not answer. */
  private int cut() throws Exception {
    String routes =
        "{\"routes\":[{\"path\":\"/\",\"baseline\":\"v1\",\"candidate\":\"v2\",\"weight\":0}]}";
    return http.send(
            HttpRequest.newBuilder(
                    URI.create("http://127.0.0.1:" + gateway.administrationPort() + "/routes"))
                .header("Authorization", "Bearer " + TOKEN)
                .header("If-Match", "*")
                .PUT(HttpRequest.BodyPublishers.ofString(routes))
                .build(),
            HttpResponse.BodyHandlers.discarding())
        .statusCode();
  }

  @Test
  void whatAClientMustNotSay_isDropped_withUnderscores_andInTrailers() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
      URI address = URI.create("http://127.0.0.1:" + server.getLocalPort());
      CompletableFuture<String> seen =
          CompletableFuture.supplyAsync(
              () -> {
                while (true) {
                  try (Socket peer = server.accept()) {
                    String request = read(peer, "X-Sum: 7\r\n\r\n");
                    if (!request.isEmpty()) { // the gateway's check opens a connection only
                      peer.getOutputStream()
                          .write("HTTP/1.1 204 No\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                      return request;
                    }
                  } catch (IOException e) {
                    throw new IllegalStateException(e);
                  }
                }
              });
      start(address, address);
      String forged =
          "X_Forwarded_For: 9.9.9.9\r\nX-Forwarded-For: 9.9.9.9\r\nX_Migration-Status: no\r\n"
              + "X-Migration-Status: no\r\nForwarded: for=9.9.9.9\r\n";
      try (Socket client =
          client(
              "POST / HTTP/1.1\r\nHost: app\r\nTransfer-Encoding: chunked\r\nX_Own: 1\r\n"
                  + forged
                  + "\r\n2\r\nhi\r\n0\r\n"
                  + forged
                  + "X-Sum: 7\r\n\r\n")) {
        assertThat(read(client, "\r\n\r\n")).startsWith("HTTP/1.1 204");
      }
      assertThat(seen.get(10, TimeUnit.SECONDS))
          .contains("X-Forwarded-For: 127.0.0.1\r\n", "X_Own: 1\r\n", "X-Sum: 7\r\n")
          .doesNotContain("9.9.9.9", "_For", ": no\r\n");
    }
  }

  @Test
  void aPortThatTheGatewayLacks_isNoServersFault() {
    for (IOException failure :
        new IOException[] {
          new BindException("Cannot assign requested address"),
          new IOException("Too many open files")
        }) {
      assertThat(new Exchange("/", Side.CANDIDATE, null, ClientGroups.NONE).failed(failure))
          .isEqualTo(Exchange.Fate.NOT_FORWARDED);
    }
    assertThat(
            new Exchange("/", Side.CANDIDATE, null, ClientGroups.NONE)
                .failed(new IOException("reset")))
        .isEqualTo(Exchange.Fate.FAILED);
  }
}
