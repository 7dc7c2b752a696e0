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

/** The smoke test: each endpoint of a service must answer 2xx, or as it says. */
@Component
public final class ProbeEndpoints
    extends StepDelegate<ProbeEndpoints.Input, ProbeEndpoints.Result> {

  /**
   * @param service name of the service target
   * @param paths each begins with a slash, a status and a text in the body may follow; absent means
   *     the target's endpoints
   * @param required whether a service without any is refused
   */
  public record Input(
      @NotBlank @TargetName(ServiceTarget.class) String service,
      List<String> paths,
      @DefaultValue("true") boolean required) {}

  /**
   * @param verdict PASS, FAIL, or NO_DATA when there is no path to probe
   */
  public record Result(Verdict verdict, String reason, int passed, int failed) {}

  private final EndpointCheck check;

  ProbeEndpoints(EndpointCheck check) {
    super(Input.class, Result.class);
    this.check = check;
  }

  @Override
  public Result perform(Input input, StepContext context) {
    ServiceTarget service = context.target(input.service(), ServiceTarget.class);
    List<String> paths = paths(input, service);
    List<ServiceLocations.Location> locations =
        ServiceLocations.of(input.service(), service, context);
    if (!input.required() && paths.isEmpty()) {
      return new Result(
          Verdict.PASS, "service '%s' has no endpoints".formatted(input.service()), 0, 0);
    }
    int probes = paths.size() * locations.size();
    if (probes == 0) {
      return new Result(
          Verdict.NO_DATA, "service '%s' has no endpoints".formatted(input.service()), 0, 0);
    }
    Findings findings = check.check(service, locations, paths);
    return new Result(
        findings.verdict(),
        findings.reason("all %d endpoints answer".formatted(probes)),
        probes - findings.count(),
        findings.count());
  }

  @Override
  public List<String> check(Input input, Environment environment) {
    ServiceTarget service = environment.target(input.service(), ServiceTarget.class);
    return input.required() && paths(input, service).isEmpty()
        ? List.of("target '%s' names no endpoints".formatted(input.service()))
        : List.of();
  }

  private static List<String> paths(Input input, ServiceTarget service) {
    return input.paths() == null || input.paths().isEmpty() ? service.endpoints() : input.paths();
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
        "Request each endpoint of " + service.describe(),
        paths(input, service).stream().map(path -> "GET " + path).toArray(String[]::new));
  }
}
