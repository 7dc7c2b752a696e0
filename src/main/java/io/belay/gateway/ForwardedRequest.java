package io.belay.gateway;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.transport.HttpConversation;
import org.eclipse.jetty.client.transport.HttpRequest;
import org.eclipse.jetty.server.Request;

/**
 * A request to a backend whose method and target are sent as the client wrote them. Jetty's own
 * class converts the method to upper case and fails on a target that is not a URI, such as {@code
 * /?q=100%}.
 */
final class ForwardedRequest extends HttpRequest {

  private final String method;
  private final String rawPath;
  private final String rawQuery;

  ForwardedRequest(HttpClient client, URI server, Request request) {
    super(client, new HttpConversation(), server);
    method = request.getMethod();
    rawPath = asBytes(request.getHttpURI().getPath());
    String query = request.getHttpURI().getQuery();
    rawQuery = query == null ? null : asBytes(query);
  }

  /** Jetty reads a request line as UTF-8 and writes one as Latin-1. */
  private static String asBytes(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }

  @Override
  protected HttpClient getHttpClient() {
    return super.getHttpClient();
  }

  @Override
  public String getMethod() {
    return method;
  }

  @Override
  public String getPath() {
    return rawPath;
  }

  @Override
  public String getQuery() {
    return rawQuery;
  }
}
