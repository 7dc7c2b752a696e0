package io.belay.rollout;

import io.belay.step.PastStep;
import io.belay.step.StepContext;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.step.UndoDelegate;
import io.belay.step.Undoes;
import io.belay.target.Environment;
import io.belay.target.RouterTarget;
import io.belay.target.TargetException;
import jakarta.validation.constraints.NotBlank;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * Puts the traffic back to what it was before the run's first shift. The baseline must be able to
 * take it, by the router's checks and its own ready path: traffic is not sent to a dead service, it
 * stays where it is until a person has looked. Safe to repeat, and on nothing.
 *
 * @see ShiftTraffic what it takes back
 */
@Component
@Undoes("shiftTraffic")
public final class RestoreTraffic
    extends UndoDelegate<RestoreTraffic.Input, RestoreTraffic.Result> {

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

  /** Bounds one attempt; the engine retries. */
  private static final Duration READY_WITHIN = Duration.ofSeconds(5);

  private final Routers routers;
  private final ReceiverCheck receiver;

  RestoreTraffic(Routers routers, ReceiverCheck receiver) {
    super(Input.class, Result.class);
    this.routers = routers;
    this.receiver = receiver;
  }

  @Override
  protected boolean takesBack(Input input, PastStep past, Environment environment) {
    return past.input(ShiftTraffic.Input.class).router().equals(input.router());
  }

  @Override
  protected Result takeBack(Input input, List<PastStep> shifts, StepContext context) {
    Optional<Router.State> before =
        shifts.stream()
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
    receiver
        .await(router, target, before.get().weight(), READY_WITHIN, context)
        .ifPresent(
            problem -> {
              throw new TargetException(problem);
            });
    context.cancellation().throwIfCancelled();
    int weight = router.restore(before.get(), context.fence());
    context.log("%d %% of the traffic goes to the candidate, was %d %%", weight, now.weight());
    return new Result(true, weight);
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    RouterTarget target = environment.target(input.router(), RouterTarget.class);
    return StepPlan.changes(
        input.router(),
        "Put the traffic at %s back to what it was before the first shift, '%s' being ready"
            .formatted(target.describe(), target.baseline()));
  }
}
