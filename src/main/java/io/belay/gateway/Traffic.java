package io.belay.gateway;

import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;

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

  /** To be called every few seconds: the border of the window moves in these steps. */
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
   * The server that was chosen took no connection, and another one is tried: for the user one
   * request, for side and server a failure all the same.
   */
  void moved(Exchange exchange, BackendServer from) {
    sides.get(exchange.side()).refusedConnection();
    counters.get(from.name()).refusedConnection();
    counters.get(from.name()).left();
    counters.get(exchange.server().name()).begun();
  }

  /** A request was turned away and is no side's: malformed, or more than there is room for. */
  void refused() {
    refused.increment();
  }

  long inFlight() {
    return sides.values().stream().mapToLong(SideStatistics::inFlight).sum();
  }

  long inFlight(BackendServer server) {
    return counters.get(server.name()).inFlight();
  }

  Map<String, Object> report(Predicate<String> drained, Predicate<String> up) {
    Map<String, Object> bySide = new LinkedHashMap<>();
    sides.forEach((side, statistics) -> bySide.put(side.label(), statistics.report()));
    Map<String, Object> byServer = new LinkedHashMap<>();
    counters.forEach(
        (name, counter) -> {
          Map<String, Object> figures = new LinkedHashMap<>();
          figures.put("backend", servers.get(name).backend());
          figures.put("drained", drained.test(name));
          figures.put("up", up.test(name));
          figures.putAll(counter.sinceStart());
          byServer.put(name, figures);
        });
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("since", since.toString());
    report.put("windowSeconds", window.toSeconds());
    report.put("refused", refused.sum());
    report.put("sides", bySide);
    report.put("servers", byServer);
    return report;
  }
}
