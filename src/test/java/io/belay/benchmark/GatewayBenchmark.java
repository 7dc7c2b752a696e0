package io.belay.benchmark;

import io.belay.capability.rollout.HaproxyProcess;
import io.belay.gateway.TestBackend;
import io.belay.playground.Ports;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * Belay's gateway beside HAProxy, in turn, before the same server: requests a second and the 99th
 * percentile of 32 connections that are kept alive and ask for small bodies, and the time to the
 * first byte of a stream of server-sent events. The gateway is a process of its own, as delivered;
 * the server is another HAProxy, which answers by itself.
 *
 * <p>Arguments: rounds (default 5), seconds of each load (default 5). Needs {@code haproxy}.
 */
public final class GatewayBenchmark {

  private static final int CONNECTIONS = 32;
  private static final int STREAMS = 20;
  private static final String HAPROXY = "HAProxy";
  private static final String GATEWAY = "Belay's gateway";
  private static final byte[] REQUEST =
      "GET /small?user=1 HTTP/1.1\r\nHost: app\r\nAccept: */*\r\n\r\n"
          .getBytes(StandardCharsets.US_ASCII);
  private static final byte[] STREAM =
      "GET /events HTTP/1.1\r\nHost: app\r\nAccept: text/event-stream\r\n\r\n"
          .getBytes(StandardCharsets.US_ASCII);
  private static final String BODY = "x".repeat(100);

  private GatewayBenchmark() {}

  public static void main(String[] arguments) throws Exception {
    int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 5;
    int seconds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 5;
    Comparison.begin(System.out);
    Path directory = Files.createTempDirectory("gateway-benchmark");
    try (TestBackend events = events();
        HaproxyProcess server = server(directory);
        HaproxyProcess haproxy = haproxy(directory, server, events)) {
      int port = Ports.free();
      Process gateway = gateway(directory, port, server, events);
      try {
        Measures measures = new Measures(HAPROXY, GATEWAY);
        for (int round = 0; round <= rounds; round++) {
          measure(measures, round, HAPROXY, haproxy.port, seconds);
          measure(measures, round, GATEWAY, port, seconds);
        }
        measures.print("%d connections, small bodies".formatted(CONNECTIONS), System.out);
      } finally {
        gateway.destroy();
        gateway.waitFor();
      }
    }
  }

  private static void measure(Measures measures, int round, String side, int port, int seconds)
      throws Exception {
    Histogram micros = load(port, seconds);
    measures.add(round, side, "requests/s", micros.getTotalCount() / (double) seconds);
    measures.add(round, side, "p99 ms", micros.getValueAtPercentile(99) / 1000.0);
    Histogram first = firstBytes(port);
    measures.add(round, side, "first byte of a stream, most ms", first.getMaxValue() / 1000.0);
  }

  private static Histogram load(int port, int seconds) throws Exception {
    ExecutorService users = Executors.newFixedThreadPool(CONNECTIONS);
    try {
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
      List<Future<Histogram>> all = new ArrayList<>();
      for (int i = 0; i < CONNECTIONS; i++) {
        all.add(users.submit(() -> user(port, end)));
      }
      Histogram sum = new Histogram(3);
      for (Future<Histogram> one : all) {
        sum.add(one.get());
      }
      return sum;
    } finally {
      users.shutdownNow();
    }
  }

  private static Histogram user(int port, long end) throws IOException {
    Histogram micros = new Histogram(3);
    byte[] buffer = new byte[8192];
    try (Socket socket = new Socket("127.0.0.1", port)) {
      socket.setTcpNoDelay(true);
      InputStream in = socket.getInputStream();
      for (long start; (start = System.nanoTime()) < end; ) {
        socket.getOutputStream().write(REQUEST);
        int length = 0;
        do {
          int count = in.read(buffer, length, buffer.length - length);
          if (count < 0) {
            throw new IOException("the answer ended early");
          }
          length += count;
        } while (!isWhole(buffer, length));
        micros.recordValue((System.nanoTime() - start) / 1000);
      }
    }
    return micros;
  }

  /** Answers are known: they end with the body. */
  private static boolean isWhole(byte[] buffer, int length) {
    String answer = new String(buffer, 0, length, StandardCharsets.ISO_8859_1);
    if (length > 12 && !answer.startsWith("HTTP/1.1 200")) {
      throw new IllegalStateException("not served: " + answer);
    }
    return answer.endsWith("\r\n\r\n" + BODY);
  }

  private static Histogram firstBytes(int port) throws IOException {
    Histogram micros = new Histogram(3);
    byte[] buffer = new byte[8192];
    for (int i = 0; i < STREAMS; i++) {
      try (Socket socket = new Socket("127.0.0.1", port)) {
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(10_000);
        long start = System.nanoTime();
        socket.getOutputStream().write(STREAM);
        StringBuilder seen = new StringBuilder();
        while (seen.indexOf("data: ") < 0) {
          int count = socket.getInputStream().read(buffer);
          if (count < 0) {
            throw new IOException("the stream ended early: " + seen);
          }
          seen.append(new String(buffer, 0, count, StandardCharsets.ISO_8859_1));
        }
        micros.recordValue((System.nanoTime() - start) / 1000);
      }
    }
    return micros;
  }

  /** One event, and then nothing for as long as the client stays. */
  private static TestBackend events() throws IOException {
    return new TestBackend(
        exchange -> {
          exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
          exchange.sendResponseHeaders(200, 0);
          exchange.getResponseBody().write("data: 1\n\n".getBytes(StandardCharsets.US_ASCII));
          exchange.getResponseBody().flush();
          TimeUnit.MILLISECONDS.sleep(300);
        });
  }

  private static HaproxyProcess server(Path directory) throws IOException {
    return HaproxyProcess.start(
        Files.createDirectory(directory.resolve("server")),
        """
        defaults
          mode http
          timeout client 60s
          timeout http-keep-alive 60s
        frontend users
          bind @LISTEN@
          http-request return status 200 content-type text/plain string "%s"
        """
            .formatted(BODY));
  }

  private static HaproxyProcess haproxy(Path directory, HaproxyProcess server, TestBackend events)
      throws IOException {
    return HaproxyProcess.start(
        Files.createDirectory(directory.resolve("haproxy")),
        """
        defaults
          mode http
          timeout connect 2s
          timeout client 60s
          timeout server 60s
          option forwardfor
        frontend users
          bind @LISTEN@
          use_backend events if { path /events }
          default_backend main
        backend main
          server v1 127.0.0.1:%d weight 50
          server v2 127.0.0.1:%d weight 50
        backend events
          server e1 127.0.0.1:%d
        """
            .formatted(server.port, server.port, events.address().getPort()));
  }

  private static Process gateway(
      Path directory, int port, HaproxyProcess server, TestBackend events) throws Exception {
    String address = "http://127.0.0.1:" + server.port;
    Path file =
        Files.writeString(
            directory.resolve("gateway.yml"),
            """
            listen: 127.0.0.1:%d
            admin: 127.0.0.1:0
            state: %s
            backends: { v1: { v1: '%s' }, v2: { v2: '%s' }, e: { e1: '%s' } }
            routes:
              - { path: /, baseline: v1, candidate: v2, weight: 50 }
              - { path: /events, baseline: e, candidate: e, weight: 0 }
            """
                .formatted(
                    port, directory.resolve("routes.json"), address, address, events.address()));
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx512m",
            "-cp",
            System.getProperty("java.class.path"),
            "io.belay.gateway.Gateway",
            file.toString());
    builder.environment().put("BELAY_GATEWAY_TOKEN", "a-token-that-is-long-enough");
    builder.redirectErrorStream(true).redirectOutput(directory.resolve("gateway.out").toFile());
    Process process = builder.start();
    for (long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30); ; ) {
      try {
        new Socket("127.0.0.1", port).close();
        return process;
      } catch (IOException e) {
        if (!process.isAlive() || System.nanoTime() > deadline) {
          process.destroyForcibly();
          throw new IOException(Files.readString(directory.resolve("gateway.out")), e);
        }
        TimeUnit.MILLISECONDS.sleep(50);
      }
    }
  }
}
