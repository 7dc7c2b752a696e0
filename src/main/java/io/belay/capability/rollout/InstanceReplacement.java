package io.belay.capability.rollout;

import io.belay.step.StepContext;
import io.belay.target.TargetException;
import java.util.List;
import org.springframework.stereotype.Component;

/**
 * Exchanges the process behind one server of a router: drain, wait for requests in flight, stop the
 * one, start the other, wait until it is healthy, undrain. Each part checks first whether it is
 * needed, so the whole can be repeated after a crash at any point. The last server that takes
 * requests is not drained.
 */
@Component
final class InstanceReplacement {

  /** Draining the server would leave the users with nobody; nothing was changed. */
  static final class OnlyServer extends TargetException {
    OnlyServer(String message) {
      super(message);
    }
  }

  private final ServiceControl control;

  InstanceReplacement(ServiceControl control) {
    this.control = control;
  }

  /**
   * @param server name of the server at the router
   * @param leaving process to stop
   * @param coming process to start; null starts none
   * @param serving whether the server gets requests in the end
   * @throws OnlyServer when no other server of the same group takes requests, by the router's own
   *     account, nor begins to within the leaving process's start time-out
   */
  void exchange(
      Router router,
      String server,
      ServiceProcess leaving,
      ServiceProcess coming,
      boolean serving,
      StepContext context) {
    boolean inPlace =
        !control.isRunning(leaving, context.cancellation())
            && (coming == null || control.isRunning(coming, context.cancellation()));
    if (!inPlace) {
      awaitAnotherServer(router, server, leaving, context);
      context.cancellation().throwIfCancelled();
      router.drain(server, context.fence());
      awaitIdle(router, server, leaving, context);
      control.stop(leaving, context);
    }
    if (coming != null) {
      control.start(coming, context);
    }
    if (serving) {
      context.cancellation().throwIfCancelled();
      router.undrain(server, context.fence());
    }
  }

  /** A server that was undrained just now is up for the router only after its next checks. */
  private static void awaitAnotherServer(
      Router router, String server, ServiceProcess leaving, StepContext context) {
    ServiceControl.until(
        leaving.startTimeout(),
        context.cancellation(),
        () -> {
          Group group = Group.of(router, server);
          return group.canSpareIt() || group.others().stream().allMatch(Router.Server::drained);
        });
    Group group = Group.of(router, server);
    if (!group.canSpareIt()) {
      throw new OnlyServer(
          "'%s' is the only server of '%s' that takes requests: replacing it would leave the users with nobody%s. Bring another one up, or drain '%s' at the router by hand"
              .formatted(server, group.one().group(), ReceivingSide.why(group.others()), server));
    }
  }

  /** A server, and the others that can answer in its place. */
  private record Group(Router.Server one, List<Router.Server> others) {

    static Group of(Router router, String name) {
      Router.Server one = router.server(name);
      return new Group(
          one,
          router.servers().stream()
              .filter(other -> other.group().equals(one.group()) && !other.name().equals(name))
              .toList());
    }

    boolean canSpareIt() {
      return !one.takesRequests() || others.stream().anyMatch(Router.Server::takesRequests);
    }
  }

  private static void awaitIdle(
      Router router, String server, ServiceProcess leaving, StepContext context) {
    boolean idle =
        ServiceControl.until(
            leaving.startTimeout(),
            context.cancellation(),
            () -> router.server(server).inFlight() == 0);
    if (!idle) {
      throw new TargetException(
          "server '%s' still has %d requests in flight after %d s; it is drained, '%s' runs on. Retry, or abort"
              .formatted(
                  server,
                  router.server(server).inFlight(),
                  leaving.startTimeout().toSeconds(),
                  leaving.name()));
    }
  }
}
