package io.belay.gateway;

import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.HttpUpgrader;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.HttpStream;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;

/**
 * A client's request for a WebSocket. If the server accepts it, both connections become a {@link
 * Tunnel}; any other answer goes to the client as usual.
 */
record Handshake(
    Request request, Response response, Callback callback, Exchange exchange, Tunnels tunnels)
    implements HttpUpgrader.Factory {

  static boolean isOne(Request request) {
    return request.getHeaders().contains(HttpHeader.UPGRADE, "websocket");
  }

  @Override
  public HttpUpgrader newHttpUpgrader(HttpVersion version) {
    return new HttpUpgrader() {
      private HttpClient client;

      @Override
      public void prepare(org.eclipse.jetty.client.Request asking) {
        client = ((ForwardedRequest) asking).getHttpClient();
        asking.headers(
            headers ->
                headers.put(HttpHeader.UPGRADE, "websocket").put(HttpHeader.CONNECTION, "Upgrade"));
      }

      @Override
      public void upgrade(
          org.eclipse.jetty.client.Response granted, EndPoint server, Callback upgraded) {
        open(client, granted, server);
        upgraded.succeeded();
      }
    };
  }

  private void open(HttpClient client, org.eclipse.jetty.client.Response granted, EndPoint server) {
    Tunnel tunnel =
        new Tunnel(
            exchange.side(),
            exchange.server().name(),
            request.getHttpURI().getPath(),
            request.getConnectionMetaData().getConnection().getEndPoint(),
            server,
            client.getByteBufferPool(),
            client.getExecutor(),
            tunnels::remove);
    response.setStatus(HttpStatus.SWITCHING_PROTOCOLS_101);
    ForwardedHeaders.answer(granted.getHeaders(), response.getHeaders());
    response.getHeaders().put(HttpHeader.UPGRADE, "websocket");
    response.getHeaders().put(HttpHeader.CONNECTION, "Upgrade");
    request.setAttribute(HttpStream.UPGRADE_CONNECTION_ATTRIBUTE, tunnel.client());
    Request.addCompletionListener(
        request,
        failure -> {
          if (failure != null) {
            tunnel.close();
          }
        });
    server.upgrade(tunnel.server());
    tunnels.add(tunnel);
    response.write(true, BufferUtil.EMPTY_BUFFER, callback);
  }
}
