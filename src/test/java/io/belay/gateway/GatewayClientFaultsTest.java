package io.belay.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.belay.faults.RawBackend;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client does wrong is forwarded as it came, or refused; no side answers for it. */
class GatewayClientFaultsTest {

  private static final String TOKEN = "a-token-that-is-long-enough";

  @TempDir Path directory;
  private RawBackend old;
  private RawBackend fresh;
  private Gateway gateway;

  @BeforeEach
  void start() throws Exception {
    old = RawBackend.healthy();
    fresh = RawBackend.healthy();
    Path file =
        Files.writeString(
            directory.resolve("gateway.yml"),
            """
            listen: 127.0.0.1:0
            admin: 127.0.0.1:0
            state: %s
            timeoutSeconds: 5
            backends: { v1: { v1: '%s' }, v2: { v2: '%s' } }
            routes:
              - { path: /, baseline: v1, candidate: v2, weight: 100 }
              - { path: /legacy, baseline: v1, candidate: v2, weight: 0 }
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

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/?q=100%",
        "/?q=100%&b=%zz",
        "/?q=%00",
        "/?a=b|c",
        "/?a={b}&c[]=d",
        "/?a=\"b\"<c>^`\\",
        "/?a?b#",
        "/?",
        "/?;=&&==",
        "/?q=%C3%28",
        "/?q=é",
        "/é/x",
        "/a%2Fb;v=1/c",
        "/{id}|x",
        "//x",
        "/x//y/",
        "/%41",
        "/a+b?c+d",
        "/x;jsessionid=1?y",
        "/~user/(1)!*',",
      })
  void oddTargets_areForwardedAsTheyCame(String target) throws Exception {
    String answer = ask("GET " + target + " HTTP/1.1\r\nHost: app\r\nConnection: close\r\n\r\n");
    String wanted = target.replaceAll("#.*", "");
    assertThat(answer).startsWith("HTTP/1.1 200");
    assertThat(fresh.requestLines).hasSize(1);
    assertThat(
            new String(
                fresh.requestLines.get(0).getBytes(StandardCharsets.ISO_8859_1),
                StandardCharsets.UTF_8))
        .isEqualTo("GET " + wanted + " HTTP/1.1");
    nobodyIsToBlame();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /%zz HTTP/1.1\r\nHost: app\r\n\r\n",
        "GET /100% HTTP/1.1\r\nHost: app\r\n\r\n",
        "GET /a b HTTP/1.1\r\nHost: app\r\n\r\n",
        "GET x HTTP/1.1\r\nHost: app\r\n\r\n",
        "GET /\u00ff\u00fe HTTP/1.1\r\nHost: app\r\n\r\n",
        "CONNECT app:443 HTTP/1.1\r\nHost: app:443\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: app\r\nX-\u0001: b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: app\r\nX: a\u0000b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: app\r\nno colon\r\n\r\n",
        "GET / HTTP/9.9\r\nHost: app\r\n\r\n",
        "G@T\u0001 / HTTP/1.1\r\nHost: app\r\n\r\n",
        "\u0016\u0003\u0001\u0002\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: app\r\nContent-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: app\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "POST / HTTP/1.1\r\nHost: app\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      })
  void malformedRequests_areRefusedByTheGateway(String request) throws Exception {
    assertThat(ask(request)).matches("(?s)HTTP/1.1 (4..|50[15]) .*");
    assertThat(fresh.requestLines).isEmpty();
    nobodyIsToBlame();
  }

  @Test
  void hugeTargetsAndHeaders_areRefused() throws Exception {
    String much = "x".repeat(100_000);
    assertThat(ask("GET /" + much + " HTTP/1.1\r\nHost: app\r\n\r\n")).startsWith("HTTP/1.1 414");
    assertThat(ask("GET / HTTP/1.1\r\nHost: app\r\nX: " + much + "\r\n\r\n"))
        .startsWith("HTTP/1.1 431");
    nobodyIsToBlame();
    String most = "x".repeat(64_000);
    assertThat(ask("GET / HTTP/1.1\r\nHost: app\r\nConnection: close\r\nX: " + most + "\r\n\r\n"))
        .startsWith("HTTP/1.1 200");
    nobodyIsToBlame();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "OPTIONS * HTTP/1.1\r\nHost: app\r\nConnection: close\r\n\r\n",
        "TRACE / HTTP/1.1\r\nHost: app\r\nConnection: close\r\n\r\n",
        "GET http://app/x HTTP/1.1\r\nHost: app\r\nConnection: close\r\n\r\n",
        "PURGE / HTTP/1.1\r\nHost: app\r\nConnection: close\r\n\r\n",
        "HEAD / HTTP/1.0\r\n\r\n",
      })
  void rareRequests_doNotCountAgainstTheSide(String request) throws Exception {
    assertThat(ask(request)).startsWith("HTTP/1.1 200");
    nobodyIsToBlame();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/legacy/../new/x",
        "/legacy/..;/x",
        "/legacy%2f..%2fx",
        "/x/../legacy/y",
        "/%6cegacy/y",
        "/%256cegacy/y",
        "//legacy/y",
        "/.//legacy",
        "/;a/legacy",
        "/legacy;v=1/x",
        "/x\\..\\legacy",
        "/legacy/%2e%2e/x"
      })
  void pathThatMayBelongToTwoRoutes_isRefused(String path) throws Exception {
    assertThat(ask("GET " + path + " HTTP/1.1\r\nHost: app\r\n\r\n")).startsWith("HTTP/1.1 400");
    assertThat(fresh.requestLines).isEmpty();
    assertThat(old.requestLines).isEmpty();
  }

  @Test
  void oddPathWithinOneRoute_isForwardedToIt() throws Exception {
    for (String path : List.of("/legacy/a/../b", "/legacy//x", "/legacy/x;v=1", "/legacy/%2e/x")) {
      assertThat(ask("GET " + path + " HTTP/1.1\r\nHost: app\r\nConnection: close\r\n\r\n"))
          .startsWith("HTTP/1.1 200");
      assertThat(old.requestLines.get(old.requestLines.size() - 1))
          .isEqualTo("GET " + path + " HTTP/1.1");
    }
    assertThat(fresh.requestLines).isEmpty();
  }

  @Test
  void uploadThatIsBrokenOff_orBadlyChunked_isTheClients() throws Exception {
    try (Socket client = new Socket("127.0.0.1", gateway.port())) {
      send(client, "POST / HTTP/1.1\r\nHost: app\r\nContent-Length: 1000\r\n\r\nhalf");
    }
    try (Socket client = new Socket("127.0.0.1", gateway.port())) {
      send(client, "POST / HTTP/1.1\r\nHost: app\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe");
    }
    assertThat(
            ask(
                "POST / HTTP/1.1\r\nHost: app\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + "5\r\nhello\r\nzz\r\n"))
        .startsWith("HTTP/1.1 400");
    await().until(() -> side("candidate").path("inFlight").asInt() == 0);
    nobodyIsToBlame();
  }

  @Test
  void uploadThatStalls_isTheClients() throws Exception {
    fresh.patienceMs = 20_000;
    try (Socket client = new Socket("127.0.0.1", gateway.port())) {
      send(client, "POST / HTTP/1.1\r\nHost: app\r\nContent-Length: 1000\r\n\r\nhalf");
      await()
          .atMost(20, TimeUnit.SECONDS)
          .until(() -> side("candidate").path("aborted").asInt() > 0);
    }
    nobodyIsToBlame();
  }

  @Test
  void clientThatDoesNotTakeItsAnswer_isNotASlowSide() throws Exception {
    fresh.answers(
        "HTTP/1.1 200 OK\r\nContent-Length: 40000000\r\nConnection: close\r\n\r\n"
            + "x".repeat(40_000_000));
    try (Socket client = new Socket("127.0.0.1", gateway.port())) {
      client.setReceiveBufferSize(4096);
      send(client, "GET / HTTP/1.1\r\nHost: app\r\n\r\n");
      TimeUnit.MILLISECONDS.sleep(300);
      client.setSoLinger(true, 0);
    }
    await().atMost(20, TimeUnit.SECONDS).until(() -> side("candidate").path("aborted").asInt() > 0);
    nobodyIsToBlame();
  }

  @Test
  void whatTheServerFails_counts_howeverItFails() throws Exception {
    String request = "POST / HTTP/1.1\r\nHost: app\r\nContent-Length: 2\r\n\r\nhi";
    fresh.resets();
    assertThat(ask(request)).startsWith("HTTP/1.1 502");
    fresh.answers("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf");
    ask(request);
    fresh.answers("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel");
    ask(request);
    fresh.answers("nonsense\r\n\r\n");
    ask(request);
    fresh.answers("");
    ask(request);
    await().untilAsserted(() -> assertThat(side("candidate").path("failed").asInt()).isEqualTo(5));
    assertThat(side("candidate").path("status5xx").asInt()).isEqualTo(5);
    assertThat(side("candidate").path("requests").asInt()).isEqualTo(5);
  }

  private void nobodyIsToBlame() throws Exception {
    await().until(() -> side("candidate").path("inFlight").asInt() == 0);
    for (String side : List.of("baseline", "candidate")) {
      assertThat(side(side).path("status5xx").asInt()).as(side).isZero();
      assertThat(side(side).path("status4xx").asInt()).as(side).isZero();
      assertThat(side(side).path("failed").asInt()).as(side).isZero();
    }
  }

  private JsonNode side(String side) throws Exception {
    HttpResponse<String> answer =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(
                        URI.create(
                            "http://127.0.0.1:" + gateway.administrationPort() + "/statistics"))
                    .header("Authorization", "Bearer " + TOKEN)
                    .build(),
                HttpResponse.BodyHandlers.ofString());
    return new ObjectMapper().readTree(answer.body()).path("sides").path(side);
  }

  private String ask(String request) throws IOException {
    try (Socket client = new Socket("127.0.0.1", gateway.port())) {
      client.setSoTimeout(10_000);
      send(client, request);
      client.shutdownOutput();
      return new String(client.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }
  }

  /**
   * What has a letter beyond Latin-1's controls in a query goes out as UTF-8, the rest as bytes.
   */
  private static void send(Socket client, String request) throws IOException {
    Charset charset = request.contains("é") ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1;
    client.getOutputStream().write(request.getBytes(charset));
    client.getOutputStream().flush();
  }
}
