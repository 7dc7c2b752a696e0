package io.belay.capability.rollout;

import io.belay.step.BusinessStop;
import io.belay.step.Checkpoint;
import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.target.Environment;
import io.belay.target.RouterTarget;
import io.belay.target.ServiceTarget;
import jakarta.validation.constraints.NotBlank;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * Replaces one instance of the old version by the new version at the same address, while the other
 * instances serve: drain, stop the old, start the new, wait until healthy, undrain. The instance
 * has the same name in both services and at the router. The phase fails when no other instance
 * takes requests.
 *
 * @see RestoreInstances undoes all replacements of a run
 */
@Component
@Checkpoint(name = ReplaceInstance.BEFORE, type = ReplaceInstance.Before.class)
public final class ReplaceInstance
    extends StepDelegate<ReplaceInstance.Input, ReplaceInstance.Result> {

  /** What ran before this step; saved for the undo. */
  static final String BEFORE = "before";

  /**
   * @param router name of the router target
   * @param from service target of the old version
   * @param to service target of the new version
   */
  public record Input(
      @NotBlank @DefaultValue("router") @TargetName(RouterTarget.class) String router,
      @NotBlank @DefaultValue("v1") @TargetName(ServiceTarget.class) String from,
      @NotBlank @DefaultValue("v2") @TargetName(ServiceTarget.class) String to,
      @NotBlank String instance) {}

  /**
   * @param replaced whether anything had to be done
   */
  public record Result(boolean replaced) {}

  /** What ran, and whether the router sent requests there. */
  record Before(boolean oldRan, boolean newRan, boolean drained) {}

  private final Routers routers;
  private final ServiceControl control;
  private final InstanceReplacement replacement;

  ReplaceInstance(Routers routers, ServiceControl control, InstanceReplacement replacement) {
    super(Input.class, Result.class);
    this.routers = routers;
    this.control = control;
    this.replacement = replacement;
  }

  @Override
  public Result perform(Input input, StepContext context) {
    ServiceProcess old = process(input.from(), input, context.environment());
    ServiceProcess fresh = process(input.to(), input, context.environment());
    if (!old.url().equals(fresh.url())) {
      throw new BusinessStop(
          "instance '%s' is at %s in '%s' but at %s in '%s': the router would not find the new one"
              .formatted(input.instance(), old.url(), input.from(), fresh.url(), input.to()));
    }
    Router router = routers.open(context.target(input.router(), RouterTarget.class));
    Before before =
        context
            .saved(BEFORE, Before.class)
            .orElseGet(() -> save(router, old, fresh, context, input));
    try {
      replacement.exchange(router, input.instance(), old, fresh, !before.drained(), context);
    } catch (InstanceReplacement.OnlyServer e) {
      throw new BusinessStop(e.getMessage(), e);
    }
    return new Result(before.oldRan() || !before.newRan());
  }

  private Before save(
      Router router, ServiceProcess old, ServiceProcess fresh, StepContext context, Input input) {
    Before before =
        new Before(
            control.isRunning(old, context.cancellation()),
            control.isRunning(fresh, context.cancellation()),
            router.server(input.instance()).drained());
    context.save(BEFORE, before);
    return before;
  }

  static ServiceProcess process(String service, Input input, Environment environment) {
    return ServiceProcess.of(
        service, environment.target(service, ServiceTarget.class), input.instance());
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    return StepPlan.changes(
        input.router(),
        "Replace instance '%s' of '%s' by '%s'"
            .formatted(input.instance(), input.from(), input.to()),
        "drain " + input.instance(),
        String.valueOf(process(input.from(), input, environment).stop()),
        String.valueOf(process(input.to(), input, environment).start()),
        "undrain " + input.instance());
  }
}
