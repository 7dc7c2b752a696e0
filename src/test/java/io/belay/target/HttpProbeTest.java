package io.belay.target;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bodies that a server compresses though nobody asked it to. */
class HttpProbeTest {

  private static final int MIB = 1 << 20;
  private static HttpServer server;

  @BeforeAll
  static void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", HttpProbeTest::answer);
    server.start();
  }

  @AfterAll
  static void stop() {
    server.stop(0);
  }

  private static void answer(HttpExchange exchange) throws IOException {
    byte[] packed =
        switch (exchange.getRequestURI().getPath()) {
          case "/bomb" -> packed(new byte[200 * MIB]);
          case "/torn" -> Arrays.copyOf(packed("hello".getBytes(StandardCharsets.UTF_8)), 12);
          case "/plain" -> "hello".getBytes(StandardCharsets.UTF_8);
          case "/empty" -> new byte[0];
          default -> packed("hello".getBytes(StandardCharsets.UTF_8));
        };
    exchange.getResponseHeaders().set("Content-Encoding", "GZip");
    exchange.sendResponseHeaders(200, packed.length == 0 ? -1 : packed.length);
    exchange.getResponseBody().write(packed);
    exchange.close();
  }

  private static byte[] packed(byte[] bytes) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
      gzip.write(bytes);
    }
    return packed.toByteArray();
  }

  @ParameterizedTest
  @CsvSource({"/hello, 5, true", "/bomb, 1048576, false", "/empty, 0, true"})
  void gzip_isUnpacked_upToTheSizeThatIsRead(String path, int size, boolean whole) {
    HttpProbe.Answer answer = get(path);
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.content().bytes()).hasSize(size);
    assertThat(answer.whole()).isEqualTo(whole);
  }

  @ParameterizedTest
  @CsvSource({"/torn", "/plain"})
  void whatIsNoGzip_isNoAnswer(String path) {
    HttpProbe.Answer answer = get(path);
    assertThat(answer.answered()).isFalse();
    assertThat(answer.failure()).contains("the body is not the gzip that its header announces");
  }

  private static HttpProbe.Answer get(String path) {
    URI base = URI.create("http://localhost:" + server.getAddress().getPort());
    return new HttpProbe().get(base, path, Duration.ofSeconds(20));
  }
}
