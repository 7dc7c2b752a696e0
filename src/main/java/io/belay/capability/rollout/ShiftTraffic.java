package io.belay.capability.rollout;

import io.belay.step.BusinessStop;
import io.belay.step.Checkpoint;
import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.target.Environment;
import io.belay.target.MayBeAbsent;
import io.belay.target.RouterTarget;
import io.belay.target.Weight;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * Gives the candidate a share of the users' traffic, and reads it back. Requests in flight finish
 * where they are. Does nothing if the router already has that weight. The side that gets more
 * traffic must be able to take it, according to the router's checks and its own ready path;
 * otherwise the traffic stays as it is and the phase fails.
 *
 * @see RestoreTraffic undoes all shifts of a run
 */
@Component
@Checkpoint(name = ShiftTraffic.BEFORE, type = Router.State.class)
public final class ShiftTraffic extends StepDelegate<ShiftTraffic.Input, ShiftTraffic.Result> {

  /** The router's state before this step; saved for the undo. */
  static final String BEFORE = "before";

  /**
   * @param router name of the router target
   * @param weight share of the candidate
   * @param readyWithin how long to wait until the side that gets more traffic can take it
   */
  public record Input(
      @NotBlank @DefaultValue("router") @TargetName(RouterTarget.class) String router,
      @NotNull Weight weight,
      @MayBeAbsent("an earlier version did not wait") @NotNull @DefaultValue("30s")
          Duration readyWithin) {}

  /**
   * @param weight as the router reports afterwards
   * @param previous as the router reported before the first attempt
   */
  public record Result(Weight weight, Weight previous) {}

  private final Routers routers;
  private final ReceiverCheck receiver;

  ShiftTraffic(Routers routers, ReceiverCheck receiver) {
    super(Input.class, Result.class);
    this.routers = routers;
    this.receiver = receiver;
  }

  @Override
  public Result perform(Input input, StepContext context) {
    RouterTarget target = context.target(input.router(), RouterTarget.class);
    Router router = routers.open(target);
    Router.State before =
        context.saved(BEFORE, Router.State.class).orElseGet(() -> save(router.state(), context));
    receiver
        .await(router, target, input.weight(), input.readyWithin(), context)
        .ifPresent(
            problem -> {
              throw new BusinessStop(problem);
            });
    context.cancellation().throwIfCancelled();
    Weight weight = router.shift(input.weight(), context.fence());
    context.log("%s %% of the traffic goes to the candidate, was %s %%", weight, before.weight());
    return new Result(weight, before.weight());
  }

  private static Router.State save(Router.State state, StepContext context) {
    context.save(BEFORE, state);
    return state;
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    RouterTarget target = environment.target(input.router(), RouterTarget.class);
    Router router = routers.open(target);
    router.requireExpressible(input.weight());
    Weight now = router.state().weight();
    return StepPlan.changes(
        input.router(),
        "Route %s %% of the traffic to '%s' at %s (now %s %%)"
            .formatted(input.weight(), target.candidate(), target.describe(), now));
  }
}
