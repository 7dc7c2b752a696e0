package io.belay.model.lint;

import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.step.StepPlan.Effect;
import io.belay.step.Undoes;
import io.belay.target.Environment;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import java.util.List;
import org.springframework.boot.context.properties.bind.DefaultValue;

/** Steps for the models below lint/good; the lint never runs them. */
final class TestSteps {

  private TestSteps() {}

  static List<StepDelegate<?, ?>> all() {
    return List.of(
        new ChangeThings(),
        new RestoreThings(),
        new LookAtThings(),
        new RemoveThings(),
        new AwaitStepsStopped());
  }

  abstract static class TestStep<I extends Record> extends StepDelegate<I, StepDelegate.Done> {

    private final Effect effect;

    TestStep(Class<I> input, Effect effect) {
      super(input, Done.class);
      this.effect = effect;
    }

    @Override
    public Effect effect() {
      return effect;
    }

    @Override
    public Done perform(I input, StepContext context) {
      throw new AssertionError("the lint must not run a step");
    }

    @Override
    public StepPlan plan(I input, Environment environment) {
      throw new AssertionError("the lint must not plan a step");
    }
  }

  static final class ChangeThings extends TestStep<ChangeThings.Input> {

    record Input(
        @NotBlank String things,
        @Min(0) @Max(100) @DefaultValue("0") int weight,
        @NotNull @DefaultValue("5s") Duration timeout) {}

    ChangeThings() {
      super(Input.class, Effect.CHANGES);
    }
  }

  static final class LookAtThings extends TestStep<LookAtThings.Input> {

    record Input(@NotBlank String things) {}

    LookAtThings() {
      super(Input.class, Effect.OBSERVES);
    }
  }

  record Nothing() {}

  @Undoes("changeThings")
  static final class RestoreThings extends TestStep<Nothing> {
    RestoreThings() {
      super(Nothing.class, Effect.CHANGES);
    }
  }

  static final class RemoveThings extends TestStep<Nothing> {
    RemoveThings() {
      super(Nothing.class, Effect.CANNOT_BE_UNDONE);
    }
  }

  static final class AwaitStepsStopped extends TestStep<Nothing> {
    AwaitStepsStopped() {
      super(Nothing.class, Effect.OBSERVES);
    }
  }
}
