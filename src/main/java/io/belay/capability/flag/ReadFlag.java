package io.belay.capability.flag;

import io.belay.split.Rollout;
import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.step.ValueStore;
import io.belay.target.Environment;
import io.belay.target.Weight;
import jakarta.validation.constraints.NotBlank;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** Tells who gets the new version behind a flag. Changes nothing. */
@Component
public final class ReadFlag extends StepDelegate<ReadFlag.Input, ReadFlag.Result> {

  /**
   * @param flag name of the flag target
   */
  public record Input(@NotBlank @TargetName(FlagTarget.class) String flag) {}

  /**
   * @param state {@code on}, {@code off}, {@code rollout}, {@code absent}, or {@code unknown} when
   *     the flag has a value that Belay does not write, or one that does not decide
   * @param percent of the users with a key; null when it is absent or unknown
   */
  public record Result(String state, Number percent) {}

  private final ValueStore.Opener stores;

  ReadFlag(ValueStore.Opener stores) {
    super(Input.class, Result.class);
    this.stores = stores;
  }

  @Override
  public StepPlan.Effect effect() {
    return StepPlan.Effect.OBSERVES;
  }

  @Override
  public Result perform(Input input, StepContext context) throws Exception {
    FlagTarget flag = context.target(input.flag(), FlagTarget.class);
    ValueStore store = stores.open(flag.values(), context, context.stepKey());
    Optional<String> problem = new FlagText(flag).problem(store);
    Result result =
        problem.isPresent()
            ? new Result("unknown", null)
            : result(flag, store.plain(List.of(flag.key())).get(flag.key()));
    context.log(
        "'%s' is %s%s",
        flag.name(),
        problem.map(why -> result.state() + ": " + why).orElse(result.state()),
        result.percent() == null ? "" : " (%s %%)".formatted(result.percent()));
    return result;
  }

  private static Result result(FlagTarget flag, String value) {
    FlagText text = new FlagText(flag);
    if (value == null) {
      return new Result("absent", null);
    }
    if (text.isEverybody(value)) {
      return new Result("on", 100);
    }
    if (text.isNobody(value)) {
      return new Result("off", 0);
    }
    Optional<Rollout> rollout = text.rollout(value);
    return rollout.isPresent()
        ? new Result("rollout", new Weight(rollout.get().hundredths()).number())
        : new Result("unknown", null);
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    return StepPlan.observes(
        input.flag(), "Read the " + environment.target(input.flag(), FlagTarget.class).describe());
  }
}
