package io.belay.gateway;

import java.nio.ByteBuffer;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** Measures how long the client takes to read its answer. */
final class WatchedResponse extends Response.Wrapper {

  private final Exchange exchange;

  WatchedResponse(Request request, Response response, Exchange exchange) {
    super(request, response);
    this.exchange = exchange;
  }

  @Override
  public void write(boolean last, ByteBuffer content, Callback callback) {
    exchange.waitsForClient();
    super.write(
        last,
        content,
        new Callback.Nested(callback) {
          @Override
          public void succeeded() {
            exchange.clientMoved();
            super.succeeded();
          }

          @Override
          public void failed(Throwable failure) {
            exchange.clientMoved();
            exchange.clientFailed();
            super.failed(failure);
          }
        });
  }
}
