package io.belay.gateway;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;

/**
 * The header fields that go from a client's request to the server, and from a server's answer to
 * the client. All are forwarded unchanged, except those that belong to one connection: {@code
 * Connection} itself, but not the fields that it names, since a client could name {@code
 * Authorization} there. HAProxy and nginx do the same.
 *
 * <p>The server learns the client's address, host and scheme in {@code X-Forwarded-For}, {@code
 * -Host} and {@code -Proto}. A client's own values count only if it is one of the {@link
 * TrustedProxies}; its address is then appended to its list.
 */
final class ForwardedHeaders {

  private static final String STATUS = "X-Migration-Status";
  private static final String PATH = "X-Original-Path";

  /** The gateway answers {@code Expect} itself, as nginx does. */
  private static final Set<HttpHeader> OF_THE_CONNECTION =
      EnumSet.of(
          HttpHeader.CONNECTION,
          HttpHeader.KEEP_ALIVE,
          HttpHeader.PROXY_CONNECTION,
          HttpHeader.TRANSFER_ENCODING,
          HttpHeader.TE,
          HttpHeader.UPGRADE,
          HttpHeader.EXPECT);

  private final TrustedProxies trusted;

  ForwardedHeaders(TrustedProxies trusted) {
    this.trusted = trusted;
  }

  /** Fills the headers of the request to the server. */
  void forward(Request request, Side side, HttpFields.Mutable headers) {
    boolean believed = trusted.contains(request.getConnectionMetaData().getRemoteSocketAddress());
    HttpFields given = request.getHeaders();
    for (HttpField field : given) {
      if (mayPass(field, believed)) {
        headers.add(field);
      }
    }
    if (given.contains(HttpHeader.TE, "trailers")) {
      headers.put(HttpHeader.TE, "trailers");
    }
    List<String> addresses = new ArrayList<>();
    if (believed) {
      addresses.addAll(given.getValuesList(HttpHeader.X_FORWARDED_FOR));
    }
    addresses.add(address(request));
    headers.put(HttpHeader.X_FORWARDED_FOR, String.join(", ", addresses));
    String host = given.get(HttpHeader.HOST);
    if (!headers.contains(HttpHeader.X_FORWARDED_HOST) && host != null) {
      headers.put(HttpHeader.X_FORWARDED_HOST, host);
    }
    if (!headers.contains(HttpHeader.X_FORWARDED_PROTO)) {
      headers.put(HttpHeader.X_FORWARDED_PROTO, request.isSecure() ? "https" : "http");
    }
    headers.put(STATUS, side.migrationStatus());
    headers.put(PATH, request.getHttpURI().getPath());
  }

  /**
   * Whether the client uses https, directly or by the word of a trusted proxy: the first of {@code
   * X-Forwarded-Proto}.
   */
  boolean isOverHttps(Request request) {
    return request.isSecure()
        || trusted.contains(request.getConnectionMetaData().getRemoteSocketAddress())
            && request.getHeaders().getCSV(HttpHeader.X_FORWARDED_PROTO, false).stream()
                .findFirst()
                .filter("https"::equalsIgnoreCase)
                .isPresent();
  }

  /** Copies the headers of a server's answer. */
  static void answer(HttpFields answered, HttpFields.Mutable headers) {
    for (HttpField field : answered) {
      if (goesOn(field) && !field.is(StranglerProxy.SIDE_HEADER)) {
        headers.add(field);
      }
    }
  }

  /** The fields that may be trailers of a request or an answer. */
  static HttpFields trailers(HttpFields given) {
    HttpFields.Mutable trailers = HttpFields.build();
    for (HttpField field : given == null ? HttpFields.EMPTY : given) {
      if (mayPass(field, false)) {
        trailers.add(field);
      }
    }
    return trailers;
  }

  private static boolean mayPass(HttpField field, boolean believed) {
    boolean spelledAsUsual = field.getName().indexOf('_') < 0;
    return goesOn(field)
        && !isOurs(field)
        && (!isAboutTheClient(field) || believed && spelledAsUsual);
  }

  private static boolean goesOn(HttpField field) {
    return !OF_THE_CONNECTION.contains(field.getHeader());
  }

  private static boolean isOurs(HttpField field) {
    String name = name(field);
    return name.equalsIgnoreCase(STATUS)
        || name.equalsIgnoreCase(PATH)
        || name.equalsIgnoreCase(StranglerProxy.SIDE_HEADER);
  }

  private static boolean isAboutTheClient(HttpField field) {
    return name(field).equals("forwarded") || name(field).startsWith("x-forwarded-");
  }

  /**
   * A server that turns fields into variables, as CGI does, does not distinguish {@code _} and -.
   */
  private static String name(HttpField field) {
    return field.getLowerCaseName().replace('_', '-');
  }

  private static String address(Request request) {
    InetAddress address =
        ((InetSocketAddress) request.getConnectionMetaData().getRemoteSocketAddress()).getAddress();
    return address.getHostAddress();
  }
}
