package io.belay.gateway;

import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** Counts the requests per side and per server. */
final class Traffic {

  private final Instant since = Instant.now();
  private final Duration window;
  private final Map<Side, SideStatistics> sides = new EnumMap<>(Side.class);
  private final Map<String, BackendServer> servers = new LinkedHashMap<>();
  private final Map<String, SideStatistics> counters = new LinkedHashMap<>();
  private final LongAdder refused = new LongAdder();

  Traffic(Map<String, List<BackendServer>> backends, Duration window) {
    this.window = window;
    for (Side side : Side.values()) {
      sides.put(side, new SideStatistics());
    }
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

  void begun(Exchange exchange) {
    sides.get(exchange.side()).begun();
    if (exchange.server() != null) {
      counters.get(exchange.server().name()).begun();
    }
  }

  void ended(Exchange exchange, int status) {
    double millis = exchange.serverMillis();
    sides.get(exchange.side()).ended(exchange.fate(), status, millis);
    if (exchange.server() != null) {
      counters.get(exchange.server().name()).ended(exchange.fate(), status, millis);
    }
    if (exchange.fate() == Exchange.Fate.NOT_FORWARDED) {
      refused();
    }
  }

  /**
   * The chosen server accepted no connection, and another is tried: one request for the user, but a
   * failure of the side and the server.
   */
  void moved(Exchange exchange, BackendServer from) {
    sides.get(exchange.side()).refusedConnection();
    counters.get(from.name()).refusedConnection();
    counters.get(from.name()).left();
    counters.get(exchange.server().name()).begun();
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
    report.put("servers", byServer);
    return report;
  }
}
