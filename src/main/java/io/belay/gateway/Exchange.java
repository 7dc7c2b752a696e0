package io.belay.gateway;

import java.io.IOException;
import java.nio.channels.UnresolvedAddressException;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.client.HttpResponseException;

/**
 * One request on its way to a server, and who caused it to fail. Only the server's failures count
 * against its side; the time that the gateway waits for the client is not the server's.
 */
final class Exchange {

  /** How a request ended. */
  enum Fate {
    /** The server's answer reached the client whole. */
    ANSWERED,
    /** The server could not be reached, closed the connection early, or was silent. */
    FAILED,
    /** The client went away, or sent half a request or a malformed one. */
    ABORTED,
    /** The gateway itself could not forward it. */
    NOT_FORWARDED
  }

  /** A server that closes the connection after waiting this long has given up on the client. */
  private static final long STALLED_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** A server that sends nothing for this long is late. */
  private static final long LATE_NANOS = TimeUnit.SECONDS.toNanos(2);

  static final double LATE_MS = LATE_NANOS / 1e6;

  private static final long NOT_WAITING = Long.MIN_VALUE;

  private final String route;
  private final Side side;
  private final int clientGroup;
  private final Set<BackendServer> tried = new HashSet<>();
  private volatile BackendServer server;
  private volatile boolean sent;
  private volatile boolean answered;
  private volatile boolean wasLate;
  private final long started = System.nanoTime();
  private final AtomicLong waitingSince = new AtomicLong(NOT_WAITING);
  private final AtomicLong waited = new AtomicLong();
  private volatile Fate fate = Fate.ANSWERED;

  /**
   * @param route path of the route
   * @param server null when the backend has none left
   * @param clientGroup as of {@link ClientGroups#of}
   */
  Exchange(String route, Side side, BackendServer server, int clientGroup) {
    this.clientGroup = clientGroup;
    this.route = route;
    this.side = side;
    this.server = server;
  }

  String route() {
    return route;
  }

  Side side() {
    return side;
  }

  int clientGroup() {
    return clientGroup;
  }

  BackendServer server() {
    return server;
  }

  Fate fate() {
    return fate;
  }

  /** The connection is established; the first byte is about to be sent. */
  void sending() {
    sent = true;
  }

  boolean isSent() {
    return sent;
  }

  boolean hasTried(BackendServer other) {
    return tried.contains(other);
  }

  /** Allowed only before a byte was sent: after that, the request may have taken effect. */
  void moveTo(BackendServer other) {
    tried.add(server);
    server = other;
  }

  /** Milliseconds since the start, without the time spent waiting for the client. */
  double serverMillis() {
    long since = waitingSince.get();
    long now = System.nanoTime();
    long waiting = since == NOT_WAITING ? 0 : now - since;
    return Math.max(0, now - started - waited.get() - waiting) / 1e6;
  }

  /** The head of the server's answer is here; the rest may be a stream without an end. */
  void headArrived() {
    wasLate = isLate();
    answered = true;
  }

  /** Whether the server has let the request wait for long, and has answered nothing. */
  boolean isLate() {
    return !answered && serverMillis() >= LATE_MS;
  }

  /** Whether it is late, or was before the answer came. */
  boolean wasLate() {
    return wasLate || isLate();
  }

  /** From now on the gateway waits for the client to send or to read. */
  void waitsForClient() {
    waitingSince.compareAndSet(NOT_WAITING, System.nanoTime());
  }

  void clientMoved() {
    long since = waitingSince.getAndSet(NOT_WAITING);
    if (since != NOT_WAITING) {
      waited.addAndGet(System.nanoTime() - since);
    }
  }

  /** The client went away; later failures are a consequence. */
  void clientFailed() {
    fate = Fate.ABORTED;
  }

  void notForwarded() {
    fate = Fate.NOT_FORWARDED;
  }

  /**
   * No more content is read. Call this before failing the request: that wakes the reader as if the
   * client had sent something.
   */
  void contentGivenUp() {
    if (fate == Fate.ANSWERED && hasStalled()) {
      fate = Fate.ABORTED;
    }
  }

  /** Decides who caused the failure. */
  Fate failed(Throwable failure) {
    if (fate == Fate.ANSWERED) {
      fate = hasStalled() ? Fate.ABORTED : isOfServer(failure) ? Fate.FAILED : Fate.NOT_FORWARDED;
    }
    return fate;
  }

  private boolean hasStalled() {
    long since = waitingSince.get();
    return since != NOT_WAITING && System.nanoTime() - since > STALLED_NANOS;
  }

  /** Whether the gateway has run out of files or local ports, which is no server's fault. */
  static boolean isOfGateway(Throwable failure) {
    String message = String.valueOf(failure.getMessage());
    return message.contains("Too many open files")
        || message.contains("Cannot assign requested address");
  }

  private static boolean isOfServer(Throwable failure) {
    return !isOfGateway(failure)
        && (failure instanceof IOException
            || failure instanceof TimeoutException
            || failure instanceof HttpResponseException
            || failure instanceof UnresolvedAddressException);
  }
}
