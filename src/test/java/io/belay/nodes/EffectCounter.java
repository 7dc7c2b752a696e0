package io.belay.nodes;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;

/**
 * A target that steps have an effect on, over HTTP. It takes whatever it is told and counts it, so
 * that a step that is done twice shows.
 */
final class EffectCounter implements AutoCloseable {

  private final Map<String, Integer> effects = new ConcurrentHashMap<>();
  private final HttpServer server;

  EffectCounter() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newCachedThreadPool());
    server.createContext("/", this::answer);
    server.start();
  }

  private void answer(HttpExchange exchange) throws IOException {
    String effect = exchange.getRequestURI().getPath().substring(1);
    if (exchange.getRequestMethod().equals("PUT")) {
      effects.merge(effect, 1, Integer::sum);
    }
    byte[] count = Integer.toString(count(effect)).getBytes(StandardCharsets.US_ASCII);
    exchange.sendResponseHeaders(200, count.length);
    exchange.getResponseBody().write(count);
    exchange.close();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/";
  }

  int count(String effect) {
    return effects.getOrDefault(effect, 0);
  }

  @Override
  public void close() {
    server.stop(0);
  }

  /** How often that effect was had. */
  static int ask(String url, String effect) throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(URI.create(url + effect)).GET());
  }

  /** Has the effect. */
  static void have(String url, String effect) throws IOException, InterruptedException {
    send(HttpRequest.newBuilder(URI.create(url + effect)).PUT(BodyPublishers.noBody()));
  }

  private static int send(HttpRequest.Builder request) throws IOException, InterruptedException {
    return Integer.parseInt(
        HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofString()).body());
  }
}
