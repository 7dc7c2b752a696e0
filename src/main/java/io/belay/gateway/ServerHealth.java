package io.belay.gateway;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Which servers are up. A server is down as soon as it refuses a user's connection or fails two
 * checks in a row; one successful check brings it back. A check opens a connection or, if a path is
 * given, expects a 2xx answer there.
 *
 * <p>A server that is up may still fail all that it is asked. After three failed requests in a row
 * it is avoided until the next successful check: failing is fast, so it would seem the least busy.
 */
final class ServerHealth implements AutoCloseable {

  private static final int FALL = 2;
  private static final int AVOID_AFTER = 3;
  private static final int MOST_THREADS = 8;
  private static final Duration EVERY = Duration.ofSeconds(1);

  private final Map<String, Integer> failures = new ConcurrentHashMap<>();
  private final Map<String, Integer> failedInARow = new ConcurrentHashMap<>();
  private final Duration timeout;
  private final String path;
  private final HttpClient http;
  private final ScheduledExecutorService clock;

  /**
   * @param path null to open a connection only
   * @param timeout of a check
   */
  ServerHealth(Collection<List<BackendServer>> backends, String path, Duration timeout) {
    this.path = path;
    this.timeout = timeout;
    List<BackendServer> servers = backends.stream().flatMap(List::stream).toList();
    http = HttpClient.newBuilder().connectTimeout(timeout).build();
    clock =
        new ScheduledThreadPoolExecutor(
            Math.min(MOST_THREADS, servers.size()),
            task -> {
              Thread thread = new Thread(task, "server-checks");
              thread.setDaemon(true);
              return thread;
            });
    servers.forEach(
        server ->
            clock.scheduleWithFixedDelay(
                () -> check(server), 0, EVERY.toMillis(), TimeUnit.MILLISECONDS));
  }

  boolean isUp(BackendServer server) {
    return failures.getOrDefault(server.name(), 0) < FALL;
  }

  /** The server has refused the connection of a user's request. */
  void refused(BackendServer server) {
    failures.put(server.name(), FALL);
  }

  /** A user's request has ended, well or not. */
  void ended(BackendServer server, boolean failed) {
    if (failed) {
      failedInARow.merge(server.name(), 1, Integer::sum);
    } else {
      failedInARow.remove(server.name());
    }
  }

  /** Whether it failed the last of its users' requests. */
  boolean isAvoided(BackendServer server) {
    return failedInARow.getOrDefault(server.name(), 0) >= AVOID_AFTER;
  }

  private void check(BackendServer server) {
    try {
      if (answers(server.address())) {
        failures.remove(server.name());
        failedInARow.remove(server.name());
      } else {
        failures.merge(server.name(), 1, Integer::sum);
      }
    } catch (IOException | RuntimeException e) {
      // An exception that leaves here would end the server's checks for good.
      failures.merge(server.name(), 1, Integer::sum);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean answers(URI address) throws IOException, InterruptedException {
    if (path != null) {
      HttpRequest request = HttpRequest.newBuilder(address.resolve(path)).timeout(timeout).build();
      int status = http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
      return status / 100 == 2;
    }
    int standard = "https".equals(address.getScheme()) ? 443 : 80;
    int port = address.getPort() > 0 ? address.getPort() : standard;
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(address.getHost(), port), (int) timeout.toMillis());
      return true;
    }
  }

  @Override
  public void close() {
    clock.shutdownNow();
  }
}
