package io.belay.check;

import io.belay.step.InvalidStepInput;
import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.step.Verdict;
import io.belay.target.Environment;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * Counts a gate's verdicts in a row, and says whether to go on measuring. Anything but PASS counts
 * as a failure and begins the count of passes anew; a PASS begins the count of failures anew.
 */
@Component
public final class TallyVerdict extends StepDelegate<TallyVerdict.Input, TallyVerdict.Result> {

  /** What the gate does next. */
  public enum Decision {
    /** Measure again. */
    CONTINUE,
    PASS,
    FAIL
  }

  /**
   * @param verdict of the measurement just made
   * @param failures in a row before it
   * @param passes in a row before it
   * @param allowedFailures in a row; one more ends the gate as failed
   * @param requiredPasses in a row
   * @param until ISO instant before which the gate does not pass; absent or empty on the first call
   * @param duration how long the gate watches, counted from the first call; absent means that it
   *     may pass at once
   */
  public record Input(
      @NotNull Verdict verdict,
      @Min(0) int failures,
      @Min(0) int passes,
      @Min(0) @DefaultValue("0") int allowedFailures,
      @Min(1) @DefaultValue("1") int requiredPasses,
      String until,
      Duration duration) {}

  /**
   * @param until for the next call; null when the gate does not watch for a time
   */
  public record Result(Decision decision, int failures, int passes, String until, String reason) {}

  private final Clock clock;

  public TallyVerdict() {
    this(Clock.systemUTC());
  }

  TallyVerdict(Clock clock) {
    super(Input.class, Result.class);
    this.clock = clock;
  }

  @Override
  public Result perform(Input input, StepContext context) {
    boolean passed = input.verdict() == Verdict.PASS;
    int failures = passed ? 0 : input.failures() + 1;
    int passes = passed ? input.passes() + 1 : 0;
    Instant end = end(input);
    String until = end == null ? null : end.toString();
    if (failures > input.allowedFailures()) {
      return new Result(
          Decision.FAIL,
          failures,
          passes,
          until,
          "%d in a row did not pass (last: %s), %d are allowed"
              .formatted(failures, input.verdict(), input.allowedFailures()));
    }
    boolean soaked = end == null || !clock.instant().isBefore(end);
    if (passes >= input.requiredPasses() && soaked) {
      return new Result(
          Decision.PASS,
          failures,
          passes,
          until,
          "%d in a row passed, %d are needed".formatted(passes, input.requiredPasses()));
    }
    return new Result(
        Decision.CONTINUE,
        failures,
        passes,
        until,
        "%d of %d passes in a row, %d of %d allowed failures%s"
            .formatted(
                passes,
                input.requiredPasses(),
                failures,
                input.allowedFailures(),
                soaked ? "" : ", to be watched until " + until));
  }

  /** Null when the gate may pass at once. */
  private Instant end(Input input) {
    if (input.until() == null || input.until().isBlank()) {
      return input.duration() == null ? null : clock.instant().plus(input.duration());
    }
    try {
      return Instant.parse(input.until());
    } catch (DateTimeParseException e) {
      throw new InvalidStepInput(
          "tallyVerdict: until '%s' is not an ISO instant such as 2030-01-31T12:00:00Z"
              .formatted(input.until()),
          e);
    }
  }

  @Override
  public StepPlan.Effect effect() {
    return StepPlan.Effect.OBSERVES;
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    return StepPlan.observes(
        "",
        "Pass after %d good verdicts in a row%s, fail after more than %d others in a row"
            .formatted(
                input.requiredPasses(),
                input.duration() == null ? "" : ", not before " + input.duration() + " have passed",
                input.allowedFailures()));
  }
}
