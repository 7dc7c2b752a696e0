package io.belay.face.web;

import jakarta.servlet.ServletException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.apache.coyote.ActionCode;
import org.apache.coyote.ContinueResponseTiming;
import org.apache.coyote.InputBuffer;
import org.apache.tomcat.util.net.ApplicationBufferHandler;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;

/**
 * Reads each request's body before anything else sees the request, so that a slow client does not
 * keep Belay's threads waiting for long. A body that has arrived is read at once. For any other, a
 * thread waits only if it gets one of a few places; if none becomes free within a moment, the
 * request is refused with 503. A body that arrives too slowly is refused with 408.
 *
 * @see HeaderDeadline
 */
final class RequestBodies extends ValveBase {

  /** How long to wait for a body that is about to arrive, or for a place. */
  private static final Duration ON_ITS_WAY = Duration.ofMillis(100);

  private static final Duration GRACE = Duration.ofSeconds(10);

  /** How fast a body must arrive after the grace period. */
  private static final long BYTES_A_SECOND = 16 * 1024;

  /** A body up to this size is read to its end, so that the client reads the refusal; in bytes. */
  private static final long TOO_LARGE_BUT_READ = 4 * 1024 * 1024;

  private final Semaphore places;
  private final long memory;
  private final AtomicLong inMemory = new AtomicLong();

  /**
   * @param places how many threads may wait for bodies
   * @param memory for all bodies together, in bytes
   */
  RequestBodies(int places, long memory) {
    super(true);
    this.places = new Semaphore(places);
    this.memory = memory;
  }

  /** The request is refused here. */
  private static final class Refused extends Exception {

    private final HttpStatus status;

    Refused(HttpStatus status, String sentence) {
      super(sentence);
      this.status = status;
    }
  }

  @Override
  public void invoke(Request request, Response response) throws IOException, ServletException {
    if (!hasBody(request)) {
      getNext().invoke(request, response);
      return;
    }
    org.apache.coyote.Request connection = request.getCoyoteRequest();
    InputBuffer socket = connection.getInputBuffer();
    Body body = new Body(connection, BodyLimit.ofBuffer(request));
    try {
      if (body.length > body.limit + TOO_LARGE_BUT_READ) {
        close(request, response);
      } else {
        response.sendAcknowledgement(ContinueResponseTiming.ALWAYS);
        if (!body.read()) {
          close(request, response);
        }
      }
      connection.setInputBuffer(new Read(body.bytes.toByteArray()));
      getNext().invoke(request, response);
    } catch (Refused e) {
      close(request, response);
      refuse(response, e);
    } finally {
      connection.setInputBuffer(socket);
      inMemory.addAndGet(-body.bytes.size());
    }
  }

  static boolean hasBody(Request request) {
    return isChunked(request.getCoyoteRequest()) || request.getContentLengthLong() > 0;
  }

  private static boolean isChunked(org.apache.coyote.Request connection) {
    return connection.getMimeHeaders().getHeader("Transfer-Encoding") != null;
  }

  /**
   * Closes the connection after the answer: the rest of the body must not be taken for the next
   * request.
   */
  static void close(Request request, Response response) {
    request.getCoyoteRequest().action(ActionCode.DISABLE_SWALLOW_INPUT, null);
    response.setHeader("Connection", "close");
  }

  private static void refuse(Response response, Refused why) throws IOException {
    response.setStatus(why.status.value());
    response.setContentType(MediaType.APPLICATION_PROBLEM_JSON_VALUE);
    if (why.status == HttpStatus.SERVICE_UNAVAILABLE) {
      response.setHeader("Retry-After", "5");
    }
    response
        .getWriter()
        .write(
            "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d,\"detail\":\"%s\"}"
                .formatted(why.status.getReasonPhrase(), why.status.value(), why.getMessage()));
  }

  /** A body that is being read. */
  private final class Body implements ApplicationBufferHandler {

    private final org.apache.coyote.Request connection;
    private final boolean chunked;
    private final long length;
    private final long limit;
    private final long began = System.nanoTime();
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private ByteBuffer piece;
    private long received;
    private boolean hasPlace;

    Body(org.apache.coyote.Request connection, long limit) {
      this.connection = connection;
      this.chunked = isChunked(connection);
      this.length = chunked ? -1 : connection.getContentLengthLong();
      this.limit = limit;
    }

    /**
     * Keeps the bytes up to one more than the limit.
     *
     * @return false when there is more
     */
    boolean read() throws Refused {
      try {
        while (received != length) {
          if (received > limit + TOO_LARGE_BUT_READ) {
            return false;
          }
          awaitPiece();
          int count = connection.doRead(this);
          if (count < 0) {
            return true;
          }
          keep(count);
          refuseSlowness();
        }
        return true;
      } catch (SocketTimeoutException e) {
        throw tooSlow();
      } catch (IOException e) {
        throw new Refused(HttpStatus.BAD_REQUEST, "The body cannot be read: it broke off.");
      } finally {
        if (hasPlace) {
          places.release();
        }
      }
    }

    /**
     * Waits for the next bytes. Only a read can tell where a chunk ends, and it then waits for the
     * next.
     */
    private void awaitPiece() throws Refused {
      while (!hasPlace && (chunked || !hasArrived())) {
        long moment = began + ON_ITS_WAY.toNanos() - System.nanoTime();
        if (moment > 0 && !chunked) {
          LockSupport.parkNanos(2_000_000);
        } else if (takePlace(moment)) {
          hasPlace = true;
        } else {
          throw new Refused(
              HttpStatus.SERVICE_UNAVAILABLE,
              "Too many clients send their requests slowly at this moment. Nothing was done; send it again.");
        }
      }
    }

    private boolean takePlace(long nanos) {
      try {
        return places.tryAcquire(nanos, TimeUnit.NANOSECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }

    private boolean hasArrived() {
      connection.action(ActionCode.AVAILABLE, Boolean.TRUE);
      return connection.getAvailable() > 0;
    }

    private void keep(int count) throws Refused {
      received += count;
      int kept = (int) Math.min(count, limit + 1 - bytes.size());
      if (kept > 0) {
        if (inMemory.addAndGet(kept) > memory) {
          inMemory.addAndGet(-kept);
          throw new Refused(
              HttpStatus.SERVICE_UNAVAILABLE,
              "Too many large requests come at this moment. Nothing was done; send it again.");
        }
        byte[] read = new byte[kept];
        piece.get(read);
        bytes.writeBytes(read);
      }
    }

    private void refuseSlowness() throws Refused {
      long due = GRACE.toNanos() + received * 1_000_000_000L / BYTES_A_SECOND;
      if (hasPlace && System.nanoTime() - began > due) {
        throw tooSlow();
      }
    }

    private Refused tooSlow() {
      return new Refused(
          HttpStatus.REQUEST_TIMEOUT,
          "The body came too slowly, so the request was given up. Nothing was done; send it again.");
    }

    @Override
    public void setByteBuffer(ByteBuffer buffer) {
      piece = buffer;
    }

    @Override
    public ByteBuffer getByteBuffer() {
      return piece;
    }

    @Override
    public void expand(int size) {
      // the data is as large as the connection's buffer
    }
  }

  /** A body that has been read. */
  private static final class Read implements InputBuffer {

    private final ByteBuffer bytes;

    Read(byte[] bytes) {
      this.bytes = ByteBuffer.wrap(bytes);
    }

    @Override
    public int doRead(ApplicationBufferHandler reader) {
      int count = bytes.remaining();
      if (count == 0) {
        return -1;
      }
      reader.setByteBuffer(bytes.slice());
      bytes.position(bytes.limit());
      return count;
    }

    @Override
    public int available() {
      return bytes.remaining();
    }
  }
}
