package io.belay.capability.rollout;

import io.belay.step.PastStep;
import io.belay.step.StepContext;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.step.UndoDelegate;
import io.belay.step.Undoes;
import io.belay.target.Environment;
import io.belay.target.RouterTarget;
import io.belay.target.TargetException;
import io.belay.target.Weight;
import jakarta.validation.constraints.NotBlank;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * Restores the traffic to what it was before the run's first shift. The baseline must be able to
 * take it, according to the router's checks and its own ready path: traffic is not sent to a dead
 * service, but stays where it is until a person has looked. Ends when the WebSockets that the
 * router closes have left the candidate, which may be stopped next. Safe to repeat, and if nothing
 * was shifted.
 *
 * @see ShiftTraffic what it undoes
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
   * @param restored whether anything had to be restored
   * @param weight in percent, as the router reports afterwards; -1 when the run never shifted, so
   *     that the router was not asked
   */
  public record Result(boolean restored, Number weight) {}

  /** Time limit of one attempt; the engine retries. */
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
      awaitLeaving(router, context);
      return new Result(false, now.weight().number());
    }
    receiver
        .await(router, target, before.get().weight(), READY_WITHIN, context)
        .ifPresent(
            problem -> {
              throw new TargetException(problem);
            });
    context.cancellation().throwIfCancelled();
    Weight weight = router.restore(before.get(), context.fence());
    context.log("%s %% of the traffic goes to the candidate, was %s %%", weight, now.weight());
    awaitLeaving(router, context);
    return new Result(true, weight.number());
  }

  private static void awaitLeaving(Router router, StepContext context) {
    Router.Leaving leaving = router.leaving();
    if (leaving.webSockets() == 0) {
      return;
    }
    context.log(
        "waiting until %d WebSockets have left, at most %d s",
        leaving.webSockets(), leaving.within().toSeconds());
    if (!ServiceControl.until(
        leaving.within(), context.cancellation(), () -> router.leaving().webSockets() == 0)) {
      context.log("%d WebSockets have not left in time", router.leaving().webSockets());
    }
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
