package io.belay.rollout;

import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.target.Environment;
import io.belay.target.RouterTarget;
import io.belay.target.ServiceTarget;
import io.belay.target.Target;
import io.belay.target.TargetException;
import jakarta.validation.constraints.NotBlank;
import java.util.Optional;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * Puts the traffic back to what it was before the run's first shift. The baseline must be healthy
 * first, where the environment has a service target of its name: traffic is not sent to a dead
 * service, it stays where it is until a person has looked. Safe to repeat, and on nothing.
 *
 * @see ShiftTraffic what it takes back
 */
@Component
public final class RestoreTraffic
    extends StepDelegate<RestoreTraffic.Input, RestoreTraffic.Result> {

  /**
   * @param router name of the router target
   */
  public record Input(
      @NotBlank @DefaultValue("router") @TargetName(RouterTarget.class) String router) {}

  /**
   * @param restored whether anything had to be put back
   * @param weight as the router says afterwards; -1 when the run never shifted, and nobody asked
   */
  public record Result(boolean restored, int weight) {}

  private final Routers routers;
  private final ServiceControl control;

  RestoreTraffic(Routers routers, ServiceControl control) {
    super(Input.class, Result.class);
    this.routers = routers;
    this.control = control;
  }

  @Override
  public Result perform(Input input, StepContext context) {
    Optional<Router.State> before =
        context.started("shiftTraffic").stream()
            .filter(past -> past.input(ShiftTraffic.Input.class).router().equals(input.router()))
            .flatMap(past -> past.saved(ShiftTraffic.BEFORE, Router.State.class).stream())
            .findFirst();
    if (before.isEmpty()) {
      context.log("this run did not shift any traffic at '%s'", input.router());
      return new Result(false, -1);
    }
    RouterTarget target = context.target(input.router(), RouterTarget.class);
    Router router = routers.open(target);
    Router.State now = router.state();
    if (now.equals(before.get())) {
      return new Result(false, now.weight());
    }
    requireHealthyBaseline(target, now, context.environment());
    context.cancellation().throwIfCancelled();
    int weight = router.restore(before.get(), context.fence());
    context.log("%d %% of the traffic goes to the candidate, was %d %%", weight, now.weight());
    return new Result(true, weight);
  }

  private void requireHealthyBaseline(
      RouterTarget target, Router.State now, Environment environment) {
    Target baseline = environment.targets().get(target.baseline());
    if (baseline instanceof ServiceTarget service
        && !control.isHealthy(ServiceProcess.of(target.baseline(), service))) {
      throw new TargetException(
          "'%s' (%s) is not healthy, so no traffic is sent to it; %d %% stay at '%s'. Bring '%s' up, then retry"
              .formatted(
                  target.baseline(),
                  service.describe(),
                  now.weight(),
                  target.candidate(),
                  target.baseline()));
    }
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    RouterTarget target = environment.target(input.router(), RouterTarget.class);
    return StepPlan.changes(
        input.router(),
        "Put the traffic at %s back to what it was before the first shift, '%s' being healthy"
            .formatted(target.describe(), target.baseline()));
  }
}
