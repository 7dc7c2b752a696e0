package io.belay.face.terminal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class ApiTest {

  @Test
  void token_isSentAsBearer_andEachModelUnderItsName() throws Exception {
    AtomicReference<String> login = new AtomicReference<>();
    AtomicReference<String> body = new AtomicReference<>();
    HttpServer server = server(200, "{}", login, body);
    try {
      Api.byToken(url(server), "abc").deploy("shop", Map.of("runbooks/shop.bpmn", bytes("<a/>")));
    } finally {
      server.stop(0);
    }
    assertThat(login.get()).isEqualTo("Bearer abc");
    assertThat(body.get())
        .contains("name=\"deployment-name\"\r\n\r\nshop\r\n")
        .contains("name=\"runbooks/shop.bpmn\"; filename=\"runbooks/shop.bpmn\"\r\n\r\n<a/>\r\n");
  }

  @Test
  void refusalOfTheEngine_isToldInItsOwnWords() throws Exception {
    HttpServer server =
        server(400, "{\"message\":\"x.bpmn: wrong\"}", new AtomicReference<>(), null);
    try {
      Api api = Api.byPassword(url(server), "ann", "secret");
      assertThatThrownBy(() -> api.deploy("shop", Map.of("x.bpmn", bytes(""))))
          .hasMessage("x.bpmn: wrong");
    } finally {
      server.stop(0);
    }
  }

  private static HttpServer server(
      int status, String answer, AtomicReference<String> login, AtomicReference<String> body)
      throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/engine-rest/deployment/create",
        exchange -> {
          login.set(exchange.getRequestHeaders().getFirst("Authorization"));
          byte[] sent = exchange.getRequestBody().readAllBytes();
          if (body != null) {
            body.set(new String(sent, StandardCharsets.UTF_8));
          }
          exchange.sendResponseHeaders(status, answer.length());
          exchange.getResponseBody().write(bytes(answer));
          exchange.close();
        });
    server.start();
    return server;
  }

  private static String url(HttpServer server) {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
