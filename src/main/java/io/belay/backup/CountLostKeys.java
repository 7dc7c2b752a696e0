package io.belay.backup;

import io.belay.backup.RedisKeys.Difference;
import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.target.Environment;
import io.belay.target.RedisTarget;
import jakarta.validation.constraints.NotBlank;
import java.util.List;
import java.util.Optional;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * {@code countLostKeys}: tells what putting the run's Redis backup back would lose, by comparing
 * each key with the backup: keys that are new since, changed since, or deleted since. A new expiry
 * counts as a change. Nothing is lost when the undo would leave the server as it is. Changes
 * nothing.
 *
 * @see RestoreRedisBackup
 */
@Component
public class CountLostKeys extends StepDelegate<CountLostKeys.Input, CountLostKeys.Result> {

  /** Name of the target. */
  public record Input(
      @NotBlank @DefaultValue("cache") @TargetName(RedisTarget.class) String cache) {}

  /**
   * @param keys that were written or deleted since the backup
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
    Optional<RedisToPutBack> backup = RedisToPutBack.of(input.cache(), context);
    if (backup.isEmpty()) {
      return new Result(0, "", "nothing is put back: the run changed nothing since its backup");
    }
    RedisTarget cache = context.target(input.cache(), RedisTarget.class);
    RedisKeys keys = restore.compare(backup.get().artifact(), cache, context);
    String report =
        String.join(
            "\n",
            line("new since, would be removed", Difference.NEW, keys),
            line("changed since, would be as they were", Difference.CHANGED, keys),
            line("deleted since, would be there again", Difference.GONE, keys));
    context.log("A restore would lose: %s", report.replace("\n", "; "));
    return new Result(
        keys.differing(),
        report,
        "%d keys of %s were written or deleted since its backup of %s, by users or by this run, whose first change after it was %s"
            .formatted(
                keys.differing(),
                cache.describe(),
                backup.get().artifact().createdAt(),
                backup.get().since().step()));
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
        input.cache(),
        "counts the keys of %s that were written or deleted since its backup"
            .formatted(environment.target(input.cache(), RedisTarget.class).describe()));
  }
}
