package io.belay.face.web;

import java.io.IOException;
import java.time.Duration;
import org.apache.coyote.Processor;
import org.apache.coyote.http11.Http11NioProtocol;
import org.apache.coyote.http11.Http11Processor;
import org.apache.tomcat.util.net.AbstractEndpoint.Handler.SocketState;
import org.apache.tomcat.util.net.SocketWrapperBase;

/**
 * Closes a connection when a request's headers are not complete after {@link #LIMIT}. Tomcat's own
 * HTTP waits for headers without a thread, but for ever if a byte comes now and then. Tomcat
 * creates the instances.
 *
 * @see BoundedAnswers
 */
public final class HeaderDeadline extends Http11NioProtocol {

  static final Duration LIMIT = Duration.ofSeconds(10);

  public HeaderDeadline() {
    super(new BoundedAnswers());
  }

  @Override
  protected Processor createProcessor() {
    return new Bounded(this);
  }

  private static final class Bounded extends Http11Processor {

    /** The connection whose headers are being read; null between requests. */
    private SocketWrapperBase<?> reading;

    private long began;

    Bounded(HeaderDeadline protocol) {
      super(protocol, protocol.getAdapter());
    }

    /** Called whenever data arrives, until the headers are complete. */
    @Override
    public SocketState service(SocketWrapperBase<?> socket) throws IOException {
      if (reading
          != socket) { // after a time-out, Tomcat uses this processor for another connection
        reading = socket;
        began = System.nanoTime();
      } else if (System.nanoTime() - began > LIMIT.toNanos()) {
        reading = null;
        return SocketState.CLOSED;
      }
      SocketState state = answer(socket);
      if (state != SocketState.LONG || isAsync()) {
        reading = null;
      }
      return state;
    }

    private SocketState answer(SocketWrapperBase<?> socket) throws IOException {
      if (!(socket.getSocket() instanceof BoundedAnswers.Channel channel)) {
        return super.service(socket);
      }
      channel.begin();
      try {
        return super.service(socket);
      } finally {
        channel.end();
      }
    }
  }
}
