package io.belay.gateway;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.transport.HttpConversation;
import org.eclipse.jetty.client.transport.HttpRequest;

/**
 * A request to a backend whose target goes out as the client wrote it. Jetty's own takes a target
 * for a URI, and fails on one that is none, such as {@code /?q=100%}.
 */
final class ForwardedRequest extends HttpRequest {

  private final String rawPath;
  private final String rawQuery;

  /**
   * @param rawQuery null for none
   */
  ForwardedRequest(HttpClient client, URI server, String rawPath, String rawQuery) {
    super(client, new HttpConversation(), server);
    this.rawPath = asBytes(rawPath);
    this.rawQuery = rawQuery == null ? null : asBytes(rawQuery);
  }

  /** Jetty reads a request line as UTF-8 and writes one as Latin-1. */
  private static String asBytes(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
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
