package io.belay.capability.rollout;

import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.target.Environment;
import io.belay.target.ServiceTarget;
import jakarta.validation.constraints.NotBlank;
import org.springframework.stereotype.Component;

/**
 * Stops a service for good, with all its instances. Irreversible: no undo starts it again, and the
 * run cannot roll back past it. Safe to repeat.
 */
@Component
public final class DecommissionService
    extends StepDelegate<DecommissionService.Input, DecommissionService.Result> {

  /**
   * @param service name of the service target
   */
  public record Input(@NotBlank @TargetName(ServiceTarget.class) String service) {}

  /**
   * @param stopped whether anything had to be stopped
   */
  public record Result(boolean stopped) {}

  private final ServiceControl control;

  DecommissionService(ServiceControl control) {
    super(Input.class, Result.class);
    this.control = control;
  }

  @Override
  public Result perform(Input input, StepContext context) {
    ServiceTarget service = context.target(input.service(), ServiceTarget.class);
    boolean stopped = false;
    for (ServiceTarget.Instance instance : service.instances()) {
      stopped |=
          control.stop(ServiceProcess.of(input.service(), service, instance.name()), context);
    }
    if (service.instances().isEmpty() || service.stop() != null) {
      stopped |= control.stop(ServiceProcess.of(input.service(), service), context);
    }
    return new Result(stopped);
  }

  @Override
  public StepPlan.Effect effect() {
    return StepPlan.Effect.CANNOT_BE_UNDONE;
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    ServiceTarget service = environment.target(input.service(), ServiceTarget.class);
    return StepPlan.cannotBeUndone(
        input.service(),
        "Stop %s for good".formatted(service.describe()),
        String.valueOf(service.stop()));
  }
}
