package io.belay.web;

import java.io.IOException;
import java.time.Duration;
import org.apache.coyote.Processor;
import org.apache.coyote.http11.Http11NioProtocol;
import org.apache.coyote.http11.Http11Processor;
import org.apache.tomcat.util.net.AbstractEndpoint.Handler.SocketState;
import org.apache.tomcat.util.net.SocketWrapperBase;

/**
 * Tomcat's HTTP, which waits for headers without a thread, but for ever when a byte comes now and
 * then. Here a connection is closed when the headers of a request are not there after {@link
 * #LIMIT}. Tomcat makes its instances.
 */
public final class HeaderDeadline extends Http11NioProtocol {

  static final Duration LIMIT = Duration.ofSeconds(10);

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

    /** Called whenever something has come, until the headers are complete. */
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
      SocketState state = super.service(socket);
      if (state != SocketState.LONG || isAsync()) {
        reading = null;
      }
      return state;
    }
  }
}
