package io.belay.capability.rollout;

import io.belay.target.RouterStatistics;
import io.belay.target.TargetException;
import io.belay.target.Weight;
import java.time.Duration;
import java.util.List;

/**
 * Decides how much of the users' traffic the candidate gets. Each change is read back before the
 * call returns, so results are what the router reports. No method has an effect when the router is
 * already as wanted, and none retries by itself.
 *
 * <p>Every method throws {@link TargetException} when the router cannot be asked, refuses, or
 * reports another state afterwards; the message says which state it is in.
 */
public interface Router {

  /**
   * All that {@link #restore} needs to restore the split.
   *
   * @param weight share of the candidate
   * @param document the router's own description of the split, as JSON
   */
  record State(Weight weight, String document) {}

  /**
   * One server behind the router.
   *
   * @param group the backend (gateway) or the side (HAProxy) that it belongs to
   * @param drained whether it gets no new requests (HAProxy: also when in maintenance)
   * @param up whether it passes the router's own checks; true if there are none
   * @param inFlight number of requests (HAProxy: sessions) in progress
   */
  record Server(String name, String group, boolean drained, boolean up, long inFlight) {

    public boolean takesRequests() {
      return up && !drained;
    }
  }

  /**
   * WebSockets that the router has told, or will tell, to reconnect elsewhere.
   *
   * @param within how long until the last of them is closed
   */
  record Leaving(long webSockets, Duration within) {}

  State state();

  /**
   * Changes nothing.
   *
   * @throws io.belay.step.BusinessStop when the router, with its servers, cannot give the candidate
   *     that share
   */
  default void requireExpressible(Weight weight) {}

  /**
   * Gives the candidate {@code weight} and the baseline the rest. Refuses when the {@link
   * ReceivingSide} cannot take the traffic, and then changes nothing.
   *
   * @param fence fencing number of the attempt, 0 for none; a lower one than the router has seen is
   *     refused
   * @return the weight as read back
   */
  Weight shift(Weight weight, long fence);

  /**
   * Restores a state that {@link #state} returned earlier, except that no user stays on a candidate
   * whose weight is then 0. Does not touch drained servers. Refuses as {@link #shift} does.
   *
   * @return the weight as read back
   */
  Weight restore(State state, long fence);

  /** None if the router closes no WebSockets. */
  default Leaving leaving() {
    return new Leaving(0, Duration.ZERO);
  }

  /** All servers of baseline and candidate. */
  List<Server> servers();

  /** Gives the server no new requests; those in flight finish. */
  void drain(String server, long fence);

  /** Gives the server its share again. */
  void undrain(String server, long fence);

  RouterStatistics statistics();

  /**
   * @throws TargetException when the router has no such server; lists those that exist
   */
  default Server server(String name) {
    List<Server> servers = servers();
    return servers.stream()
        .filter(server -> server.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new TargetException(
                    "the router has no server '%s'; it has %s"
                        .formatted(name, servers.stream().map(Server::name).toList())));
  }
}
