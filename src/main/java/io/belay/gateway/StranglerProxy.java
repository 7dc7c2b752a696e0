package io.belay.gateway;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.eclipse.jetty.client.AbstractConnectionPool;
import org.eclipse.jetty.client.DuplexConnectionPool;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.proxy.ProxyHandler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Forwards each request to a server of the side that its route and weight choose, streaming both
 * ways, and tells who answered in {@code X-Belay-Side}. The backend sees {@code X-Migration-Status}
 * ({@code legacy} or {@code migrated}) and {@code X-Original-Path}; what a client sends under these
 * names is dropped.
 *
 * <p>A request of which a byte was sent is never retried: it may have taken effect. One that finds
 * no connection is tried at the backend's other servers. No connection anywhere gives 502, no
 * answer in time 504, no server left 503, and 503 at once when more are in flight than there is
 * room for. The table is read once per request, so a switch affects the next request and none in
 * flight. WebSocket is not forwarded: 501. The request's target goes out as it came; 400 when it is
 * malformed, or when backends may read its path in ways that belong to different routes. What is
 * the client's fault, or the gateway's, counts against no side ({@link Exchange}).
 */
final class StranglerProxy extends ProxyHandler {

  static final String SIDE_HEADER = "X-Belay-Side";
  private static final String STATUS_HEADER = "X-Migration-Status";
  private static final String PATH_HEADER = "X-Original-Path";
  private static final String EXCHANGE = StranglerProxy.class.getName() + ".exchange";

  /** Below the five seconds after which Node.js closes an idle connection under our hands. */
  private static final long CONNECTION_REUSE_MS = 4_000;

  private final GatewayConfiguration configuration;
  private final Map<String, List<BackendServer>> backends;
  private final RoutingStore routing;
  private final Traffic traffic;
  private final ServerHealth health;
  private final Splitter splitter = new Splitter();
  private final AtomicInteger turn = new AtomicInteger();
  private volatile boolean closing;

  StranglerProxy(
      GatewayConfiguration configuration,
      RoutingStore routing,
      Traffic traffic,
      ServerHealth health) {
    this.health = health;
    this.configuration = configuration;
    this.backends = configuration.servers();
    this.routing = routing;
    this.traffic = traffic;
  }

  /** From now on each answer is the last on its connection. */
  void closeConnectionsAfterAnswer() {
    closing = true;
  }

  @Override
  protected void configureHttpClient(HttpClient client) {
    super.configureHttpClient(client);
    client.setConnectTimeout(configuration.connectTimeout().toMillis());
    client.setMaxConnectionsPerDestination(1024);
    client.setMaxRequestsQueuedPerDestination(4096);
    client.setRequestBufferSize(32 * 1024);
    // More than the front takes: what the gateway adds must fit too.
    client.setMaxRequestHeadersSize(80 * 1024);
    client.setMaxResponseHeadersSize(64 * 1024);
    client.setUserAgentField(null);
    client
        .getTransport()
        .setConnectionPoolFactory(
            destination -> {
              AbstractConnectionPool pool =
                  new DuplexConnectionPool(destination, client.getMaxConnectionsPerDestination());
              pool.setMaxDuration(CONNECTION_REUSE_MS);
              return pool;
            });
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    RoutingTable table = routing.current();
    String path = request.getHttpURI().getPath();
    Optional<Route> route = isForwardable(request) ? table.routeOfRaw(path) : Optional.empty();
    if (route.isEmpty()) {
      traffic.refused();
      return refuse(
          request,
          response,
          callback,
          HttpStatus.BAD_REQUEST_400,
          "the request's target cannot be forwarded: it is malformed, or may mean several routes\n");
    }
    if (request.getHeaders().contains(HttpHeader.UPGRADE, "websocket")) {
      return refuse(
          request,
          response,
          callback,
          HttpStatus.NOT_IMPLEMENTED_501,
          "WebSocket is not forwarded by this gateway\n");
    }
    if (traffic.inFlight() >= configuration.maxInFlight()) {
      // Before the heap is full: then nobody would be answered any more.
      traffic.refused();
      response.getHeaders().put(HttpHeader.RETRY_AFTER, "1");
      return refuse(
          request,
          response,
          callback,
          HttpStatus.SERVICE_UNAVAILABLE_503,
          "too many requests are in flight\n");
    }
    Side side = splitter.side(route.get(), stickyKey(request));
    Exchange exchange = new Exchange(side, server(table, route.get().backend(side), any -> false));
    traffic.begun(exchange);
    Request.addCompletionListener(
        request,
        failure -> {
          if (failure != null && exchange.fate() == Exchange.Fate.ANSWERED) {
            exchange.clientFailed();
          }
          traffic.ended(exchange, response.getStatus());
        });
    response.getHeaders().put(SIDE_HEADER, side.label());
    if (closing) {
      response.getHeaders().put(HttpHeader.CONNECTION, "close");
    }
    if (exchange.server() == null) {
      return refuse(
          request,
          response,
          callback,
          HttpStatus.SERVICE_UNAVAILABLE_503,
          "no server left in backend " + route.get().backend(side) + "\n");
    }
    request.setAttribute(EXCHANGE, exchange);
    try {
      return super.handle(request, new WatchedResponse(request, response, exchange), callback);
    } catch (RuntimeException e) {
      // What the client library cannot express, no server has seen.
      exchange.notForwarded();
      return refuse(
          request,
          response,
          callback,
          HttpStatus.BAD_REQUEST_400,
          "the request cannot be forwarded\n");
    }
  }

  /** Whether the target has a path, and was read without loss. */
  private static boolean isForwardable(Request request) {
    HttpURI target = request.getHttpURI();
    return !HttpMethod.CONNECT.is(request.getMethod())
        && target.getPath() != null
        && (target.getPath().startsWith("/") || target.getPath().equals("*"))
        && target.getPathQuery().indexOf('\uFFFD') < 0;
  }

  private String stickyKey(Request request) {
    Sticky sticky = configuration.sticky();
    if (sticky.header() != null) {
      return request.getHeaders().get(sticky.header());
    }
    if (sticky.cookie() != null) {
      return Request.getCookies(request).stream()
          .filter(cookie -> cookie.getName().equals(sticky.cookie()))
          .map(cookie -> cookie.getValue())
          .findFirst()
          .orElse(null);
    }
    return null;
  }

  /**
   * The least busy server that is not drained, in turn among equals. One that is down only when no
   * other is left: then it may be back since its last check.
   *
   * @param tried those that the request cannot go to
   * @return null when there is none
   */
  private BackendServer server(RoutingTable table, String backend, Predicate<BackendServer> tried) {
    List<BackendServer> servers = backends.get(backend);
    int first = Math.floorMod(turn.getAndIncrement(), servers.size());
    BackendServer best = null;
    for (int i = 0; i < servers.size(); i++) {
      BackendServer server = servers.get((first + i) % servers.size());
      if (table.drained().contains(server.name()) || tried.test(server)) {
        continue;
      }
      if (best == null || isBetter(server, best)) {
        best = server;
      }
    }
    return best;
  }

  private boolean isBetter(BackendServer one, BackendServer other) {
    return health.isUp(one) == health.isUp(other)
        ? traffic.inFlight(one) < traffic.inFlight(other)
        : health.isUp(one);
  }

  private static Exchange exchange(Request request) {
    return (Exchange) request.getAttribute(EXCHANGE);
  }

  @Override
  protected HttpURI rewriteHttpURI(Request request) {
    // Only for the debug log: the request is built from the raw path, which need not be a URI.
    return request.getHttpURI();
  }

  @Override
  protected org.eclipse.jetty.client.Request newProxyToServerRequest(
      Request request, HttpURI ignored) {
    HttpURI target = request.getHttpURI();
    return new ForwardedRequest(
            getHttpClient(),
            exchange(request).server().address(),
            target.getPath(),
            target.getQuery())
        .method(request.getMethod())
        .onRequestBegin(begun -> exchange(request).sending())
        .idleTimeout(configuration.timeoutSeconds(), TimeUnit.SECONDS);
  }

  @Override
  protected void addProxyHeaders(Request request, org.eclipse.jetty.client.Request forwarded) {
    super.addProxyHeaders(request, forwarded);
    forwarded.headers(
        headers -> {
          headers.put(STATUS_HEADER, exchange(request).side().migrationStatus());
          headers.put(PATH_HEADER, request.getHttpURI().getPath());
          headers.remove(SIDE_HEADER);
        });
  }

  @Override
  protected org.eclipse.jetty.client.Request.Content newProxyToServerRequestContent(
      Request request, Response response, org.eclipse.jetty.client.Request forwarded) {
    Exchange exchange = exchange(request);
    return new ProxyRequestContent(request) {
      @Override
      public Content.Chunk read() {
        Content.Chunk chunk = super.read();
        if (Content.Chunk.isFailure(chunk)) {
          exchange.clientFailed();
        }
        return chunk;
      }

      @Override
      public void fail(Throwable failure) {
        // What was not begun may go to another server, with its body.
        if (exchange.isSent()) {
          super.fail(failure);
        }
      }

      @Override
      public void demand(Runnable available) {
        exchange.waitsForClient();
        super.demand(
            () -> {
              exchange.clientMoved();
              available.run();
            });
      }
    };
  }

  @Override
  protected HttpField filterServerToProxyResponseField(HttpField field) {
    return field.is(SIDE_HEADER) ? null : field;
  }

  @Override
  protected void onServerToProxyResponseFailure(
      Request request,
      org.eclipse.jetty.client.Request forwarded,
      org.eclipse.jetty.client.Response answered,
      Response response,
      Callback callback,
      Throwable failure) {
    Exchange exchange = exchange(request);
    if (!exchange.isSent() && isTriedElsewhere(exchange, failure)) {
      super.handle(request, response, callback);
      return;
    }
    Exchange.Fate fate = exchange.failed(failure);
    if (response.isCommitted()) {
      // Half an answer is out: breaking the connection is the only honest end.
      callback.failed(failure);
      return;
    }
    boolean late = failure instanceof TimeoutException || failure instanceof SocketTimeoutException;
    response.reset();
    response.getHeaders().put(SIDE_HEADER, exchange.side().label());
    String server = "server " + exchange.server().name();
    switch (fate) {
      case ABORTED ->
          answer(
              request,
              response,
              callback,
              late ? HttpStatus.REQUEST_TIMEOUT_408 : HttpStatus.BAD_REQUEST_400,
              "the request did not arrive whole\n");
      case NOT_FORWARDED ->
          answer(
              request,
              response,
              callback,
              HttpStatus.BAD_GATEWAY_502,
              "the gateway cannot forward the request\n");
      default ->
          answer(
              request,
              response,
              callback,
              late ? HttpStatus.GATEWAY_TIMEOUT_504 : HttpStatus.BAD_GATEWAY_502,
              server + (late ? " did not answer in time\n" : " cannot be reached\n"));
    }
  }

  /** Chooses another server for a request of which nothing was sent yet. */
  private boolean isTriedElsewhere(Exchange exchange, Throwable failure) {
    BackendServer refusing = exchange.server();
    if (!(failure instanceof IOException) && !(failure instanceof UnresolvedAddressException)) {
      return false;
    }
    health.refused(refusing);
    BackendServer other =
        server(
            routing.current(),
            refusing.backend(),
            server -> server.equals(refusing) || exchange.hasTried(server));
    if (other == null) {
      return false;
    }
    exchange.moveTo(other);
    traffic.moved(exchange, refusing);
    return true;
  }

  /** Answers without any backend; always true: handled. */
  private static boolean refuse(
      Request request, Response response, Callback callback, int status, String text) {
    answer(request, response, callback, status, text);
    return true;
  }

  private static void answer(
      Request request, Response response, Callback callback, int status, String text) {
    if (!request.consumeAvailable()) {
      // What is left of the body would be taken for the next request.
      response.getHeaders().put(HttpHeader.CONNECTION, "close");
    }
    response.setStatus(status);
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/plain; charset=utf-8");
    Content.Sink.write(response, true, text, callback);
  }
}
