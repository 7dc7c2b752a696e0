package io.belay.gateway;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * The open WebSockets. A changed weight moves none of them. When a route cuts the candidate to 0,
 * its WebSockets there are asked to reconnect, as are those of a drained server, spread over a set
 * time so that they do not all arrive elsewhere at once.
 */
final class Tunnels {

  /** After this, a client that has not answered its close is disconnected. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final Set<Tunnel> open = ConcurrentHashMap.newKeySet();
  private final RoutingStore routing;
  private final Duration spread;
  private final ScheduledExecutorService clock;

  Tunnels(RoutingStore routing, Duration spread, ScheduledExecutorService clock) {
    this.routing = routing;
    this.spread = spread;
    this.clock = clock;
    routing.onChange(this::routesChanged);
  }

  /** Adds a tunnel; restarts it if a rollback or a drain came after its server was chosen. */
  void add(Tunnel tunnel) {
    open.add(tunnel);
    if (!tunnel.isOpen()) {
      remove(tunnel);
    } else if (mustLeave(tunnel, routing.current())) {
      schedule(tunnel, Duration.ZERO);
    }
  }

  void remove(Tunnel tunnel) {
    open.remove(tunnel);
  }

  int count() {
    return open.size();
  }

  long count(Side side) {
    return open.stream().filter(tunnel -> tunnel.side() == side).count();
  }

  long count(BackendServer server) {
    return open.stream().filter(tunnel -> tunnel.serverName().equals(server.name())).count();
  }

  /** How many have been or will be asked to reconnect. */
  long leaving() {
    RoutingTable table = routing.current();
    return open.stream().filter(tunnel -> mustLeave(tunnel, table)).count();
  }

  /** How long after a change the last of the leaving WebSockets is closed. */
  Duration leaveWithin() {
    return spread.plus(PATIENCE);
  }

  private void routesChanged(RoutingTable table) {
    List<Tunnel> leaving = open.stream().filter(tunnel -> mustLeave(tunnel, table)).toList();
    for (int i = 0; i < leaving.size(); i++) {
      schedule(leaving.get(i), spread.multipliedBy(i).dividedBy(leaving.size()));
    }
  }

  /** Restarts a tunnel after the delay, unless a later change lets it stay. */
  private void schedule(Tunnel tunnel, Duration delay) {
    clock.schedule(
        () -> {
          if (mustLeave(tunnel, routing.current())) {
            tunnel.restart();
            clock.schedule(tunnel::close, PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
          }
        },
        delay.toMillis(),
        TimeUnit.MILLISECONDS);
  }

  private static boolean mustLeave(Tunnel tunnel, RoutingTable table) {
    return table.drained().contains(tunnel.serverName()) || isRolledBack(tunnel, table);
  }

  private static boolean isRolledBack(Tunnel tunnel, RoutingTable table) {
    return tunnel.side() == Side.CANDIDATE
        && table
            .routeOfRaw(tunnel.path())
            .map(route -> route.hundredths() == 0 && !route.drains())
            .orElse(false);
  }

  /** Restarts all at once: the gateway is about to stop. */
  void restart() {
    open.forEach(Tunnel::restart);
  }

  /** Restarts all, waits up to a second for the clients' answers, then closes them. */
  void close() throws InterruptedException {
    restart();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(1);
    while (!open.isEmpty() && System.nanoTime() < deadline) {
      TimeUnit.MILLISECONDS.sleep(20);
    }
    open.forEach(Tunnel::close);
  }
}
