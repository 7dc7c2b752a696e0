package io.belay.capability.check;

import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.step.Verdict;
import io.belay.target.Environment;
import io.belay.target.ServiceTarget;
import jakarta.validation.constraints.NotBlank;
import java.util.List;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/** Asks a service whether it reaches what it is integrated with (the AI service, …). */
@Component
public final class CheckIntegrations
    extends StepDelegate<CheckIntegrations.Input, CheckIntegrations.Result> {

  /**
   * @param service name of the service target
   * @param required whether a service whose target names no integrations is refused
   */
  public record Input(
      @NotBlank @TargetName(ServiceTarget.class) String service,
      @DefaultValue("true") boolean required) {}

  /**
   * @param verdict PASS, FAIL, or NO_DATA when there is nothing to ask
   * @param down how many integrations do not answer 2xx
   */
  public record Result(Verdict verdict, String reason, int down) {}

  private final EndpointCheck check;

  CheckIntegrations(EndpointCheck check) {
    super(Input.class, Result.class);
    this.check = check;
  }

  @Override
  public Result perform(Input input, StepContext context) {
    ServiceTarget service = context.target(input.service(), ServiceTarget.class);
    List<ServiceLocations.Location> locations =
        ServiceLocations.of(input.service(), service, context);
    if (!input.required() && service.integrations().isEmpty()) {
      return new Result(
          Verdict.PASS, "service '%s' has no integrations".formatted(input.service()), 0);
    }
    if (service.integrations().isEmpty() || locations.isEmpty()) {
      return new Result(
          Verdict.NO_DATA, "service '%s' names no integrations".formatted(input.service()), 0);
    }
    Findings findings = check.check(service, locations, service.integrations());
    return new Result(
        findings.verdict(),
        findings.reason("all %d integrations answer".formatted(service.integrations().size())),
        findings.count());
  }

  @Override
  public List<String> check(Input input, Environment environment) {
    ServiceTarget service = environment.target(input.service(), ServiceTarget.class);
    return input.required() && service.integrations().isEmpty()
        ? List.of("target '%s' names no integrations".formatted(input.service()))
        : List.of();
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
        "Ask %s for its integrations".formatted(service.describe()),
        service.integrations().stream().map(path -> "GET " + path).toArray(String[]::new));
  }
}
