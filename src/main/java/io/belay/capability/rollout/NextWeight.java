package io.belay.capability.rollout;

import io.belay.step.BusinessStop;
import io.belay.step.ItemOf;
import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.target.Environment;
import io.belay.target.Weight;
import jakarta.validation.constraints.NotEmpty;
import java.util.List;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/** Chooses the share of the traffic or of the users that the new version gets next. */
@Component
public final class NextWeight extends StepDelegate<NextWeight.Input, NextWeight.Result> {

  /**
   * @param weights percentages, ascending
   * @param current the share that it has now
   */
  public record Input(@NotEmpty List<Weight> weights, @DefaultValue("0") Weight current) {}

  /**
   * @param last whether no larger one follows
   */
  public record Result(@ItemOf("weights") Weight weight, boolean last) {}

  NextWeight() {
    super(Input.class, Result.class);
  }

  @Override
  public Result perform(Input input, StepContext context) {
    List<Weight> larger =
        input.weights().stream().filter(weight -> weight.compareTo(input.current()) > 0).toList();
    if (larger.isEmpty()) {
      throw new BusinessStop(
          "none of the weights %s is above %s".formatted(input.weights(), input.current()));
    }
    return new Result(larger.get(0), larger.size() == 1);
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    return StepPlan.observes("", "Go through the weights " + input.weights());
  }

  @Override
  public StepPlan.Effect effect() {
    return StepPlan.Effect.OBSERVES;
  }
}
