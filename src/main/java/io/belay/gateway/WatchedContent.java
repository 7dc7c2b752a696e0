package io.belay.gateway;

import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;

/** A request's content on its way to the server; measures how long the client makes it wait. */
final class WatchedContent implements org.eclipse.jetty.client.Request.Content {

  private final Request request;
  private final Exchange exchange;

  WatchedContent(Request request, Exchange exchange) {
    this.request = request;
    this.exchange = exchange;
  }

  @Override
  public long getLength() {
    return request.getLength();
  }

  @Override
  public String getContentType() {
    return request.getHeaders().get(HttpHeader.CONTENT_TYPE);
  }

  @Override
  public Content.Chunk read() {
    Content.Chunk chunk = request.read();
    if (Content.Chunk.isFailure(chunk)) {
      exchange.clientFailed();
    }
    return chunk;
  }

  @Override
  public void demand(Runnable available) {
    exchange.waitsForClient();
    request.demand(
        () -> {
          exchange.clientMoved();
          available.run();
        });
  }

  /**
   * Fails the client's request only if a byte was sent; otherwise it may go, with its body, to
   * another server.
   */
  @Override
  public void fail(Throwable failure) {
    if (exchange.isSent()) {
      exchange.contentGivenUp();
      request.fail(failure);
    }
  }

  @Override
  public boolean rewind() {
    return request.rewind();
  }
}
