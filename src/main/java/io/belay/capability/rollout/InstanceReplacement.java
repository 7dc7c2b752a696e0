package io.belay.capability.rollout;

import io.belay.step.StepContext;
import io.belay.target.TargetException;
import org.springframework.stereotype.Component;

/**
 * Exchanges the process behind one server of a router: drain, wait for requests in flight, stop the
 * one, start the other, wait until it is healthy, undrain. Each part checks first whether it is
 * needed, so the whole can be repeated after a crash at any point.
 */
@Component
final class InstanceReplacement {

  private final ServiceControl control;

  InstanceReplacement(ServiceControl control) {
    this.control = control;
  }

  /**
   * @param server name of the server at the router
   * @param leaving process to stop
   * @param coming process to start; null starts none
   * @param serving whether the server gets requests in the end
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
