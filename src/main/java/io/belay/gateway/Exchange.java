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
 * One request on its way to a server, and who is to blame when it fails. Only what the server did
 * counts against its side; time that the gateway spends waiting for the client is not the server's.
 */
final class Exchange {

  /** How a request ended. */
  enum Fate {
    /** The server's answer reached the client whole. */
    ANSWERED,
    /** The server could not be reached, or broke off, or was silent. */
    FAILED,
    /** The client went away, or sent half a request or a malformed one. */
    ABORTED,
    /** The gateway itself could not forward it. */
    NOT_FORWARDED
  }

  /** A server that breaks off after this much waiting lost its patience with the client. */
  private static final long STALLED_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final long NOT_WAITING = Long.MIN_VALUE;

  private final Side side;
  private final Set<BackendServer> tried = new HashSet<>();
  private volatile BackendServer server;
  private volatile boolean sent;
  private final long started = System.nanoTime();
  private final AtomicLong waitingSince = new AtomicLong(NOT_WAITING);
  private final AtomicLong waited = new AtomicLong();
  private volatile Fate fate = Fate.ANSWERED;

  /**
   * @param server null when the backend has none left
   */
  Exchange(Side side, BackendServer server) {
    this.side = side;
    this.server = server;
  }

  Side side() {
    return side;
  }

  BackendServer server() {
    return server;
  }

  Fate fate() {
    return fate;
  }

  /** A connection is there, and the first byte goes out. */
  void sending() {
    sent = true;
  }

  boolean isSent() {
    return sent;
  }

  boolean hasTried(BackendServer other) {
    return tried.contains(other);
  }

  /** Only before a byte was sent: the request may have taken effect after that. */
  void moveTo(BackendServer other) {
    tried.add(server);
    server = other;
  }

  /** Without the time that the client took. */
  double serverMillis() {
    return Math.max(0, System.nanoTime() - started - waited.get()) / 1e6;
  }

  /** From now on the gateway waits for the client to send, or to take what it gets. */
  void waitsForClient() {
    waitingSince.compareAndSet(NOT_WAITING, System.nanoTime());
  }

  void clientMoved() {
    long since = waitingSince.getAndSet(NOT_WAITING);
    if (since != NOT_WAITING) {
      waited.addAndGet(System.nanoTime() - since);
    }
  }

  /** The client broke off; what fails after that is a consequence. */
  void clientFailed() {
    fate = Fate.ABORTED;
  }

  void notForwarded() {
    fate = Fate.NOT_FORWARDED;
  }

  /** Finds out who is to blame. */
  Fate failed(Throwable failure) {
    if (fate == Fate.ANSWERED) {
      long since = waitingSince.get();
      boolean stalled = since != NOT_WAITING && System.nanoTime() - since > STALLED_NANOS;
      fate = stalled ? Fate.ABORTED : isOfServer(failure) ? Fate.FAILED : Fate.NOT_FORWARDED;
    }
    return fate;
  }

  private static boolean isOfServer(Throwable failure) {
    if (String.valueOf(failure.getMessage()).contains("Too many open files")) {
      return false;
    }
    return failure instanceof IOException
        || failure instanceof TimeoutException
        || failure instanceof HttpResponseException
        || failure instanceof UnresolvedAddressException;
  }
}
