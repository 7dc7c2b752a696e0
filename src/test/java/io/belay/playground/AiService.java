package io.belay.playground;

import com.sun.net.httpserver.HttpServer;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;

/** The service that v2 asks for summaries: another party, that can be away. */
final class AiService implements Closeable {

  private final int port = Ports.free();
  private HttpServer server;

  static AiService start() throws IOException {
    AiService service = new AiService();
    service.open();
    return service;
  }

  synchronized void open() throws IOException {
    if (server == null) {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 50);
      server.createContext(
          "/", exchange -> Respond.json(exchange, 200, "{\"models\":[\"small\",\"large\"]}"));
      server.start();
    }
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + port + "/models");
  }

  @Override
  public synchronized void close() {
    if (server != null) {
      server.stop(0);
      server = null;
    }
  }
}
