package io.belay.capability.check;

import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.step.Verdict;
import io.belay.target.Environment;
import io.belay.target.ServiceTarget;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import java.util.List;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/** Waits until a service is alive and ready for traffic. */
@Component
public final class AwaitHealthy extends StepDelegate<AwaitHealthy.Input, AwaitHealthy.Result> {

  /**
   * @param service name of the service target
   * @param timeout how long to wait
   */
  public record Input(
      @NotBlank @TargetName(ServiceTarget.class) String service,
      @NotNull @DefaultValue("60s") Duration timeout) {}

  /**
   * @param verdict PASS, or FAIL when the time is up
   */
  public record Result(Verdict verdict, String reason) {}

  private final EndpointCheck check;

  AwaitHealthy(EndpointCheck check) {
    super(Input.class, Result.class);
    this.check = check;
  }

  @Override
  public Result perform(Input input, StepContext context) throws InterruptedException {
    ServiceTarget service = context.target(input.service(), ServiceTarget.class);
    List<ServiceLocations.Location> locations =
        ServiceLocations.of(input.service(), service, context);
    if (locations.isEmpty()) {
      return new Result(
          Verdict.FAIL, "no instance of service '%s' is left".formatted(input.service()));
    }
    Findings findings =
        check.awaitHealthy(service, locations, input.timeout(), context.cancellation());
    return new Result(
        findings.verdict(), findings.reason("service '%s' is healthy".formatted(input.service())));
  }

  @Override
  public StepPlan.Effect effect() {
    return StepPlan.Effect.OBSERVES;
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    ServiceTarget service = environment.target(input.service(), ServiceTarget.class);
    return StepPlan.observes(
        input.service(),
        "Wait up to %d s until %s is healthy"
            .formatted(input.timeout().toSeconds(), service.describe()),
        "GET " + service.health(),
        "GET " + service.ready());
  }
}
