package io.belay.capability.measure;

import io.belay.command.Place;
import io.belay.command.Places;
import io.belay.step.Comparison;
import io.belay.step.Sample;
import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.step.Verdict;
import io.belay.target.CommandTarget;
import io.belay.target.Environment;
import io.belay.target.TargetDiffers;
import io.belay.target.TargetException;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * Waits until a number is as wanted in several samples one after the other, for example until a job
 * that was started elsewhere has ended. A sample that could not be measured begins the count anew.
 */
@Component
public final class AwaitCondition
    extends StepDelegate<AwaitCondition.Input, AwaitCondition.Result> {

  /**
   * @param number where it comes from; see {@link NumberSource}
   * @param condition what it must be, such as {@code <= 5}
   * @param samples how many samples one after the other must meet it
   * @param every time between two samples
   * @param timeout how long to wait in all
   * @param log command target whose output is kept when the time is up; {@code none} for no such
   */
  public record Input(
      @NotNull NumberSource number,
      @NotNull Comparison condition,
      @Min(1) @DefaultValue("3") int samples,
      @NotNull @DurationMin(seconds = 1) @DefaultValue("10s") Duration every,
      @NotNull @DefaultValue("10m") Duration timeout,
      @NotNull @DefaultValue(TargetName.NONE) @TargetName(CommandTarget.class) String log) {}

  /**
   * @param verdict PASS; FAIL when the time is up; NO_DATA when the last sample gave no number
   * @param number the last that was measured; null when there was none
   */
  public record Result(Verdict verdict, String reason, Double number) {}

  private final NumberReader reader;
  private final Places places;

  AwaitCondition(NumberReader reader, Places places) {
    super(Input.class, Result.class);
    this.reader = reader;
    this.places = places;
  }

  @Override
  public Result perform(Input input, StepContext context) throws InterruptedException {
    long end = System.nanoTime() + input.timeout().toNanos();
    int met = 0;
    while (true) {
      Double number = null;
      String failure = null;
      try {
        number = reader.read(input.number(), context);
        context.sample(
            List.of(new Sample(Instant.now(), "awaited", input.number().target(), number)));
      } catch (TargetDiffers another) {
        throw another;
      } catch (TargetException e) {
        failure = e.getMessage();
      }
      boolean holds = number != null && input.condition().holdsFor(number.toString());
      met = holds ? met + 1 : 0;
      String seen = number == null ? failure : "%s is %s".formatted(input.number(), number);
      context.progress().report(met, input.samples(), "samples as wanted", seen);
      if (met >= input.samples()) {
        return new Result(
            Verdict.PASS,
            "%s in %d samples one after the other (%s)".formatted(seen, met, input.condition()),
            number);
      }
      if (System.nanoTime() + input.every().toNanos() > end) {
        keepLog(input, context);
        return new Result(
            number == null ? Verdict.NO_DATA : Verdict.FAIL,
            "not %s in %d samples one after the other within %s; at last %s"
                .formatted(input.condition(), input.samples(), input.timeout(), seen),
            number);
      }
      context.cancellation().throwIfCancelled();
      TimeUnit.NANOSECONDS.sleep(input.every().toNanos());
    }
  }

  /** For whoever has to find out why; that it cannot be read changes nothing. */
  private void keepLog(Input input, StepContext context) {
    if (input.log().equals(TargetName.NONE)) {
      return;
    }
    try {
      CommandTarget log = context.target(input.log(), CommandTarget.class);
      for (Place place : places.of(log, context.environment())) {
        place
            .run(log.run(), context.commandEnvironment(), context.cancellation(), line -> {})
            .output()
            .lines()
            .forEach(context.commandLog());
      }
    } catch (TargetDiffers another) {
      throw another;
    } catch (TargetException e) {
      context.log("the log could not be read: %s", e.getMessage());
    }
  }

  @Override
  public List<String> check(Input input, Environment environment) {
    Optional<String> problem = NumberReader.problem(input.number(), environment);
    if (problem.isPresent()) {
      return List.of(problem.get());
    }
    return input.log().equals(TargetName.NONE)
        ? List.of()
        : environment.target(input.log(), CommandTarget.class).notForChecks(input.log()).stream()
            .toList();
  }

  @Override
  public StepPlan.Effect effect() {
    return StepPlan.Effect.OBSERVES;
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    return StepPlan.observes(
        input.number().target(),
        "Wait up to %d s until '%s' is %s"
            .formatted(input.timeout().toSeconds(), input.number(), input.condition()),
        "%d samples one after the other, one every %d ms"
            .formatted(input.samples(), input.every().toMillis()));
  }
}
