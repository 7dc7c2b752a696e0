package io.belay.capability.contract;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.zip.GZIPOutputStream;

/** A real HTTP server that answers each request as a test wants. */
public final class AnsweringServer implements AutoCloseable {

  /** Method, path and body of each request. */
  final List<String> requests = new CopyOnWriteArrayList<>();

  /** The headers of all requests. */
  final List<String> seen = new CopyOnWriteArrayList<>();

  /** Down when a request hangs. */
  final CountDownLatch hanging = new CountDownLatch(1);

  private final Map<String, Answering> answers = new ConcurrentHashMap<>();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final HttpServer server;

  private interface Answering {
    void to(HttpExchange exchange) throws IOException, InterruptedException;
  }

  public AnsweringServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  private void handle(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
    String request = exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath();
    requests.add((request + " " + body).strip());
    exchange
        .getRequestHeaders()
        .forEach((name, values) -> seen.add(name.toLowerCase(Locale.ROOT) + ": " + values.get(0)));
    try {
      answers.getOrDefault(request, one -> send(one, 404, new byte[0])).to(exchange);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      exchange.close();
    }
  }

  private static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
  }

  public void answer(String request, int status, String type, String body) {
    answers.put(
        request,
        exchange -> {
          exchange.getResponseHeaders().set("Content-Type", type);
          send(exchange, status, body.getBytes(UTF_8));
        });
  }

  void gzip(String request, String type, String body) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
      gzip.write(body.getBytes(UTF_8));
    }
    answers.put(
        request,
        exchange -> {
          exchange.getResponseHeaders().set("Content-Type", type);
          exchange.getResponseHeaders().set("Content-Encoding", "gzip");
          send(exchange, 200, packed.toByteArray());
        });
  }

  void redirect(String request, String location) {
    answers.put(
        request,
        exchange -> {
          exchange.getResponseHeaders().set("Location", location);
          send(exchange, 302, new byte[0]);
        });
  }

  /** Answers with all that it was sent, each server in another way. */
  void echo(String request) {
    answers.put(
        request,
        exchange -> {
          String all =
              port()
                  + exchange.getRequestURI().toString()
                  + exchange.getRequestHeaders().getFirst("Authorization")
                  + exchange.getRequestHeaders().getFirst("X-Session");
          exchange.getResponseHeaders().set("Content-Type", "application/json");
          exchange.getResponseHeaders().set("Set-Cookie", "sid=" + all);
          exchange.getResponseHeaders().set("X-Echo", all);
          send(
              exchange,
              200,
              "{\"echoed\":\"%s\",\"token\":\"%s\"}".formatted(all, all).getBytes(UTF_8));
        });
  }

  void hang(String request) {
    answers.put(
        request,
        exchange -> {
          hanging.countDown();
          closed.await();
        });
  }

  int port() {
    return server.getAddress().getPort();
  }

  public URI url() {
    return URI.create("http://localhost:" + port());
  }

  @Override
  public void close() {
    closed.countDown();
    server.stop(0);
    threads.shutdownNow();
  }
}
