package io.belay.gateway;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.eclipse.jetty.io.AbstractConnection;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.RetainableByteBuffer;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.IteratingCallback;

/**
 * A WebSocket between a client and the server that accepted it. It passes bytes both ways, without
 * a thread of its own, and stays with its server whatever the weights become, until either closes
 * it or the gateway asks the client to reconnect ({@link #restart}).
 */
final class Tunnel {

  /** Close code "service restart": clients reconnect after a pause. */
  private static final int SERVICE_RESTART = 1012;

  private static final long IDLE_MS = 3_600_000;
  private static final int BUFFER = 8 * 1024;

  private final Side side;
  private final String serverName;
  private final String path;
  private final Consumer<Tunnel> ended;
  private final End client;
  private final End server;
  private final AtomicInteger opened = new AtomicInteger();
  private final AtomicBoolean closed = new AtomicBoolean();
  private volatile boolean restarting;

  /**
   * @param path of the handshake; its route decides later whether the tunnel may stay
   * @param ended called once, at the end
   */
  Tunnel(
      Side side,
      String serverName,
      String path,
      EndPoint client,
      EndPoint server,
      ByteBufferPool buffers,
      Executor executor,
      Consumer<Tunnel> ended) {
    this.side = side;
    this.serverName = serverName;
    this.path = path;
    this.ended = ended;
    this.client = new End(client, server, buffers, executor);
    this.server = new End(server, client, buffers, executor);
    client.setIdleTimeout(IDLE_MS);
    server.setIdleTimeout(IDLE_MS);
  }

  Side side() {
    return side;
  }

  String serverName() {
    return serverName;
  }

  String path() {
    return path;
  }

  Connection client() {
    return client;
  }

  Connection server() {
    return server;
  }

  boolean isOpen() {
    return !closed.get();
  }

  /**
   * Closes the client's WebSocket with 1012, after the current frame. The client's answer goes to
   * the server, which then closes; what the server sends meanwhile is dropped. Call {@link #close}
   * later, in case the client does not answer.
   */
  void restart() {
    restarting = true;
    server.pump.iterate();
  }

  void close() {
    if (closed.compareAndSet(false, true)) {
      client.getEndPoint().close();
      server.getEndPoint().close();
      ended.accept(this);
    }
  }

  private static ByteBuffer closeFrame() {
    byte[] reason = "service restart".getBytes(StandardCharsets.US_ASCII);
    ByteBuffer frame = ByteBuffer.allocate(4 + reason.length);
    frame.put((byte) 0x88).put((byte) (2 + reason.length)).putShort((short) SERVICE_RESTART);
    return frame.put(reason).flip();
  }

  /** Passes what comes from one peer to the other. */
  private final class End extends AbstractConnection implements Connection.UpgradeTo {

    private final Pump pump;
    private ByteBuffer first = BufferUtil.EMPTY_BUFFER;

    End(EndPoint from, EndPoint to, ByteBufferPool buffers, Executor executor) {
      super(from, executor);
      pump = new Pump(to, buffers);
    }

    @Override
    public void onUpgradeTo(ByteBuffer alreadyRead) {
      first = BufferUtil.copy(alreadyRead);
    }

    /** Nothing is passed before both peers have received their 101. */
    @Override
    public void onOpen() {
      super.onOpen();
      if (opened.incrementAndGet() == 2) {
        client.pump.iterate();
        server.pump.iterate();
      }
    }

    @Override
    public void onFillable() {
      pump.iterate();
    }

    @Override
    public void onClose(Throwable cause) {
      super.onClose(cause);
      Tunnel.this.close();
    }

    private final class Pump extends IteratingCallback {

      private final EndPoint to;
      private final ByteBufferPool buffers;
      private final FrameReader frames = new FrameReader();
      private RetainableByteBuffer buffer;
      private boolean restarted;

      Pump(EndPoint to, ByteBufferPool buffers) {
        this.to = to;
        this.buffers = buffers;
      }

      @Override
      protected Action process() throws Throwable {
        if (opened.get() < 2) {
          return Action.IDLE;
        }
        release();
        if (mayRestart()) {
          restarted = true;
          first = BufferUtil.EMPTY_BUFFER;
          to.write(this, closeFrame());
          return Action.SCHEDULED;
        }
        if (BufferUtil.hasContent(first)) {
          return pass(first);
        }
        while (true) {
          buffer = buffers.acquire(BUFFER, true);
          int count = getEndPoint().fill(buffer.getByteBuffer());
          if (count > 0 && !restarted) {
            first = buffer.getByteBuffer();
            return pass(first);
          }
          release();
          if (count < 0) {
            return Action.SUCCEEDED;
          }
          if (count == 0) {
            getEndPoint()
                .tryFillInterested(Callback.from(this::iterate, failure -> Tunnel.this.close()));
            return Action.IDLE;
          }
        }
      }

      private boolean mayRestart() {
        return restarting && End.this == server && !restarted && frames.isBetweenFrames();
      }

      /** At most to the end of one frame if the client is to be closed after it. */
      private Action pass(ByteBuffer bytes) {
        ByteBuffer part = bytes.slice();
        int end = 0;
        do {
          end += frames.toEndOfFrame(bytes.slice().position(end));
        } while (end < part.limit() && !restarting);
        part.limit(end);
        bytes.position(bytes.position() + end);
        to.write(this, part);
        return Action.SCHEDULED;
      }

      private void release() {
        if (buffer != null && !BufferUtil.hasContent(first)) {
          buffer.release();
          buffer = null;
          first = BufferUtil.EMPTY_BUFFER;
        }
      }

      @Override
      protected void onCompleteSuccess() {
        Tunnel.this.close();
      }

      @Override
      protected void onCompleteFailure(Throwable cause) {
        first = BufferUtil.EMPTY_BUFFER;
        release();
        Tunnel.this.close();
      }
    }
  }
}
