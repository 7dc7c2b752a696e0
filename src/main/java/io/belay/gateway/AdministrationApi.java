package io.belay.gateway;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Reads and changes the routes. Every call but {@code GET /health} needs the bearer token.
 *
 * <ul>
 *   <li>{@code GET /routes}: the table; its version is the ETag
 *   <li>{@code PUT /routes} with {@code If-Match}: replaces routes and (if given) drained servers;
 *       412 when the table has changed, 428 without the header, 422 when the table is invalid
 *   <li>{@code POST /servers/{name}/drain} and {@code …/undrain}: safe to repeat
 *   <li>{@code GET /statistics}: {@link Traffic}
 * </ul>
 *
 * <p>An optional {@code X-Belay-Fence} carries the writer's fencing number: a number lower than the
 * highest seen gets 412. A change is answered only once it is on disk and in force.
 */
final class AdministrationApi extends Handler.Abstract {

  private static final int LARGEST_BODY = 1 << 20;

  /** What a writer may send; only the version in {@code If-Match} counts. */
  private record Change(Long version, Long fence, List<Route> routes, SortedSet<String> drained) {}

  /** An answer other than 200. */
  private static final class Refused extends Exception {
    private final int status;

    Refused(int status, String message) {
      super(message);
      this.status = status;
    }
  }

  private final JsonMapper json = JsonMapper.builder().build();
  private final byte[] expectedAuthorization;
  private final RoutingStore routing;
  private final Traffic traffic;
  private final ServerHealth health;
  private final Tunnels tunnels;

  AdministrationApi(
      String token, RoutingStore routing, Traffic traffic, ServerHealth health, Tunnels tunnels) {
    this.tunnels = tunnels;
    this.expectedAuthorization = ("Bearer " + token).getBytes(StandardCharsets.UTF_8);
    this.routing = routing;
    this.traffic = traffic;
    this.health = health;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    int status = 200;
    Object body;
    try {
      body = answer(request, response);
    } catch (Refused e) {
      status = e.status;
      body = problem(e.getMessage());
    } catch (RoutingStore.Conflict e) {
      status = 412;
      body = problem(e.getMessage());
    } catch (RoutingStore.Invalid e) {
      status = 422;
      body = problem(e.getMessage() + "; nothing was changed");
    } catch (JsonProcessingException e) {
      status = 400;
      body = problem("the body is not a routing table: " + e.getOriginalMessage());
    } catch (IOException e) {
      status = 500;
      body = problem("the routes could not be saved, nothing was changed: " + e.getMessage());
    }
    if (!request.consumeAvailable()) {
      // The rest of the body would be taken for the next request.
      response.getHeaders().put(HttpHeader.CONNECTION, "close");
    }
    response.setStatus(status);
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
    response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
    Content.Sink.write(response, true, write(body), callback);
    return true;
  }

  private Object answer(Request request, Response response)
      throws Refused, RoutingStore.Conflict, RoutingStore.Invalid, IOException {
    String path = request.getHttpURI().getCanonicalPath();
    String call = request.getMethod() + " " + path;
    if (call.equals("GET /health")) {
      return Map.of("status", "up");
    }
    if (!authorized(request)) {
      response.getHeaders().put(HttpHeader.WWW_AUTHENTICATE, "Bearer");
      throw new Refused(401, "a valid bearer token is needed");
    }
    if (call.equals("GET /routes")) {
      return tagged(response, routing.current());
    }
    if (call.equals("PUT /routes")) {
      return tagged(response, replace(request));
    }
    if (call.equals("GET /statistics")) {
      return traffic.report(routing.current(), health, tunnels);
    }
    String[] parts = path == null ? new String[0] : path.split("/");
    boolean aboutServer = parts.length == 4 && parts[1].equals("servers");
    if (aboutServer && (parts[3].equals("drain") || parts[3].equals("undrain"))) {
      if (!request.getMethod().equals("POST")) {
        throw new Refused(405, "use POST");
      }
      return tagged(response, drain(request, parts[2], parts[3].equals("drain")));
    }
    throw new Refused(404, "there is no " + call);
  }

  private RoutingTable replace(Request request)
      throws Refused, RoutingStore.Conflict, RoutingStore.Invalid, IOException {
    if (request.getLength() > LARGEST_BODY) {
      throw new Refused(413, "the body is larger than 1 MiB");
    }
    byte[] body = Content.Source.asInputStream(request).readNBytes(LARGEST_BODY);
    String match = request.getHeaders().get(HttpHeader.IF_MATCH);
    if (match == null) {
      throw new Refused(428, "If-Match is needed: send the ETag of the routes that you read");
    }
    Change change = json.readValue(body, Change.class);
    if (change == null || change.routes() == null) {
      throw new Refused(422, "routes are missing; nothing was changed");
    }
    return routing.change(
        match.equals("*") ? null : (Long) number(match.replace("\"", ""), "If-Match"),
        fence(request),
        table ->
            new RoutingTable(
                table.version(),
                table.fence(),
                change.routes(),
                change.drained() == null ? table.drained() : change.drained()));
  }

  private RoutingTable drain(Request request, String server, boolean drain)
      throws Refused, RoutingStore.Conflict, RoutingStore.Invalid, IOException {
    return routing.change(null, fence(request), table -> table.withDrained(server, drain));
  }

  private static long fence(Request request) throws Refused {
    String fence = request.getHeaders().get("X-Belay-Fence");
    return fence == null ? 0 : number(fence, "X-Belay-Fence");
  }

  private static long number(String text, String header) throws Refused {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new Refused(400, header + " is not a number");
    }
  }

  private boolean authorized(Request request) {
    String given = request.getHeaders().get(HttpHeader.AUTHORIZATION);
    return given != null
        && MessageDigest.isEqual(given.getBytes(StandardCharsets.UTF_8), expectedAuthorization);
  }

  private static RoutingTable tagged(Response response, RoutingTable table) {
    response.getHeaders().put(HttpHeader.ETAG, "\"" + table.version() + "\"");
    return table;
  }

  private static Map<String, Object> problem(String detail) {
    Map<String, Object> problem = new LinkedHashMap<>();
    problem.put("detail", detail);
    return problem;
  }

  private String write(Object body) {
    try {
      return json.writeValueAsString(body);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
