package io.belay.playground;

import java.io.Closeable;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;

/**
 * The users: about 50 requests a second of a few hundred different people, through the router.
 * Three of five read their conversations, two send a message (five, since with three instances
 * taking turns one of three would always reach the same). Counts who answered and what failed, as a
 * user would see it (a status of 500 or more, or no answer within five seconds).
 */
public final class SteadyLoad implements Closeable {

  private static final int PERIOD_MILLIS = 20;
  private static final int USERS = 200;
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final long AGAIN_MILLIS = 100;

  /**
   * @param requests answered or failed since the last reset
   * @param failures of these
   * @param rejected answered with 4xx
   * @param byVersion answers per version, {@code v1} and {@code v2}
   * @param firstFailure what the first failure was; empty when there was none
   */
  public record Counts(
      long requests,
      long failures,
      long rejected,
      Map<String, Long> byVersion,
      String firstFailure) {}

  private final BiFunction<Integer, Integer, HttpRequest.Builder> asks;
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          work -> {
            Thread thread = new Thread(work, "playground-load");
            thread.setDaemon(true);
            return thread;
          });
  private final AtomicInteger next = new AtomicInteger();
  private final Semaphore patience = new Semaphore(USERS / 2);
  private final Map<String, Long> byVersion = new TreeMap<>();
  private volatile boolean resting;
  private long requests;
  private long failures;
  private long rejected;
  private String firstFailure = "";

  /** Users of the main server. */
  SteadyLoad(URI router, String webhookToken) {
    this((number, user) -> mainServer(router, webhookToken, number, user));
  }

  /**
   * @param asks what a user asks for, by the request's number and the user's
   */
  SteadyLoad(BiFunction<Integer, Integer, HttpRequest.Builder> asks) {
    this.asks = asks;
    clock.scheduleAtFixedRate(this::request, 0, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void request() {
    // People who wait for an answer do not ask again.
    if (resting || !patience.tryAcquire()) {
      return;
    }
    int number = next.incrementAndGet();
    // A fixed stride visits the users in a mixed order.
    int user = 1 + (int) (number * 7919L % USERS);
    HttpRequest request =
        asks.apply(number, user)
            .header("X-User", "user-" + user)
            .header("Cookie", "user=user-" + user)
            .timeout(TIMEOUT)
            .build();
    send(request, System.nanoTime() + TIMEOUT.toNanos());
  }

  /** Nothing has happened yet when no connection comes about: it is tried again. */
  private void send(HttpRequest request, long end) {
    client
        .sendAsync(request, HttpResponse.BodyHandlers.ofString())
        .whenComplete(
            (response, failure) -> {
              if (refused(failure) && System.nanoTime() < end && !clock.isShutdown()) {
                CompletableFuture.delayedExecutor(AGAIN_MILLIS, TimeUnit.MILLISECONDS)
                    .execute(() -> send(request, end));
                return;
              }
              patience.release();
              count(request, response, failure);
            });
  }

  private static boolean refused(Throwable failure) {
    return failure instanceof ConnectException
        || failure != null && failure.getCause() instanceof ConnectException;
  }

  private static HttpRequest.Builder mainServer(
      URI router, String webhookToken, int number, int user) {
    return number % 5 < 2
        ? HttpRequest.newBuilder(router.resolve("/webhook"))
            .POST(
                HttpRequest.BodyPublishers.ofString(
                    "{\"type\":\"message\",\"token\":\"%s\",\"user\":%d}"
                        .formatted(webhookToken, user)))
        : HttpRequest.newBuilder(router.resolve("/conversations?user=" + user));
  }

  private synchronized void count(
      HttpRequest request, HttpResponse<String> response, Throwable failure) {
    requests++;
    if (response != null) {
      String server = response.headers().firstValue("X-Main-Server").orElse("nobody");
      byVersion.merge(server.split(" ")[0], 1L, Long::sum);
      rejected += response.statusCode() / 100 == 4 ? 1 : 0;
    }
    if (response == null || response.statusCode() >= 500) {
      failures++;
      if (firstFailure.isEmpty()) {
        firstFailure =
            "%s %s: %s"
                .formatted(
                    request.method(),
                    request.uri().getPath(),
                    response == null ? failure : response.statusCode() + " " + response.body());
      }
    }
  }

  /** What happened since the start or the last {@link #reset()}. */
  public synchronized Counts counts() {
    return new Counts(requests, failures, rejected, new TreeMap<>(byVersion), firstFailure);
  }

  /** Asks nothing until the next {@link #reset()}, so that other tests have the machine. */
  public void rest() {
    resting = true;
  }

  /** Starts to count anew. */
  public synchronized void reset() {
    resting = false;
    requests = 0;
    failures = 0;
    rejected = 0;
    byVersion.clear();
    firstFailure = "";
  }

  @Override
  public void close() {
    clock.shutdownNow();
  }
}
