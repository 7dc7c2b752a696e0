package io.belay.capability.rollout;

import io.belay.step.PastStep;
import io.belay.step.StepContext;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.step.UndoDelegate;
import io.belay.step.Undoes;
import io.belay.target.Environment;
import io.belay.target.ServiceTarget;
import jakarta.validation.constraints.NotBlank;
import java.util.List;
import org.springframework.stereotype.Component;

/**
 * Stops a service if this run started it; a service that ran before the run is left alone. Safe to
 * repeat, and if nothing was started.
 *
 * @see StartService what it undoes
 */
@Component
@Undoes("startService")
public final class StopService extends UndoDelegate<StopService.Input, StopService.Result> {

  /**
   * @param service name of the service target; {@code none} when there is none to stop
   */
  public record Input(@NotBlank @TargetName(ServiceTarget.class) String service) {}

  /**
   * @param stopped whether it had to be stopped
   */
  public record Result(boolean stopped) {}

  private final ServiceControl control;

  StopService(ServiceControl control) {
    super(Input.class, Result.class);
    this.control = control;
  }

  @Override
  protected boolean takesBack(Input input, PastStep past, Environment environment) {
    return past.input(StartService.Input.class).service().equals(input.service());
  }

  @Override
  protected Result takeBack(Input input, List<PastStep> starts, StepContext context) {
    boolean startedByThisRun =
        starts.stream()
            .anyMatch(past -> !past.saved(StartService.RAN_BEFORE, Boolean.class).orElse(true));
    if (!startedByThisRun) {
      context.log("service '%s' was not started by this run; it is left alone", input.service());
      return new Result(false);
    }
    ServiceTarget service = context.target(input.service(), ServiceTarget.class);
    return new Result(control.stop(ServiceProcess.of(input.service(), service), context));
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    if (input.service().equals(TargetName.NONE)) {
      return StepPlan.observes(input.service(), "no service to stop");
    }
    ServiceTarget service = environment.target(input.service(), ServiceTarget.class);
    return StepPlan.changes(
        input.service(),
        "Stop %s, if the run has started it".formatted(service.describe()),
        String.valueOf(service.stop()));
  }
}
