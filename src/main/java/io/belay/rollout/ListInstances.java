package io.belay.rollout;

import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.target.Environment;
import io.belay.target.ServiceTarget;
import jakarta.validation.constraints.NotBlank;
import java.util.List;
import org.springframework.stereotype.Component;

/**
 * Says which instances of a service a rolling update has to replace, in the environment's order.
 */
@Component
public final class ListInstances extends StepDelegate<ListInstances.Input, ListInstances.Result> {

  /**
   * @param service name of the service target
   */
  public record Input(@NotBlank String service) {}

  /**
   * @param instances names, separated by commas; empty when the service has none
   */
  public record Result(String instances, int count) {}

  ListInstances() {
    super(Input.class, Result.class);
  }

  @Override
  public Result perform(Input input, StepContext context) {
    List<String> names = names(input, context.environment());
    return new Result(String.join(",", names), names.size());
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    List<String> names = names(input, environment);
    return StepPlan.observes(
        input.service(), "List the instances: " + (names.isEmpty() ? "none" : names));
  }

  private static List<String> names(Input input, Environment environment) {
    return environment.target(input.service(), ServiceTarget.class).instances().stream()
        .map(ServiceTarget.Instance::name)
        .toList();
  }
}
