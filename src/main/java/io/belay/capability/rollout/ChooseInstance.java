package io.belay.capability.rollout;

import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.target.Environment;
import io.belay.target.ServiceTarget;
import jakarta.validation.constraints.NotBlank;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * Chooses the instance that a rolling update replaces next: the first, in the environment's order,
 * that this run has not yet replaced.
 *
 * @see ReplaceInstance
 */
@Component
public final class ChooseInstance
    extends StepDelegate<ChooseInstance.Input, ChooseInstance.Result> {

  private static final int FEWEST = 2;

  /**
   * @param from service target of the old version
   */
  public record Input(@NotBlank @DefaultValue("v1") @TargetName(ServiceTarget.class) String from) {}

  /**
   * @param instance null when all are replaced
   * @param remaining how many are left to replace, this one included
   */
  public record Result(String instance, int remaining) {}

  ChooseInstance() {
    super(Input.class, Result.class);
  }

  @Override
  public Result perform(Input input, StepContext context) {
    // The environment may have changed since the run was started.
    requireCheck(input, context);
    Set<String> replaced =
        context.started(ReplaceInstance.class).stream()
            .filter(step -> step.result(ReplaceInstance.Result.class).isPresent())
            .map(step -> step.input(ReplaceInstance.Input.class).instance())
            .collect(Collectors.toSet());
    List<String> left =
        names(input, context.environment()).stream()
            .filter(name -> !replaced.contains(name))
            .toList();
    return new Result(left.isEmpty() ? null : left.get(0), left.size());
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    List<String> names = names(input, environment);
    return StepPlan.observes(
        input.from(), "Take the instances one by one: " + String.join(", ", names));
  }

  @Override
  public StepPlan.Effect effect() {
    return StepPlan.Effect.OBSERVES;
  }

  /**
   * Requires several instances: with only one, users would have no service while it is replaced.
   */
  @Override
  public List<String> check(Input input, Environment environment) {
    int instances = names(input, environment).size();
    return instances >= FEWEST
        ? List.of()
        : List.of(
            ("a rolling update needs at least %d instances of service '%s', of which one serves while"
                    + " another is replaced; environment '%s' lists %d. Use blue-green, or list them")
                .formatted(FEWEST, input.from(), environment.name(), instances));
  }

  private static List<String> names(Input input, Environment environment) {
    return environment.target(input.from(), ServiceTarget.class).instances().stream()
        .map(ServiceTarget.Instance::name)
        .toList();
  }
}
