package io.belay.capability.check;

import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.target.Environment;
import io.belay.target.ServiceTarget;
import jakarta.validation.constraints.NotBlank;
import org.springframework.stereotype.Component;

/**
 * From here on the run's measurements of the candidate leave the baseline out: a person decided so,
 * because it is down or has no users. Changes no system, so there is nothing to take back.
 */
@Component
public final class JudgeAlone extends StepDelegate<JudgeAlone.Input, StepDelegate.Done> {

  /**
   * @param candidate service target of the new version
   * @param baseline service target of the old version
   */
  public record Input(
      @NotBlank @TargetName(ServiceTarget.class) String candidate,
      @NotBlank @TargetName(ServiceTarget.class) String baseline) {}

  JudgeAlone() {
    super(Input.class, Done.class);
  }

  /** Whether that was decided in this run. */
  static boolean isDecided(String candidate, String baseline, StepContext context) {
    return context.started(JudgeAlone.class).stream()
        .map(past -> past.input(Input.class))
        .anyMatch(new Input(candidate, baseline)::equals);
  }

  @Override
  public Done perform(Input input, StepContext context) {
    context.log("'%s' is judged by itself from here on", input.candidate());
    return new Done();
  }

  @Override
  public StepPlan.Effect effect() {
    return StepPlan.Effect.OBSERVES;
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    return StepPlan.observes(
        input.candidate(),
        "Judge '%s' by itself, if a person decides so".formatted(input.candidate()));
  }
}
