package io.belay.capability.check;

import io.belay.target.Secret;
import io.belay.target.ServiceTarget;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A service that can go wrong in every way in which a server can: users call {@code /shop}, Belay
 * probes {@code /a} and {@code /b} and reads {@code /metrics}.
 */
final class FaultyService implements AutoCloseable {

  /** What becomes of a request; the number counts the requests of its kind. */
  @FunctionalInterface
  interface Behaviour {
    Reply to(int number);
  }

  /**
   * @param head status line and headers without the length; empty for no answer at all
   * @param missing bytes that the length promises and that never come
   */
  record Reply(String head, String body, int delayMs, int missing, boolean reset) {

    static Reply of(int status) {
      return text(status, "ok");
    }

    static Reply text(int status, String body) {
      return new Reply("HTTP/1.1 %d Said".formatted(status), body, 0, 0, false);
    }

    static Reply redirect() {
      return new Reply("HTTP/1.1 302 Found\r\nLocation: /login", "", 0, 0, false);
    }

    static Reply resets() {
      return new Reply("", "", 0, 0, true);
    }

    static Reply hangsUp() {
      return new Reply("", "", 0, 0, false);
    }

    static Reply raw(String bytes) {
      return new Reply(bytes, null, 0, 0, false);
    }

    static Reply cutOff() {
      return new Reply("HTTP/1.1 200 OK", "half", 0, 1000, false);
    }

    Reply after(int millis) {
      return new Reply(head, body, millis, missing, reset);
    }
  }

  /** The same for each request. */
  static Behaviour always(Reply reply) {
    return number -> reply;
  }

  /** For so many of a hundred requests, evenly; the others are answered well. */
  static Behaviour share(int percent, Reply reply) {
    return number -> number * percent / 100 > (number - 1) * percent / 100 ? reply : Reply.of(200);
  }

  volatile Behaviour users = always(Reply.of(200));
  volatile Behaviour probes = always(Reply.of(200));

  /** The second endpoint; as the first when there is none. */
  volatile Behaviour secondProbe;

  volatile Behaviour metrics = number -> Reply.text(200, metrics(number));
  volatile Behaviour integration = always(Reply.of(200));
  volatile String extra = "";
  volatile String log;
  final AtomicInteger asked = new AtomicInteger();
  private final AtomicInteger userRequests = new AtomicInteger();
  private final AtomicInteger probed = new AtomicInteger();
  private final AtomicInteger read = new AtomicInteger();
  private final ServerSocket listening = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());

  FaultyService() throws IOException {
    Thread thread = new Thread(this::accept, "faulty-service");
    thread.setDaemon(true);
    thread.start();
  }

  /** What a service that is well tells of itself; {@link #extra} goes behind it. */
  String metrics(int number) {
    int requests = asked.get();
    return """
        requests_total %d
        errors_total 0
        messages_received_total %d
        messages_processed_total %d
        redis_up 1
        pool_used 2
        pool_max 10
        memory 0.5
        cpu 0.2
        disk 0.4
        """
            .formatted(requests, requests, requests)
        + extra;
  }

  /** The same document with another line in the place of that figure's. */
  void says(String figure, String line) {
    metrics =
        number ->
            Reply.text(200, metrics(number).replaceAll("(?m)^" + figure + " .*$", line.strip()));
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + listening.getLocalPort());
  }

  ServiceTarget target() {
    return new ServiceTarget(
        url(),
        "/a",
        "/a",
        "/metrics",
        log,
        List.of("/a 200 ok", "/b"),
        null,
        Secret.none(),
        List.of("/integration"),
        null,
        null,
        null,
        Duration.ofSeconds(1),
        Duration.ofSeconds(1),
        List.of());
  }

  private void accept() {
    while (!listening.isClosed()) {
      try {
        Socket socket = listening.accept();
        Thread thread = new Thread(() -> serve(socket), "faulty-service-connection");
        thread.setDaemon(true);
        thread.start();
      } catch (IOException e) {
        return; // it was closed
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
      String request = in.readLine();
      int length = 0;
      for (String line = request; line != null && !line.isEmpty(); line = in.readLine()) {
        if (line.toLowerCase().startsWith("content-length:")) {
          length = Integer.parseInt(line.substring(15).strip());
        }
      }
      for (int i = 0; i < length && in.read() >= 0; i++) {
        // the body
      }
      if (request != null) {
        answer(socket, reply(request.split(" ")[1]));
      }
    } catch (IOException e) {
      // the client hung up
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Reply reply(String path) {
    asked.incrementAndGet();
    return switch (path) {
      case "/metrics" -> metrics.to(read.incrementAndGet());
      case "/integration" -> integration.to(read.get());
      case "/b" -> (secondProbe == null ? probes : secondProbe).to(probed.incrementAndGet());
      case "/a" -> probes.to(probed.incrementAndGet());
      default -> users.to(userRequests.incrementAndGet());
    };
  }

  private static void answer(Socket socket, Reply reply) throws IOException, InterruptedException {
    TimeUnit.MILLISECONDS.sleep(reply.delayMs());
    if (reply.reset()) {
      socket.setSoLinger(true, 0);
      return;
    }
    String head =
        reply.body() == null || reply.head().isEmpty()
            ? reply.head()
            : "%s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"
                .formatted(reply.head(), reply.body().length() + reply.missing(), reply.body());
    socket.getOutputStream().write(head.getBytes(StandardCharsets.ISO_8859_1));
  }

  @Override
  public void close() {
    try {
      listening.close();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
