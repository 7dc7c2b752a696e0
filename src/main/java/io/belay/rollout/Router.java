package io.belay.rollout;

import io.belay.target.RouterStatistics;
import io.belay.target.TargetException;
import java.util.List;

/**
 * Decides how much of the users' traffic the candidate gets. Each change is read back before the
 * call returns: what it reports is what the router says. No method has a second effect when the
 * router is already as wanted, and none retries by itself.
 *
 * <p>Every method throws {@link TargetException} when the router cannot be asked, refuses, or says
 * something else afterwards than what it was told; the message says in what state it is then.
 */
public interface Router {

  /**
   * All that {@link #restore} needs to put the split back.
   *
   * @param weight share of the candidate, in percent
   * @param document the router's own description of the split, as JSON
   */
  record State(int weight, String document) {}

  /**
   * One server behind the router.
   *
   * @param group the backend (gateway) or the side (HAProxy) that it belongs to
   * @param drained whether it gets no new requests (HAProxy: also when in maintenance)
   * @param up whether the router's own checks find it working; true where it has none
   * @param inFlight requests (HAProxy: sessions) that it is working on
   */
  record Server(String name, String group, boolean drained, boolean up, long inFlight) {

    public boolean takesRequests() {
      return up && !drained;
    }
  }

  State state();

  /**
   * Gives the candidate {@code weight} percent and the baseline the rest. Refuses when the {@link
   * ReceivingSide} cannot take the traffic; nothing is changed then.
   *
   * @param fence fencing number of the attempt, 0 for none; a lower one than the router has seen is
   *     refused
   * @return the weight as read back
   */
  int shift(int weight, long fence);

  /**
   * Puts back a state that {@link #state} returned earlier. Does not touch drained servers. Refuses
   * as {@link #shift} does.
   *
   * @return the weight as read back
   */
  int restore(State state, long fence);

  /** All servers of baseline and candidate. */
  List<Server> servers();

  /** The server gets no new requests; those in flight finish. */
  void drain(String server, long fence);

  /** The server gets its share again. */
  void undrain(String server, long fence);

  RouterStatistics statistics();

  /**
   * @throws TargetException when the router has no such server; names those that there are
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
