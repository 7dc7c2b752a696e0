package io.belay.capability.rollout;

import io.belay.step.StepContext;
import io.belay.target.RouterTarget;
import io.belay.target.ServiceTarget;
import io.belay.target.Weight;
import java.time.Duration;
import java.util.Optional;
import org.springframework.stereotype.Component;

/**
 * Checks, before the weight changes, whether the {@link ReceivingSide} can take the traffic: asks
 * the router about its servers, and the service itself, if the environment has a service target of
 * the side's name.
 */
@Component
final class ReceiverCheck {

  private final ServiceControl control;

  ReceiverCheck(ServiceControl control) {
    this.control = control;
  }

  /**
   * Waits until the side can take the traffic: a service that just started is up for the router
   * only after its next checks.
   *
   * @param to the wanted share of the candidate
   * @param within how long to wait at most
   * @return why the side cannot take the traffic; empty when it can
   */
  Optional<String> await(
      Router router, RouterTarget target, Weight to, Duration within, StepContext context) {
    Optional<ReceivingSide> side = ReceivingSide.of(target, router.state().weight(), to);
    if (side.isEmpty()) {
      return Optional.empty();
    }
    ServiceControl.until(
        within, context.cancellation(), () -> problem(side.get(), router, context).isEmpty());
    return problem(side.get(), router, context);
  }

  private Optional<String> problem(ReceivingSide side, Router router, StepContext context) {
    return side.problem(router.servers())
        .or(
            () ->
                context.environment().targets().get(side.name()) instanceof ServiceTarget service
                    ? control.notReady(service).map(side::refusal)
                    : Optional.empty());
  }
}
