package io.belay.capability.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.belay.faults.RawBackend;
import io.belay.target.RouterStatistics;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which of HAProxy's figures the server is to blame for, and which a client can drive up. */
class HaproxyFiguresIT {

  private static final String POST =
      "POST / HTTP/1.1\r\nHost: app\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi";

  @TempDir Path directory;
  private RawBackend fresh;
  private HaproxyProcess haproxy;
  private Router router;
  private RouterStatistics before;

  @BeforeEach
  void start() throws Exception {
    fresh = RawBackend.healthy();
    haproxy =
        HaproxyProcess.withServers(
            directory,
            "server v1 127.0.0.1:1 weight 0\nserver v2 %s weight 100\n"
                .formatted(fresh.address().getAuthority()));
    router = new Routers().open(haproxy.target());
    before = router.statistics();
  }

  @AfterEach
  void stop() throws Exception {
    haproxy.close();
    fresh.close();
  }

  @Test
  void whatTheServerFails_counts_howeverItFails() throws Exception {
    fresh.resets();
    ask(POST);
    fresh.answers("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf");
    ask(POST);
    fresh.answers("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel");
    ask(POST);
    fresh.answers("nonsense\r\n\r\n");
    ask(POST);
    fresh.answers("");
    ask(POST);
    fresh.answers("HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n");
    ask(POST);
    await().until(() -> since().requests() >= 6 && since().status5xx() >= 6);
    assertThat(since().status5xx()).as("some twice").isBetween(6L, 9L);
    assertThat(since().requests()).isEqualTo(6);
  }

  /** HAProxy closes the client's connection too, says nothing, and counts no error. */
  @Test
  void silentServer_counts_onAConnectionThatTheClientKeeps() throws Exception {
    fresh.keepsConnectionsAndIsSilentOnEach(5);
    int lost = 0;
    Socket client = null;
    for (int i = 0; i < 50; i++) {
      client = client == null ? new Socket("127.0.0.1", haproxy.port) : client;
      client.setSoTimeout(15_000);
      send(client, "GET / HTTP/1.1\r\nHost: app\r\n\r\n");
      if (!readAnswer(client).endsWith("ok")) {
        lost++;
        client.close();
        client = null;
      }
    }
    assertThat(lost).isEqualTo(10);
    await().until(() -> router.server("v2").inFlight() == 0);
    assertThat(since().requests()).isEqualTo(50);
    assertThat(since().status5xx()).isEqualTo(10);
  }

  @Test
  void anAnswerOnItsWay_isNoFailure_whenItHasArrived() throws Exception {
    int size = 40_000_000;
    fresh.answers(
        "HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"
            .formatted(size, "x".repeat(size)));
    try (Socket client = new Socket("127.0.0.1", haproxy.port)) {
      send(client, "GET / HTTP/1.1\r\nHost: app\r\nConnection: close\r\n\r\n");
      client.getInputStream().read();
      before = router.statistics();
      client.getInputStream().readAllBytes();
    }
    await().until(() -> router.server("v2").inFlight() == 0);
    assertThat(since().status5xx()).isZero();
    assertThat(since().requests()).isZero();
  }

  @Test
  void serverThatIsGone_counts() throws Exception {
    fresh.close();
    ask(POST);
    await().until(() -> since().requests() >= 1 && since().status5xx() >= 1);
    assertThat(since().status5xx()).as("with the attempts to connect again").isBetween(1L, 4L);
    assertThat(since().requests()).isEqualTo(1);
  }

  @Test
  void whatTheClientDoes_doesNotCount() throws Exception {
    fresh.patienceMs = 20_000;
    for (String request :
        List.of(
            "GET /%zz HTTP/1.1\r\nHost: app\r\nConnection: close\r\n\r\n",
            "GET /?q=100% HTTP/1.1\r\nHost: app\r\nConnection: close\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
            "nonsense\r\n\r\n")) {
      ask(request);
    }
    try (Socket client = new Socket("127.0.0.1", haproxy.port)) {
      send(client, "POST / HTTP/1.1\r\nHost: app\r\nContent-Length: 1000\r\n\r\nhalf");
      await().until(() -> fresh.requestLines.stream().anyMatch(line -> line.startsWith("POST")));
    }
    ask("POST / HTTP/1.1\r\nHost: app\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n");
    fresh.answers(
        "HTTP/1.1 200 OK\r\nContent-Length: 40000000\r\nConnection: close\r\n\r\n"
            + "x".repeat(40_000_000));
    try (Socket client = new Socket("127.0.0.1", haproxy.port)) {
      send(client, "GET / HTTP/1.1\r\nHost: app\r\n\r\n");
      client.getInputStream().read();
      client.setSoLinger(true, 0);
    }
    await().until(() -> router.server("v2").inFlight() == 0);
    assertThat(since().status5xx()).isZero();
    assertThat(since().status4xx()).isZero();
  }

  private RouterStatistics.Side since() {
    return router.statistics().since(before).candidate();
  }

  private String ask(String request) throws IOException {
    try (Socket client = new Socket("127.0.0.1", haproxy.port)) {
      client.setSoTimeout(15_000);
      send(client, request);
      return new String(client.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return "";
    }
  }

  /** The head and the two bytes behind it, or less when the connection ends. */
  private static String readAnswer(Socket client) throws IOException {
    StringBuilder answer = new StringBuilder();
    while (!answer.toString().endsWith("\r\n\r\nok")) {
      int next = client.getInputStream().read();
      if (next < 0) {
        break;
      }
      answer.append((char) next);
    }
    return answer.toString();
  }

  private static void send(Socket client, String request) throws IOException {
    client.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
  }
}
