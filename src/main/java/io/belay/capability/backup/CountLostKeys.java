package io.belay.capability.backup;

import com.fasterxml.jackson.annotation.JsonFormat;
import io.belay.capability.backup.RedisKeys.Difference;
import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.target.Environment;
import io.belay.target.FormerName;
import io.belay.target.RedisTarget;
import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * {@code countLostKeys}: counts what restoring the run's Redis backups would lose, by comparing
 * each key with its backup: keys added, changed or deleted since. A new expiry counts as a change.
 * A server that the undo would leave as it is loses nothing. Changes nothing.
 *
 * @see RestoreRedisBackup
 */
@Component
public class CountLostKeys extends StepDelegate<CountLostKeys.Input, CountLostKeys.Result> {

  /** Names of the targets. */
  public record Input(
      @FormerName("cache")
          @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
          @DefaultValue
          @TargetName(RedisTarget.class)
          List<String> caches) {}

  /**
   * @param keys written or deleted since the backup
   * @param report how many of each kind, with the names of some
   * @param reason one sentence
   */
  public record Result(long keys, String report, String reason) {}

  private final RedisRestore restore;

  CountLostKeys(RedisRestore restore) {
    super(Input.class, Result.class);
    this.restore = restore;
  }

  @Override
  public Result perform(Input input, StepContext context) {
    List<Result> found = new ArrayList<>();
    for (String cache : input.caches()) {
      RedisToPutBack.of(cache, context)
          .ifPresent(backup -> found.add(count(cache, backup, context)));
    }
    if (found.isEmpty()) {
      return new Result(0, "", "nothing is put back: the run changed nothing since its backup");
    }
    String report = String.join("\n", found.stream().map(Result::report).toList());
    context.log("A restore would lose: %s", report.replace("\n", "; "));
    return new Result(
        found.stream().mapToLong(Result::keys).sum(),
        report,
        String.join(". ", found.stream().map(Result::reason).toList()));
  }

  private Result count(String name, FinishedBackup backup, StepContext context) {
    RedisTarget cache = context.target(name, RedisTarget.class);
    RedisKeys keys = restore.compare(backup.artifact(), cache, context);
    String report =
        String.join(
            "\n",
            line("new since, would be removed", Difference.NEW, keys),
            line("changed since, would be as they were", Difference.CHANGED, keys),
            line("deleted since, would be there again", Difference.GONE, keys));
    return new Result(
        keys.differing(),
        report,
        "%d keys of %s were written or deleted since its backup of %s, by users or by this run, whose first change after it was %s"
            .formatted(
                keys.differing(),
                cache.describe(),
                backup.artifact().createdAt(),
                backup.since().step()));
  }

  private static String line(String what, Difference difference, RedisKeys keys) {
    List<String> samples = keys.samples(difference);
    String more = keys.count(difference) > samples.size() ? ", …" : "";
    return "%d %s%s"
        .formatted(
            keys.count(difference),
            what,
            samples.isEmpty() ? "" : ": " + String.join(", ", samples) + more);
  }

  @Override
  public StepPlan.Effect effect() {
    return StepPlan.Effect.OBSERVES;
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    return StepPlan.observes(
        String.join(", ", input.caches()),
        "counts the keys that were written or deleted since the backup",
        input.caches().stream()
            .map(cache -> environment.target(cache, RedisTarget.class).describe())
            .toArray(String[]::new));
  }
}
