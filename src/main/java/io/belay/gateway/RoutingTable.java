package io.belay.gateway;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * All that decides where a request goes, as one immutable value: it is replaced whole, so a request
 * sees either the old table or the new one.
 *
 * @param version grows by one with each change; the ETag of the administration API
 * @param fence the highest fencing number that has written; a lower one is refused
 * @param routes the longest path first
 * @param drained names of the servers that get no new requests
 */
record RoutingTable(long version, long fence, List<Route> routes, SortedSet<String> drained) {

  RoutingTable {
    routes =
        (routes == null ? List.<Route>of() : routes)
            .stream()
                .sorted(
                    Comparator.comparingInt((Route route) -> route.path().length())
                        .reversed()
                        .thenComparing(Route::path))
                .toList();
    drained = drained == null ? new TreeSet<>() : new TreeSet<>(drained);
  }

  /** The route with the longest path that matches; there is always one, {@code /}. */
  Route routeOf(String requestPath) {
    for (Route route : routes) {
      if (route.matches(requestPath)) {
        return route;
      }
    }
    throw new IllegalStateException("no route for / in the routing table");
  }

  /**
   * The route of a raw path, if it is the same however the backend reads the path.
   *
   * @return empty when the path's readings lead to different routes, or it cannot be decoded
   */
  Optional<Route> routeOfRaw(String rawPath) {
    try {
      List<Route> found =
          PathReadings.of(rawPath).stream().map(this::routeOf).distinct().limit(2).toList();
      return found.size() == 1 ? Optional.of(found.get(0)) : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  RoutingTable withDrained(String server, boolean drain) {
    SortedSet<String> changed = new TreeSet<>(drained);
    if (drain) {
      changed.add(server);
    } else {
      changed.remove(server);
    }
    return new RoutingTable(version, fence, routes, changed);
  }

  /**
   * All mistakes at once; empty when the table can be used.
   *
   * @param sticky whether users stay on one side
   */
  List<String> mistakes(Map<String, List<BackendServer>> backends, boolean sticky) {
    List<String> mistakes = new ArrayList<>();
    Set<String> paths = new HashSet<>();
    for (Route route : routes) {
      String path = route.path();
      if (path == null || !path.startsWith("/")) {
        mistakes.add("route '%s': the path must begin with /".formatted(path));
      } else if (!paths.add(path)) {
        mistakes.add("route '%s' is given twice".formatted(path));
      }
      if (!route.hasWeight()) {
        mistakes.add(
            "route '%s': weight %s is not from 0 to 100 in steps of 0.01"
                .formatted(path, route.weight()));
      }
      if (route.drains() && !sticky) {
        mistakes.add(
            "route '%s': atZero 'drain' needs users who stay on one side: configure sticky"
                .formatted(path));
      }
      for (Side side : Side.values()) {
        String backend = route.backend(side);
        if (backend == null || !backends.containsKey(backend)) {
          mistakes.add(
              "route '%s': %s '%s' is not a backend; there are %s"
                  .formatted(path, side.label(), backend, new TreeSet<>(backends.keySet())));
        }
      }
    }
    if (!paths.contains("/")) {
      mistakes.add("there is no route for /");
    }
    Set<String> servers = new HashSet<>();
    backends.values().forEach(list -> list.forEach(server -> servers.add(server.name())));
    for (String server : drained) {
      if (!servers.contains(server)) {
        mistakes.add("drained server '%s' is not in any backend".formatted(server));
      }
    }
    return mistakes;
  }
}
