package io.belay.capability.check;

import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.step.Verdict;
import io.belay.target.Environment;
import io.belay.target.Target;
import java.util.List;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * Checks that every system which the runbook needs is reachable and of a supported version. Names
 * every problem at once.
 */
@Component
public final class CheckDependencies
    extends StepDelegate<CheckDependencies.Input, CheckDependencies.Result> {

  /**
   * @param targets names of PostgreSQL, Redis, MongoDB or service targets; none when the runbook
   *     needs no other system
   */
  public record Input(@DefaultValue @TargetName(Target.class) List<String> targets) {}

  /**
   * @param verdict PASS or FAIL
   */
  public record Result(Verdict verdict, String reason) {}

  private final DependencyCheck check;

  CheckDependencies(DependencyCheck check) {
    super(Input.class, Result.class);
    this.check = check;
  }

  @Override
  public Result perform(Input input, StepContext context) {
    DependencyCheck.Outcome outcome = check.check(input.targets(), context.environment());
    return new Result(
        outcome.findings().verdict(),
        outcome
            .findings()
            .reason(
                input.targets().isEmpty()
                    ? "no other system is needed"
                    : "there and supported: " + String.join(", ", outcome.there())));
  }

  @Override
  public StepPlan.Effect effect() {
    return StepPlan.Effect.OBSERVES;
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    return StepPlan.observes(
        String.join(", ", input.targets()),
        "Connect to each, ask for its version",
        input.targets().stream()
            .map(name -> environment.target(name, Target.class).describe())
            .toArray(String[]::new));
  }
}
