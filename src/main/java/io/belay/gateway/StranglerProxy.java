package io.belay.gateway;

import java.io.IOException;
import java.nio.channels.UnresolvedAddressException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.HttpUpgrader;
import org.eclipse.jetty.client.Result;
import org.eclipse.jetty.client.UpgradeProtocolHandler;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.proxy.ProxyHandler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Forwards each request to a server of the side that its route and weight choose, streaming both
 * ways, and names the side in {@code X-Belay-Side}. The backend sees {@code X-Migration-Status}
 * ({@code legacy} or {@code migrated}) and {@code X-Original-Path}; what a client sends under these
 * names is dropped.
 *
 * <p>A request of which a byte was sent is never retried: it may have taken effect. One that gets
 * no connection is tried at the backend's other servers. No connection anywhere gives 502, no
 * answer in time 504, no server left 503, and 503 at once when more are in flight, or more
 * WebSockets open, than there is room for. The table is read once per request, so a switch affects
 * the next request and none in flight. A WebSocket stays with the server that accepted it ({@link
 * Tunnel}). The request's target is sent as it came; 400 when it is malformed, or when backends may
 * read its path in ways that belong to different routes. Failures caused by the client or the
 * gateway count against no side ({@link Exchange}).
 */
final class StranglerProxy extends ProxyHandler {

  static final String SIDE_HEADER = "X-Belay-Side";
  private static final String EXCHANGE = StranglerProxy.class.getName() + ".exchange";
  private static final String UPGRADE = HttpUpgrader.Factory.class.getName();

  private final GatewayConfiguration configuration;
  private final RoutingStore routing;
  private final Traffic traffic;
  private final ServerHealth health;
  private final Tunnels tunnels;
  private final Users users;
  private final ServerChoice servers;
  private final ForwardedHeaders forwardedHeaders;
  private volatile boolean closing;

  StranglerProxy(
      GatewayConfiguration configuration,
      RoutingStore routing,
      Traffic traffic,
      ServerHealth health,
      Tunnels tunnels) {
    this.tunnels = tunnels;
    this.health = health;
    this.configuration = configuration;
    this.servers = new ServerChoice(configuration.servers(), traffic, health);
    this.users = new Users(configuration.sticky(), servers);
    this.forwardedHeaders = new ForwardedHeaders(configuration.trusted());
    this.routing = routing;
    this.traffic = traffic;
  }

  /** From now on each answer is the last on its connection. */
  void closeConnectionsAfterAnswer() {
    closing = true;
  }

  @Override
  protected void doStart() throws Exception {
    super.doStart();
    getHttpClient().getProtocolHandlers().put(new UpgradeProtocolHandler());
  }

  @Override
  protected HttpClient newHttpClient() {
    return ProxyClient.create(configuration);
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    RoutingTable table = routing.current();
    String path = request.getHttpURI().getPath();
    Optional<Route> route = isForwardable(request) ? table.routeOfRaw(path) : Optional.empty();
    if (route.isEmpty()) {
      traffic.refused();
      return new Refusal(
              HttpStatus.BAD_REQUEST_400,
              "the request's target cannot be forwarded: it is malformed, or may mean several routes")
          .answer(request, response, callback);
    }
    Optional<String> full = full(request);
    if (full.isPresent()) {
      traffic.refused();
      response.getHeaders().put(HttpHeader.RETRY_AFTER, "1");
      return new Refusal(HttpStatus.SERVICE_UNAVAILABLE_503, full.get())
          .answer(request, response, callback);
    }
    Side side = users.side(request, route.get(), table);
    Exchange exchange =
        new Exchange(
            route.get().path(),
            side,
            servers.of(table, route.get().backend(side), any -> false),
            users.group(request));
    traffic.begun(exchange);
    Request.addCompletionListener(
        request,
        failure -> {
          if (failure != null && exchange.fate() == Exchange.Fate.ANSWERED) {
            exchange.clientFailed();
          }
          ended(exchange, response.getStatus());
        });
    response.getHeaders().put(SIDE_HEADER, side.label());
    users.mark(request, response, route.get(), side, forwardedHeaders.isOverHttps(request));
    if (closing) {
      response.getHeaders().put(HttpHeader.CONNECTION, "close");
    }
    if (exchange.server() == null) {
      return new Refusal(
              HttpStatus.SERVICE_UNAVAILABLE_503,
              "no server left in backend " + route.get().backend(side))
          .answer(request, response, callback);
    }
    request.setAttribute(EXCHANGE, exchange);
    if (Handshake.isOne(request)) {
      request.setAttribute(UPGRADE, new Handshake(request, response, callback, exchange, tunnels));
    }
    try {
      return super.handle(
          withoutExpectation(request), new WatchedResponse(request, response, exchange), callback);
    } catch (RuntimeException e) {
      // The client library cannot express the request, so no server has seen it.
      exchange.notForwarded();
      return new Refusal(HttpStatus.BAD_REQUEST_400, "the request cannot be forwarded")
          .answer(request, response, callback);
    }
  }

  private void ended(Exchange exchange, int status) {
    traffic.ended(exchange, status);
    Exchange.Fate fate = exchange.fate();
    boolean failed = fate == Exchange.Fate.FAILED;
    if (exchange.server() != null && (failed || fate == Exchange.Fate.ANSWERED)) {
      health.ended(exchange.server(), failed || status >= 500);
    }
  }

  /** Why to refuse the request, before a full heap or a lack of ports stops all others. */
  private Optional<String> full(Request request) {
    if (traffic.inFlight() >= configuration.maxInFlight()) {
      return Optional.of("too many requests are in flight");
    }
    return Handshake.isOne(request) && tunnels.count() >= configuration.maxWebSockets()
        ? Optional.of("too many WebSockets are open")
        : Optional.empty();
  }

  /** The client gets its {@code 100 Continue} when the server is ready for the content. */
  private static Request withoutExpectation(Request request) {
    if (!request.getHeaders().contains(HttpHeader.EXPECT)) {
      return request;
    }
    HttpFields headers = HttpFields.build(request.getHeaders()).remove(HttpHeader.EXPECT);
    return new Request.Wrapper(request) {
      @Override
      public HttpFields getHeaders() {
        return headers;
      }
    };
  }

  /** Whether the target has a path and was read without loss. */
  private static boolean isForwardable(Request request) {
    HttpURI target = request.getHttpURI();
    return !HttpMethod.CONNECT.is(request.getMethod())
        && target.getPath() != null
        && (target.getPath().startsWith("/") || target.getPath().equals("*"))
        && target.getPathQuery().indexOf('\uFFFD') < 0;
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
    ForwardedRequest forwarded =
        new ForwardedRequest(getHttpClient(), exchange(request).server().address(), request);
    forwarded.attribute(UPGRADE, request.getAttribute(UPGRADE));
    if (request.getHeaders().contains(HttpHeader.TRANSFER_ENCODING)) {
      forwarded.trailersSupplier(() -> ForwardedHeaders.trailers(request.getTrailers()));
    }
    return forwarded
        .onRequestBegin(begun -> exchange(request).sending())
        .idleTimeout(configuration.timeoutSeconds(), TimeUnit.SECONDS);
  }

  @Override
  protected void copyRequestHeaders(Request request, org.eclipse.jetty.client.Request forwarded) {
    forwarded.headers(
        headers -> forwardedHeaders.forward(request, exchange(request).side(), headers));
  }

  /** Adds neither {@code Via} nor {@code Forwarded}: {@link ForwardedHeaders} does all. */
  @Override
  protected void addProxyHeaders(Request request, org.eclipse.jetty.client.Request forwarded) {}

  @Override
  protected org.eclipse.jetty.client.Request.Content newProxyToServerRequestContent(
      Request request, Response response, org.eclipse.jetty.client.Request forwarded) {
    if (request.getLength() < 0 && !request.getHeaders().contains(HttpHeader.TRANSFER_ENCODING)) {
      return null; // a content type without content
    }
    return new WatchedContent(request, exchange(request));
  }

  /** Does nothing: the gateway has already answered. */
  @Override
  protected Runnable onServerToProxyResponse100Continue(
      Request request, org.eclipse.jetty.client.Request forwarded) {
    return () -> {};
  }

  @Override
  protected org.eclipse.jetty.client.Response.CompleteListener newServerToProxyResponseListener(
      Request request,
      org.eclipse.jetty.client.Request forwarded,
      Response response,
      Callback callback) {
    return new ProxyResponseListener(request, forwarded, response, callback) {
      private boolean whole;

      @Override
      public void onHeaders(org.eclipse.jetty.client.Response answered) {
        exchange(request).headArrived();
        ForwardedHeaders.answer(answered.getHeaders(), response.getHeaders());
        if (answered.getHeaders().contains(HttpHeader.TRANSFER_ENCODING)) {
          response.setTrailersSupplier(() -> ForwardedHeaders.trailers(answered.getTrailers()));
        }
      }

      @Override
      public void onSuccess(org.eclipse.jetty.client.Response answered) {
        whole = true;
        super.onSuccess(answered);
      }

      /** A server may answer, and refuse, a request that it has not read to the end. */
      @Override
      public void onComplete(Result result) {
        super.onComplete(
            whole && result.getResponseFailure() == null
                ? new Result(result.getRequest(), result.getResponse())
                : result);
      }
    };
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
      // Half an answer was sent: only closing the connection shows the failure.
      callback.failed(failure);
      return;
    }
    response.reset();
    response.getHeaders().put(SIDE_HEADER, exchange.side().label());
    Refusal.ofFailure(exchange, fate, failure).answer(request, response, callback);
  }

  /** Whether the request, of which nothing was sent yet, is tried at another server. */
  private boolean isTriedElsewhere(Exchange exchange, Throwable failure) {
    BackendServer refusing = exchange.server();
    if (Exchange.isOfGateway(failure)
        || !(failure instanceof IOException || failure instanceof UnresolvedAddressException)) {
      return false;
    }
    health.refused(refusing);
    BackendServer other =
        servers.of(
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
}
