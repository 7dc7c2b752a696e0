package io.belay.gateway;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts the requests per side, per route and side, and per server. What one route's users get says
 * nothing about another route, whose weight it may not share.
 */
final class Traffic {

  private final Instant since = Instant.now();
  private final Duration window;
  private final Map<Side, SideStatistics> sides;
  private final Map<String, Map<Side, SideStatistics>> routes = new ConcurrentHashMap<>();
  private final Map<String, BackendServer> servers = new LinkedHashMap<>();
  private final Map<String, SideStatistics> counters = new LinkedHashMap<>();
  private final LongAdder refused = new LongAdder();

  Traffic(Map<String, List<BackendServer>> backends, Duration window) {
    this.window = window;
    sides = bothSides();
    backends
        .values()
        .forEach(
            list ->
                list.forEach(
                    server -> {
                      servers.put(server.name(), server);
                      counters.put(server.name(), new SideStatistics());
                    }));
    mark();
  }

  /** To be called every few seconds: the window moves in these steps. */
  void mark() {
    long now = System.nanoTime();
    sides.values().forEach(side -> side.mark(now, window.toNanos()));
  }

  private static Map<Side, SideStatistics> bothSides() {
    Map<Side, SideStatistics> both = new EnumMap<>(Side.class);
    for (Side side : Side.values()) {
      both.put(side, new SideStatistics());
    }
    return both;
  }

  private Map<Side, SideStatistics> ofRoute(String path) {
    return routes.computeIfAbsent(path, added -> bothSides());
  }

  /** Those of its side: in all, and on its route. */
  private List<SideStatistics> ofSide(Exchange exchange) {
    return List.of(sides.get(exchange.side()), ofRoute(exchange.route()).get(exchange.side()));
  }

  private List<SideStatistics> allOf(Exchange exchange) {
    List<SideStatistics> all = new ArrayList<>(ofSide(exchange));
    if (exchange.server() != null) {
      all.add(counters.get(exchange.server().name()));
    }
    return all;
  }

  void begun(Exchange exchange) {
    allOf(exchange).forEach(counter -> counter.begun(exchange));
  }

  void ended(Exchange exchange, int status) {
    double millis = exchange.serverMillis();
    allOf(exchange).forEach(counter -> counter.ended(exchange, status, millis));
    if (exchange.fate() == Exchange.Fate.NOT_FORWARDED) {
      refused();
    }
  }

  /**
   * The chosen server accepted no connection, and another is tried: one request for the user, but a
   * failure of the side and the server.
   */
  void moved(Exchange exchange, BackendServer from) {
    ofSide(exchange).forEach(SideStatistics::refusedConnection);
    counters.get(from.name()).refusedConnection();
    counters.get(from.name()).left(exchange);
    counters.get(exchange.server().name()).begun(exchange);
  }

  /**
   * A request was refused and counts for no side: it was malformed, or there was no room for it.
   */
  void refused() {
    refused.increment();
  }

  long inFlight() {
    return sides.values().stream().mapToLong(SideStatistics::inFlight).sum();
  }

  long inFlight(BackendServer server) {
    return counters.get(server.name()).inFlight();
  }

  /** A server's {@code inFlight} counts its WebSockets too: it is idle when both are gone. */
  Map<String, Object> report(RoutingTable table, ServerHealth health, Tunnels tunnels) {
    Map<String, Object> bySide = new LinkedHashMap<>();
    sides.forEach(
        (side, statistics) -> {
          Map<String, Object> figures = statistics.report();
          figures.put("webSockets", tunnels.count(side));
          bySide.put(side.label(), figures);
        });
    Map<String, Object> byRoute = new TreeMap<>();
    table.routes().forEach(route -> byRoute.put(route.path(), sinceStart(ofRoute(route.path()))));
    Map<String, Object> byServer = new LinkedHashMap<>();
    counters.forEach(
        (name, counter) -> {
          Map<String, Object> figures = new LinkedHashMap<>();
          BackendServer server = servers.get(name);
          figures.put("backend", server.backend());
          figures.put("drained", table.drained().contains(name));
          figures.put("up", health.isUp(server));
          figures.putAll(counter.sinceStart());
          figures.put("inFlight", counter.inFlight() + tunnels.count(server));
          byServer.put(name, figures);
        });
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("since", since.toString());
    report.put("windowSeconds", window.toSeconds());
    report.put("refused", refused.sum());
    report.put("webSocketsLeaving", tunnels.leaving());
    report.put("webSocketsLeaveWithinSeconds", tunnels.leaveWithin().toSeconds());
    report.put("sides", bySide);
    report.put("routes", byRoute);
    report.put("servers", byServer);
    return report;
  }

  private static Map<String, Object> sinceStart(Map<Side, SideStatistics> both) {
    Map<String, Object> report = new LinkedHashMap<>();
    both.forEach(
        (side, statistics) -> report.put(side.label(), statistics.sinceStartWithClients()));
    return report;
  }
}
