package io.belay.capability.configuration;

import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.step.Verdict;
import io.belay.target.Environment;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * Compares the {@code .env} files of the old and the new version. Each finding is in the run's log,
 * with values only as hashes. {@code FAIL} when a required key is missing or empty, {@code
 * INCONCLUSIVE} when a line is not understood, {@code NO_DATA} when the old file does not exist or
 * has no key. Changes nothing.
 *
 * @see ConfigurationReview
 */
@Component
public class ReviewConfiguration
    extends StepDelegate<ReviewConfiguration.Input, ReviewConfiguration.Result> {

  /**
   * @param configuration name of the target; {@code none} when there is nothing to review
   */
  public record Input(
      @DefaultValue(TargetName.NONE) @TargetName(ConfigurationTarget.class) String configuration) {}

  public record Result(
      Verdict verdict, String reason, int missing, int unknown, int empty, int changed) {}

  ReviewConfiguration() {
    super(Input.class, Result.class);
  }

  @Override
  public Result perform(Input input, StepContext context) throws IOException {
    if (input.configuration().equals(TargetName.NONE)) {
      return new Result(Verdict.PASS, "there is no configuration to review", 0, 0, 0, 0);
    }
    ConfigurationTarget target = context.target(input.configuration(), ConfigurationTarget.class);
    Optional<ConfigurationFile> baseline = ConfigurationFile.read(target.baseline());
    if (baseline.isEmpty()) {
      return noData("the baseline %s does not exist, so there is nothing to compare with", target);
    }
    EnvFile before = EnvFile.parse(baseline.get().content(), target.dialect());
    if (before.entries().isEmpty() && before.problems().isEmpty()) {
      return noData("the baseline %s has no key, so there is nothing to compare with", target);
    }
    Optional<ConfigurationFile> candidate = ConfigurationFile.read(target.candidate());
    if (candidate.isEmpty()) {
      context.log("The candidate %s does not exist", target.candidate());
    }
    ConfigurationReview review =
        ConfigurationReview.of(
            target,
            before,
            EnvFile.parse(
                candidate.map(ConfigurationFile::content).orElse(new byte[0]), target.dialect()));
    review.findings().forEach(finding -> context.log("Configuration: %s", finding));
    return new Result(
        review.verdict(),
        reason(review),
        review.missing().size(),
        review.unknown().size(),
        review.empty().size(),
        review.changed().size());
  }

  private static Result noData(String why, ConfigurationTarget target) {
    return new Result(Verdict.NO_DATA, why.formatted(target.baseline()), 0, 0, 0, 0);
  }

  private static String reason(ConfigurationReview review) {
    List<String> parts = new ArrayList<>();
    part(parts, "missing", review.missing());
    part(parts, "empty", review.empty());
    part(parts, "referring to a renamed key", review.dangling());
    part(parts, "not understood", review.problems());
    part(parts, "unknown", review.unknown());
    part(parts, "changed", review.changed());
    String reason =
        parts.isEmpty() ? "nothing missing, empty or unknown" : String.join("; ", parts);
    return reason.length() <= 500 ? reason : reason.substring(0, 497) + "...";
  }

  private static void part(List<String> parts, String what, List<String> keys) {
    if (!keys.isEmpty()) {
      parts.add("%d %s: %s".formatted(keys.size(), what, String.join(", ", keys)));
    }
  }

  @Override
  public StepPlan.Effect effect() {
    return StepPlan.Effect.OBSERVES;
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    if (input.configuration().equals(TargetName.NONE)) {
      return StepPlan.observes(input.configuration(), "no configuration to review");
    }
    ConfigurationTarget target =
        environment.target(input.configuration(), ConfigurationTarget.class);
    return StepPlan.observes(
        input.configuration(),
        "compare %s with %s".formatted(target.baseline(), target.candidate()),
        "renamed: " + target.renames(),
        "added: " + target.added(),
        "optional: " + target.optional());
  }
}
