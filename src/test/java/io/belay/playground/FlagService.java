package io.belay.playground;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/** A service that keeps flags as one JSON document, for whoever has its key. It can be away. */
final class FlagService implements Closeable {

  static final String FLAG = "use-new-key-manager";

  private static final String AT_FIRST = "{\"" + FLAG + "\":false,\"dark-mode\":true}";

  private final int port = Ports.free();
  private final String key = Passwords.generate();
  private HttpServer server;
  private String document = AT_FIRST;
  private long changes;

  synchronized void open() throws IOException {
    if (server == null) {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 50);
      server.createContext("/flags", this::answer);
      server.start();
    }
  }

  private void answer(HttpExchange exchange) throws IOException {
    if (!("Bearer " + key).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
      Respond.json(exchange, 401, "{\"error\":\"the key is missing or wrong\"}");
    } else if (exchange.getRequestMethod().equals("PUT")) {
      String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      new JsonMapper().readTree(body);
      put(body);
      Respond.json(exchange, 200, body);
    } else {
      Respond.json(exchange, 200, document());
    }
  }

  private synchronized void put(String body) {
    document = body;
    changes++;
  }

  synchronized String document() {
    return document;
  }

  /** How often somebody put the document. */
  synchronized long changes() {
    return changes;
  }

  synchronized void reset() {
    document = AT_FIRST;
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + port);
  }

  String key() {
    return key;
  }

  @Override
  public synchronized void close() {
    if (server != null) {
      server.stop(0);
      server = null;
    }
  }
}
