package io.belay.playground;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.concurrent.atomic.AtomicLong;

/** Where the backend application's monitoring posts its alerts, and where their number is told. */
final class AlertReceiver implements Closeable {

  private final int port = Ports.free();
  private final AtomicLong received = new AtomicLong();
  private HttpServer server;

  synchronized void open() throws IOException {
    if (server == null) {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 50);
      server.createContext("/alerts", this::receive);
      server.createContext(
          "/received",
          exchange -> Respond.json(exchange, 200, "{\"count\":" + received.get() + "}"));
      server.start();
    }
  }

  private void receive(HttpExchange exchange) throws IOException {
    received.incrementAndGet();
    Respond.json(exchange, 200, "{\"ok\":true}");
  }

  void reset() {
    received.set(0);
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + port);
  }

  @Override
  public synchronized void close() {
    if (server != null) {
      server.stop(0);
      server = null;
    }
  }
}
