package io.belay.playground;

import java.io.Closeable;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A client that sends what no server should have to answer, 20 times a second. */
final class BadClient implements Closeable {

  private static final int PERIOD_MILLIS = 50;
  private static final int PATIENCE_MILLIS = 2000;
  private static final List<String> LINES =
      List.of(
          "GET /conversations?q=100% HTTP/1.1",
          "GET /%zz/conversations HTTP/1.1",
          "GET /api/..%2f..%2fetc/passwd HTTP/1.1",
          "CONNECT example.org:443 HTTP/1.1",
          "GET /conversations\u0001 HTTP/1.1");

  private final URI router;
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          work -> {
            Thread thread = new Thread(work, "playground-bad-client");
            thread.setDaemon(true);
            return thread;
          });
  private final AtomicInteger answered = new AtomicInteger();
  private int next;

  BadClient(URI router) {
    this.router = router;
    clock.scheduleAtFixedRate(this::send, 0, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void send() {
    try (Socket socket = new Socket(router.getHost(), router.getPort())) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      String request =
          LINES.get(next++ % LINES.size()) + "\r\nHost: router\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      socket.getInputStream().read();
      answered.incrementAndGet();
    } catch (IOException | RuntimeException e) {
      // Whatever it gets, it goes on.
    }
  }

  int answered() {
    return answered.get();
  }

  @Override
  public void close() {
    clock.shutdownNow();
  }
}
