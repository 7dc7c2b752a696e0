package io.belay.gateway;

import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/** Chooses the server of a backend for a request. */
final class ServerChoice {

  private final Map<String, List<BackendServer>> backends;
  private final Traffic traffic;
  private final ServerHealth health;
  private final AtomicInteger turn = new AtomicInteger();

  ServerChoice(Map<String, List<BackendServer>> backends, Traffic traffic, ServerHealth health) {
    this.backends = backends;
    this.traffic = traffic;
    this.health = health;
  }

  /**
   * The least busy server that is not drained, in turn among equals. One that fails its requests is
   * chosen only when no other is up, and one that is down only when no other is left: it may have
   * come back since its last check.
   *
   * @param tried accepts servers to which the request cannot go
   * @return null when there is none
   */
  BackendServer of(RoutingTable table, String backend, Predicate<BackendServer> tried) {
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

  /** Whether the backend has a server that is up and not drained. */
  boolean isServed(RoutingTable table, String backend) {
    return backends.get(backend).stream()
        .anyMatch(server -> !table.drained().contains(server.name()) && health.isUp(server));
  }

  private boolean isBetter(BackendServer one, BackendServer other) {
    int rank = Integer.compare(rank(one), rank(other));
    return rank == 0 ? traffic.inFlight(one) < traffic.inFlight(other) : rank > 0;
  }

  private int rank(BackendServer server) {
    return !health.isUp(server) ? 0 : health.isAvoided(server) ? 1 : 2;
  }
}
