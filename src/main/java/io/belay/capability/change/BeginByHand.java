package io.belay.capability.change;

import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.target.Environment;
import jakarta.validation.constraints.NotBlank;
import org.springframework.stereotype.Component;

/**
 * Records that a person is about to change something by hand. From here on it has to be taken back,
 * also when the person is never heard of again.
 *
 * @see ConfirmTakenBack
 */
@Component
public final class BeginByHand extends StepDelegate<BeginByHand.Input, StepDelegate.Done> {

  /**
   * @param work what the person does, in a few words
   */
  public record Input(@NotBlank String work) {}

  BeginByHand() {
    super(Input.class, Done.class);
  }

  @Override
  public Done perform(Input input, StepContext context) {
    context.log("a person begins: %s", input.work());
    return new Done();
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    return StepPlan.changes("", "A person does by hand: " + input.work());
  }
}
