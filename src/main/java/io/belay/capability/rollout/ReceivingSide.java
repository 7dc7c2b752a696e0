package io.belay.capability.rollout;

import io.belay.target.RouterTarget;
import io.belay.target.TargetException;
import io.belay.target.Weight;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The side that gets more of the users' traffic when the weight changes: the candidate on the way
 * up, the baseline on the way down.
 *
 * <p>It can take the traffic if at least half of its servers take requests (Envoy's panic
 * threshold), or if some do and the other side has none left: then the change can only help.
 *
 * @param name of the side
 * @param other name of the side that gets less
 * @param weight the candidate's share before the change
 */
record ReceivingSide(RouterTarget target, String name, String other, Weight weight) {

  /** Empty when the weight does not change. */
  static Optional<ReceivingSide> of(RouterTarget target, Weight from, Weight to) {
    if (from.equals(to)) {
      return Optional.empty();
    }
    return Optional.of(
        to.compareTo(from) > 0
            ? new ReceivingSide(target, target.candidate(), target.baseline(), from)
            : new ReceivingSide(target, target.baseline(), target.candidate(), from));
  }

  /**
   * @throws TargetException when the receiving side cannot take the traffic, according to the
   *     router's view of its servers
   */
  static void require(RouterTarget target, Weight from, Weight to, List<Router.Server> servers) {
    of(target, from, to)
        .flatMap(side -> side.problem(servers))
        .ifPresent(
            problem -> {
              throw new TargetException(problem);
            });
  }

  /** Why the side cannot take the traffic; empty when it can. */
  Optional<String> problem(List<Router.Server> servers) {
    List<Router.Server> own =
        servers.stream().filter(server -> server.group().equals(name)).toList();
    long ready = own.stream().filter(Router.Server::takesRequests).count();
    boolean otherIsDead =
        servers.stream()
            .noneMatch(server -> server.group().equals(other) && server.takesRequests());
    if (ready > 0 && (2 * ready >= own.size() || otherIsDead)) {
      return Optional.empty();
    }
    return Optional.of(
        refusal(
            "%d of its %d servers take requests at %s%s"
                .formatted(ready, own.size(), target.describe(), why(own))));
  }

  /** In brackets, why some of the servers take no requests; empty when all do. */
  static String why(List<Router.Server> servers) {
    String states =
        servers.stream()
            .filter(server -> !server.takesRequests())
            .map(server -> server.name() + " is " + (server.up() ? "drained" : "down"))
            .collect(Collectors.joining(", "));
    return states.isEmpty() ? "" : " (" + states + ")";
  }

  /** A sentence on why, what stays as it is, and what to do. */
  String refusal(String why) {
    return "no traffic is moved to '%s': %s. %s %% stay at '%s'. Bring '%s' up, then retry"
        .formatted(name, why, weight, target.candidate(), name);
  }
}
