package io.belay.capability.change;

import io.belay.step.PastStep;
import io.belay.step.StepContext;
import io.belay.step.StepPlan;
import io.belay.step.UndoDelegate;
import io.belay.step.Undoes;
import io.belay.target.Environment;
import io.belay.target.TargetException;
import jakarta.validation.constraints.NotBlank;
import java.util.List;
import org.springframework.stereotype.Component;

/**
 * Records that a person has taken back what was done by hand. It stands behind the user task that
 * asks for it by name.
 *
 * @see BeginByHand
 */
@Component
@Undoes("beginByHand")
public final class ConfirmTakenBack
    extends UndoDelegate<ConfirmTakenBack.Input, ConfirmTakenBack.Result> {

  /**
   * @param work as {@link BeginByHand} was given it
   * @param confirmed what the person said in the task's form
   */
  public record Input(@NotBlank String work, boolean confirmed) {}

  /**
   * @param confirmed how many executions the person has taken back
   */
  public record Result(int confirmed) {}

  ConfirmTakenBack() {
    super(Input.class, Result.class);
  }

  @Override
  protected boolean takesBack(Input input, PastStep past, Environment environment) {
    return past.input(BeginByHand.Input.class).work().equals(input.work());
  }

  @Override
  protected Result takeBack(Input input, List<PastStep> executions, StepContext context) {
    if (!input.confirmed() && !executions.isEmpty()) {
      throw new TargetException(
          "nobody has confirmed that '%s' was taken back, so it still stands. Take it back by hand, then override this step with a reason"
              .formatted(input.work()));
    }
    return new Result(executions.size());
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    return StepPlan.changes("", "A person takes back by hand: " + input.work());
  }
}
