package io.belay.capability.check;

import io.belay.step.PastStep;
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
import java.util.List;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * Counts a gate's verdicts in a row, and says whether to go on measuring. Anything but PASS counts
 * as a failure and begins the count of passes anew; a PASS begins the count of failures anew. What
 * it counted before, it reads in the journal: the verdicts of this gate in this phase, since the
 * gate last decided. After a measurement that led to no verdict, because a person had to decide,
 * passes and time begin anew.
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
   * @param allowedFailures in a row; one more ends the gate as failed
   * @param requiredPasses in a row
   * @param duration how long the gate watches, counted from the first verdict, or from the first
   *     after a person decided; absent or zero means that it may pass at once
   */
  public record Input(
      @NotNull Verdict verdict,
      @Min(0) @DefaultValue("0") int allowedFailures,
      @Min(1) @DefaultValue("1") int requiredPasses,
      Duration duration) {}

  /**
   * @param failures in a row
   * @param passes in a row
   * @param until ISO instant before which the gate does not pass; null when it may pass at once
   */
  public record Result(Decision decision, int failures, int passes, String until, String reason) {}

  private static final Result NOTHING = new Result(Decision.CONTINUE, 0, 0, null, "");

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
    Result before = before(context);
    boolean passed = input.verdict() == Verdict.PASS;
    int failures = passed ? 0 : before.failures() + 1;
    int passes = passed ? before.passes() + 1 : 0;
    Instant end = end(input, before);
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

  /** What the gate's last verdict led to; a gate that has decided begins anew. */
  private static Result before(StepContext context) {
    List<PastStep> turns = context.earlierTurns();
    if (turns.isEmpty()) {
      return NOTHING;
    }
    PastStep last = turns.get(turns.size() - 1);
    long measured =
        context.started(MeasureHealth.class).stream()
            .filter(measurement -> measurement.position() > last.position())
            .count();
    return last.result(Result.class)
        .filter(result -> result.decision() == Decision.CONTINUE)
        .map(
            result ->
                measured <= 1
                    ? result
                    : new Result(Decision.CONTINUE, result.failures(), 0, null, ""))
        .orElse(NOTHING);
  }

  /** Null when the gate may pass at once. */
  private Instant end(Input input, Result before) {
    if (before.until() != null) {
      return Instant.parse(before.until());
    }
    return input.duration() == null || input.duration().isZero()
        ? null
        : clock.instant().plus(input.duration());
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
                input.duration() == null || input.duration().isZero()
                    ? ""
                    : ", not before " + input.duration() + " have passed",
                input.allowedFailures()));
  }
}
