package io.belay.playground;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Receives what Belay posts to people, and keeps it. The path carries a token, as Slack's do. */
public final class Notifications implements Closeable {

  private final HttpServer server;
  private final String path = "/hooks/" + Passwords.generate();
  private final List<String> received = new CopyOnWriteArrayList<>();

  private Notifications(HttpServer server) {
    this.server = server;
  }

  static Notifications start() throws IOException {
    InetSocketAddress address =
        new InetSocketAddress(InetAddress.getLoopbackAddress(), Ports.free());
    Notifications notifications = new Notifications(HttpServer.create(address, 50));
    notifications.server.createContext("/", notifications::receive);
    notifications.server.start();
    return notifications;
  }

  private void receive(HttpExchange exchange) throws IOException {
    if (!exchange.getRequestURI().getPath().equals(path)) {
      Respond.json(exchange, 404, "{\"error\":\"no such hook\"}");
    } else if (!exchange.getRequestMethod().equals("POST")) {
      Respond.json(exchange, 405, "{\"error\":\"POST only\"}");
    } else {
      received.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
      Respond.json(exchange, 200, "{\"ok\":true}");
    }
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
  }

  /** The bodies received since the start or the last {@link #clear()}, oldest first. */
  public List<String> received() {
    return List.copyOf(received);
  }

  void clear() {
    received.clear();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
