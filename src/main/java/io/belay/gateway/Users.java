package io.belay.gateway;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;

/**
 * Decides which side a user is on. On a route that drains, a cookie of the gateway marks the users
 * on the candidate: they stay there at weight 0, as long as it has a server that is up and not
 * drained. The cookie applies to one route and one candidate, and is deleted when the user gets to
 * the baseline. It is no secret: forging it only gets a version that others use too.
 */
final class Users {

  private static final String COOKIE = "belay-candidate";

  private final Sticky sticky;
  private final Splitter splitter;
  private final ServerChoice servers;

  Users(Sticky sticky, ServerChoice servers) {
    this.sticky = sticky;
    this.splitter = new Splitter(sticky.shared());
    this.servers = servers;
  }

  Side side(Request request, Route route, RoutingTable table) {
    if (route.hundredths() == 0
        && route.drains()
        && isMarked(request, route)
        && servers.isServed(table, route.candidate())) {
      return Side.CANDIDATE;
    }
    return splitter.side(route, key(request));
  }

  /** The group of clients that the user belongs to; see {@link ClientGroups#of}. */
  int group(Request request) {
    return ClientGroups.of(key(request));
  }

  /**
   * Sets the cookie for a user on the candidate of a route that drains; deletes it on the baseline.
   *
   * @param overHttps whether the user's connection is encrypted; then the cookie goes back over
   *     such connections only
   */
  void mark(Request request, Response response, Route route, Side side, boolean overHttps) {
    boolean marked = isMarked(request, route);
    if (side == Side.CANDIDATE ? route.drains() && !marked : marked) {
      response
          .getHeaders()
          .add(
              HttpHeader.SET_COOKIE,
              "%s=%s; Path=%s; HttpOnly; SameSite=Lax%s%s"
                  .formatted(
                      COOKIE,
                      mark(route),
                      route.path(),
                      overHttps ? "; Secure" : "",
                      marked ? "; Max-Age=0" : ""));
    }
  }

  /**
   * Compares the whole mark, since a browser also sends the cookies of routes that contain this
   * one.
   */
  private static boolean isMarked(Request request, Route route) {
    return cookies(request, COOKIE).anyMatch(mark(route)::equals);
  }

  private static String mark(Route route) {
    return URLEncoder.encode(route.candidate(), StandardCharsets.UTF_8)
        + ":"
        + URLEncoder.encode(route.path(), StandardCharsets.UTF_8);
  }

  /** The key that keeps the user on one side; null when the request has none. */
  private String key(Request request) {
    if (sticky.header() != null) {
      return request.getHeaders().get(sticky.header());
    }
    return sticky.cookie() == null
        ? null
        : cookies(request, sticky.cookie()).findFirst().orElse(null);
  }

  private static Stream<String> cookies(Request request, String name) {
    return Request.getCookies(request).stream()
        .filter(cookie -> cookie.getName().equals(name))
        .map(cookie -> cookie.getValue());
  }
}
