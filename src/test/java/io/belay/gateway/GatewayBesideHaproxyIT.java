package io.belay.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.belay.capability.rollout.HaproxyProcess;
import java.io.IOException;
import java.io.InputStream;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The same bytes through HAProxy and through the gateway, to and from the same server. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GatewayBesideHaproxyIT {

  private static final String TOKEN = "a-token-that-is-long-enough";
  private static final String PLAIN = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

  private static final String UNTRUSTED =
      """
        http-request del-header Forwarded
        http-request del-header X-Forwarded- -m beg
        http-request set-header X-Forwarded-For %[src]
        http-request set-header X-Forwarded-Host %[req.hdr(Host)]
        http-request set-header X-Forwarded-Proto http
      """;

  private static final String TRUSTED =
      """
        acl listed req.hdr(X-Forwarded-For) -m found
        acl hosted req.hdr(X-Forwarded-Host) -m found
        acl schemed req.hdr(X-Forwarded-Proto) -m found
        http-request set-header X-Forwarded-Host %[req.hdr(Host)] unless hosted
        http-request set-header X-Forwarded-Proto http unless schemed
        http-request set-header X-Forwarded-For %[req.fhdr(X-Forwarded-For)],\\ %[src] if listed
        http-request set-header X-Forwarded-For %[src] unless listed
      """;

  @TempDir static Path directory;
  private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final BlockingQueue<WireMessage> received = new LinkedBlockingQueue<>();
  private volatile String answer = PLAIN;
  private volatile boolean readsTheBody = true;
  private HaproxyProcess haproxy;
  private HaproxyProcess trustingHaproxy;
  private Gateway gateway;
  private Gateway trustingGateway;

  GatewayBesideHaproxyIT() throws IOException {}

  @BeforeAll
  void start() throws Exception {
    Thread accepting = new Thread(this::serve, "recording-server");
    accepting.setDaemon(true);
    accepting.start();
    haproxy = haproxy("untrusted", UNTRUSTED);
    trustingHaproxy = haproxy("trusted", TRUSTED);
    gateway = gateway("untrusted", "");
    trustingGateway = gateway("trusted", "trustedProxies: ['127.0.0.0/8', '::1']");
  }

  @AfterAll
  void stop() throws Exception {
    for (AutoCloseable one :
        new AutoCloseable[] {haproxy, trustingHaproxy, gateway, trustingGateway, server}) {
      if (one != null) {
        one.close();
      }
    }
  }

  private HaproxyProcess haproxy(String name, String rules) throws IOException {
    Path place = Files.createDirectory(directory.resolve("haproxy-" + name));
    return HaproxyProcess.start(
        place,
        """
        defaults
          mode http
          timeout connect 2s
          timeout client 10s
          timeout server 10s
        frontend users
          bind @LISTEN@
          %s
          http-request set-header X-Migration-Status legacy
          http-request set-header X-Original-Path %%[path]
          http-response set-header X-Belay-Side baseline
          default_backend main
        backend main
          http-reuse never
          server v1 127.0.0.1:%d
        """
            .formatted(rules.strip(), server.getLocalPort()));
  }

  private Gateway gateway(String name, String more) throws Exception {
    Path file = directory.resolve("gateway-" + name + ".yml");
    Files.writeString(
        file,
        """
        listen: 127.0.0.1:0
        admin: 127.0.0.1:0
        state: %s
        backends: { v1: { v1: 'http://127.0.0.1:%d' }, v2: { v2: 'http://127.0.0.1:1' } }
        routes: [{ path: /, baseline: v1, candidate: v2, weight: 0 }]
        %s
        """
            .formatted(directory.resolve(name + ".json"), server.getLocalPort(), more));
    return Gateway.start(file, Map.of("BELAY_GATEWAY_TOKEN", TOKEN));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET / HTTP/1.1\r\nHost: App:80\r\n\r\n",
        "GET //x//y?a=100%&b=|{} HTTP/1.1\r\nHost: app\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: app\r\nConnection: Authorization, Cookie\r\n"
            + "Authorization: Basic abc\r\nCookie: a=1; b=\"2\"\r\nCookie: c\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: app\r\nConnection: close, TE\r\nTE: trailers, deflate\r\n"
            + "Keep-Alive: timeout=5\r\nProxy-Connection: keep-alive\r\n"
            + "Proxy-Authorization: Basic x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: app\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: app\r\nAccept-Encoding: GZIP, Deflate\r\naccept: */*\r\n"
            + "ACCEPT: TEXT/html;Q=1\r\nX-Two:  a  b \r\nX-Empty:\r\nUser-Agent: me\r\n"
            + "Via: 1.1 outer\r\nX-UTF: \u00c3\u00a9\r\nX-Latin: \u00e9\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: app\r\nX-Forwarded-For: 9.9.9.9\r\nX-Forwarded-Proto: https\r\n"
            + "X-Forwarded-Host: evil\r\nX-Forwarded-Port: 444\r\nForwarded: for=9.9.9.9\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: app\r\nX-Migration-Status: migrated\r\nX-Original-Path: /no\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: app\r\nContent-Type: TEXT/Plain; Charset=X\r\n\r\n",
        "POST /a HTTP/1.1\r\nHost: app\r\nContent-Length: 5\r\n\r\nhello",
        "POST /a HTTP/1.1\r\nHost: app\r\nContent-Type: Text/HTML\r\nContent-Length: 2\r\n\r\nhi",
        "POST /a HTTP/1.1\r\nHost: app\r\nContent-Length: 0\r\n\r\n",
        "PUT /a HTTP/1.1\r\nHost: app\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "2\r\nhi\r\n3\r\n yo\r\n0\r\n\r\n",
        "POST /a HTTP/1.1\r\nHost: app\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"
            + "2\r\nhi\r\n0\r\nX-Sum: 7\r\nX-More: A\r\n\r\n",
        "pAtCh /a HTTP/1.1\r\nHost: app\r\nContent-Length: 1\r\n\r\nx",
        "get /a HTTP/1.1\r\nHost: app\r\n\r\n",
        "DELETE /a HTTP/1.1\r\nHost: app\r\nContent-Length: 1\r\n\r\nx",
        "PURGE /a HTTP/1.1\r\nHost: app\r\n\r\n",
        "POST /a HTTP/1.1\r\nHost: app\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi",
        "POST /a HTTP/1.1\r\nHost: app\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "2\r\nhi\r\n0\r\n\r\n",
        "POST /a HTTP/1.1\r\nHost: app\r\nExpect: 100-continue\r\nContent-Length: 0\r\n\r\n",
      })
  void aRequest_reachesTheServerAsThroughHaproxy(String request) throws Exception {
    answer = PLAIN;
    readsTheBody = true;
    assertThat(through(gateway.port(), request)).isEqualTo(through(haproxy.port, request));
    assertThat(through(trustingGateway.port(), request))
        .as("from a trusted proxy")
        .isEqualTo(through(trustingHaproxy.port, request));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        PLAIN,
        "HTTP/1.1 200 Fine\r\nContent-Type: TEXT/HTML\r\nSet-Cookie: a=1\r\nset-cookie: b=2;  X\r\n"
            + "X-CaSe: VaLue\r\nX-Empty: \r\nX-Latin: \u00e9\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"
            + "2\r\nhi\r\n0\r\nX-Sum: 7\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-Status: 3\r\n\r\n",
        "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n" + PLAIN,
        "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </b>\r\n\r\n" + PLAIN,
        "HTTP/1.1 204 No Content\r\nETag: \"x\"\r\n\r\n",
        "HTTP/1.1 304 Not Modified\r\nETag: W/\"x\"\r\nContent-Length: 77\r\n\r\n",
        "HTTP/1.1 407 Auth\r\nProxy-Authenticate: Basic realm=\"a\"\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 401 Auth\r\nWWW-Authenticate: Basic\r\nContent-Length: 1\r\n\r\nx",
        "HTTP/1.1 299 Odd\r\nContent-Length: 1\r\n\r\nx",
        "HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 1\r\n\r\nx",
        "HTTP/1.1 301 Moved\r\nLocation: //else/%zz\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nConnection: X-Hop\r\nX-Hop: 1\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\n\u001f\u008b\u0000",
      })
  void anAnswer_reachesTheClientAsThroughHaproxy(String sent) throws Exception {
    answer = sent;
    readsTheBody = true;
    String request = "GET / HTTP/1.1\r\nHost: app\r\n\r\n";
    assertThat(ask(gateway.port(), request, false)).isEqualTo(ask(haproxy.port, request, false));
  }

  @Test
  void theHeadOfAnAnswer_saysTheLengthOfTheBodyThatItLacks() throws Exception {
    answer = "HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nContent-Length: 1000\r\n\r\n";
    String request = "HEAD / HTTP/1.1\r\nHost: app\r\n\r\n";
    assertThat(ask(gateway.port(), request, true)).isEqualTo(ask(haproxy.port, request, true));
  }

  @Test
  void aClientThatWaitsForContinue_getsIt_andThenItsAnswer() throws Exception {
    answer = PLAIN;
    readsTheBody = true;
    try (Socket client = new Socket("127.0.0.1", gateway.port())) {
      client.setSoTimeout(10_000);
      client
          .getOutputStream()
          .write(
              latin(
                  "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"));
      assertThat(WireMessage.read(client.getInputStream(), false).start())
          .isEqualTo("HTTP/1.1 100");
      client.getOutputStream().write(latin("hi"));
      assertThat(WireMessage.read(client.getInputStream(), false).start())
          .isEqualTo("HTTP/1.1 200");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {413, 417})
  void aServerThatRefusesWithoutReading_isHeard(int status) throws Exception {
    answer = "HTTP/1.1 %d No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".formatted(status);
    readsTheBody = false;
    String head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n";
    for (String request : List.of(head + "Expect: 100-continue\r\n\r\n", head + "\r\nsome")) {
      for (int port : List.of(haproxy.port, gateway.port())) {
        List<WireMessage> answers = ask(port, request, false);
        assertThat(answers.get(answers.size() - 1).start()).isEqualTo("HTTP/1.1 " + status);
      }
    }
    for (int i = 0; i < 5; i++) {
      uploadWithoutReading();
    }
    assertThat(statistics().at("/sides/baseline/failed").asInt())
        .as("refusing is no failure of the server")
        .isZero();
  }

  /** Sends more than all buffers between hold. */
  private void uploadWithoutReading() throws Exception {
    try (Socket client = new Socket("127.0.0.1", gateway.port())) {
      client.setSoTimeout(10_000);
      client
          .getOutputStream()
          .write(latin("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 20000000\r\n\r\n"));
      client.getOutputStream().write(new byte[20_000_000]);
    } catch (IOException e) {
      // The gateway took the refusal for the end.
    }
    await().until(() -> statistics().at("/sides/baseline/inFlight").asInt() == 0);
  }

  private JsonNode statistics() throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + gateway.administrationPort() + "/statistics"))
            .header("Authorization", "Bearer " + TOKEN)
            .build();
    return new ObjectMapper()
        .readTree(
            HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body());
  }

  private WireMessage through(int port, String request) throws Exception {
    received.clear();
    List<WireMessage> answers = ask(port, request, false);
    assertThat(answers.get(answers.size() - 1).start()).as("%s", answers).isEqualTo("HTTP/1.1 200");
    return received.poll(10, TimeUnit.SECONDS).withoutConnectionFields().withoutEmptyLength();
  }

  /** Interim answers, and the final one. */
  private static List<WireMessage> ask(int port, String request, boolean bodiless)
      throws IOException {
    try (Socket client = new Socket("127.0.0.1", port)) {
      client.setSoTimeout(10_000);
      client.getOutputStream().write(latin(request));
      List<WireMessage> answers = new ArrayList<>();
      do {
        WireMessage next = WireMessage.read(client.getInputStream(), bodiless);
        answers.add(next == null ? null : next.withoutConnectionFields());
      } while (answers.get(answers.size() - 1).start().startsWith("HTTP/1.1 1"));
      return answers;
    }
  }

  private void serve() {
    while (!server.isClosed()) {
      try (Socket socket = server.accept()) {
        socket.setSoTimeout(5_000);
        InputStream in = socket.getInputStream();
        WireMessage request = WireMessage.read(in, !readsTheBody);
        if (request != null) {
          received.add(request);
          socket.getOutputStream().write(latin(answer));
          socket.getOutputStream().flush();
          if (!readsTheBody) {
            // As servers do: closing with unread content at once would reset its own answer away.
            socket.shutdownOutput();
            TimeUnit.MILLISECONDS.sleep(300);
          }
        }
      } catch (InterruptedException e) {
        return;
      } catch (IOException | RuntimeException e) {
        // The next one may go better.
      }
    }
  }

  private static byte[] latin(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
