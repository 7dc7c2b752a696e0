package io.belay.face.web;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.NioEndpoint;
import org.apache.tomcat.util.net.SocketBufferHandler;
import org.apache.tomcat.util.net.SocketProperties;

/**
 * Tomcat's connections, whose clients must read an answer as fast as they must send a body. A
 * thread that writes an answer waits for its client for at most 10 s plus a second per 16 KB; then
 * the connection is closed. At most a quarter of the threads wait like this; meanwhile, any other
 * client that makes its thread wait for a tenth of a second is disconnected at once.
 *
 * @see RequestBodies
 */
final class BoundedAnswers extends NioEndpoint {

  /** A client that makes its thread wait less than this is not slow. */
  private static final long NOT_SLOW = Duration.ofMillis(100).toNanos();

  private static final long GRACE = Duration.ofSeconds(10).toNanos();

  /** How fast an answer must be read after the grace period. */
  private static final long BYTES_A_SECOND = 16 * 1024;

  private static final long SHORTEST_PAUSE = Duration.ofMillis(1).toNanos();
  private static final long LONGEST_PAUSE = Duration.ofMillis(20).toNanos();

  private final AtomicInteger waiting = new AtomicInteger();

  BoundedAnswers() {
    getSocketProperties().setBufferPool(500); // setSocketOptions needs the pool
  }

  /**
   * Puts our kind of channel into Tomcat's pool of closed ones: Tomcat takes a connection's channel
   * from there, and makes its own kind when the pool is empty. TLS connections keep Tomcat's kind.
   */
  @Override
  protected boolean setSocketOptions(SocketChannel socket) {
    if (!isSSLEnabled()) {
      NioChannel closed = getNioChannels().pop();
      getNioChannels().push(closed == null ? new Channel() : closed);
    }
    return super.setSocketOptions(socket);
  }

  private SocketBufferHandler buffers() {
    SocketProperties socket = getSocketProperties();
    return new SocketBufferHandler(
        socket.getAppReadBufSize(), socket.getAppWriteBufSize(), socket.getDirectBuffer());
  }

  private int places() {
    return Math.max(1, getMaxThreads() / 4);
  }

  /** One connection, with how long the thread that answers a request has waited for its client. */
  final class Channel extends NioChannel {

    /** Null between requests. Other threads, which write events, are not from Tomcat's pool. */
    private volatile Thread answering;

    private long waited;
    private long taken;
    private boolean hasPlace;
    private boolean givenUp;

    Channel() {
      super(buffers());
    }

    /** The calling thread starts to answer a request. */
    void begin() {
      waited = 0;
      taken = 0;
      givenUp = false;
      answering = Thread.currentThread();
    }

    /** The calling thread is free for other clients. */
    void end() {
      answering = null;
      if (hasPlace) {
        hasPlace = false;
        waiting.decrementAndGet();
      }
    }

    @Override
    public int write(ByteBuffer bytes) throws IOException {
      if (Thread.currentThread() != answering) {
        return super.write(bytes);
      }
      if (givenUp) {
        throw new SocketTimeoutException("The client was given up");
      }
      int count = super.write(bytes);
      if (count == 0 && bytes.hasRemaining()) {
        count = await(bytes);
      }
      if (waited > 0) { // earlier writes filled buffers; whether the client read them is unknown
        taken += Math.max(0, count);
      }
      return count;
    }

    private int await(ByteBuffer bytes) throws IOException {
      long began = System.nanoTime();
      int count = 0;
      for (long pause = SHORTEST_PAUSE; count == 0; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
        requirePatience(waited + System.nanoTime() - began);
        LockSupport.parkNanos(pause);
        count = super.write(bytes);
      }
      waited += System.nanoTime() - began;
      return count;
    }

    private void requirePatience(long waitedSoFar) throws SocketTimeoutException {
      if (waitedSoFar > GRACE + taken * 1_000_000_000L / BYTES_A_SECOND) {
        throw giveUp("The client took the answer too slowly");
      }
      if (!hasPlace && waitedSoFar > NOT_SLOW) {
        if (waiting.incrementAndGet() > places()) {
          waiting.decrementAndGet();
          throw giveUp("Too many clients take their answers slowly");
        }
        hasPlace = true;
      }
    }

    private SocketTimeoutException giveUp(String why) {
      givenUp = true;
      return new SocketTimeoutException(why);
    }
  }
}
