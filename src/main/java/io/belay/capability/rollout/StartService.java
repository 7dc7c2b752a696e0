package io.belay.capability.rollout;

import io.belay.step.Checkpoint;
import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.target.Environment;
import io.belay.target.ServiceTarget;
import jakarta.validation.constraints.NotBlank;
import org.springframework.stereotype.Component;

/**
 * Deploys a service: runs its start command and waits until it is healthy. A service that already
 * runs is left alone.
 *
 * @see StopService its undo
 */
@Component
@Checkpoint(name = StartService.RAN_BEFORE, type = Boolean.class)
public final class StartService extends StepDelegate<StartService.Input, StartService.Result> {

  /** Whether the service ran before this run started it; saved for the undo. */
  static final String RAN_BEFORE = "ranBefore";

  /**
   * @param service name of the service target
   */
  public record Input(@NotBlank @TargetName(ServiceTarget.class) String service) {}

  /**
   * @param started whether this step started it
   */
  public record Result(boolean started) {}

  private final ServiceControl control;

  StartService(ServiceControl control) {
    super(Input.class, Result.class);
    this.control = control;
  }

  @Override
  public Result perform(Input input, StepContext context) {
    ServiceProcess process =
        ServiceProcess.of(input.service(), context.target(input.service(), ServiceTarget.class));
    boolean ranBefore =
        context
            .saved(RAN_BEFORE, Boolean.class)
            .orElseGet(() -> control.isRunning(process, context.cancellation()));
    context.save(RAN_BEFORE, ranBefore);
    control.start(process, context);
    return new Result(!ranBefore);
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    ServiceTarget service = environment.target(input.service(), ServiceTarget.class);
    return StepPlan.changes(
        input.service(),
        "Start %s and wait up to %d s until it is healthy"
            .formatted(service.describe(), service.startTimeout().toSeconds()),
        String.valueOf(service.start()));
  }
}
