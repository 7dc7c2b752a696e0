package io.belay.backup;

import io.belay.step.Checkpoint;
import io.belay.step.PastStep;
import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.step.Verdict;
import io.belay.target.Artifact;
import io.belay.target.Environment;
import io.belay.target.RedisTarget;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * {@code restoreRedisBackup}: makes the live server hold again what the run's backup holds, or
 * keeps it as it is (a cache that the old version can go on with). Fails when there is no finished
 * backup although the run went on; a run that never got past its backups changed nothing, so there
 * is nothing to take back.
 *
 * @see TakeRedisBackup
 */
@Component
@Checkpoint(name = RedisRestore.CHECKPOINT, type = RedisRestore.Outcome.class)
public class RestoreRedisBackup
    extends StepDelegate<RestoreRedisBackup.Input, RestoreRedisBackup.Result> {

  /** What becomes of the server. */
  public enum Mode {
    /** Nothing is touched, not even connected to. */
    KEEP,
    RESTORE
  }

  /** Name of the target. */
  public record Input(
      @NotBlank @DefaultValue("cache") @TargetName(RedisTarget.class) String cache,
      @NotNull @DefaultValue("KEEP") Mode mode) {}

  /** Whether anything had to be changed, and how many keys were put back or removed. */
  public record Result(boolean restored, long keys) {}

  private final RedisRestore restore;

  RestoreRedisBackup(RedisRestore restore) {
    super(Input.class, Result.class);
    this.restore = restore;
  }

  @Override
  public Result perform(Input input, StepContext context) {
    if (input.mode() == Mode.KEEP) {
      context.log("'%s' is kept as it is", input.cache());
      return new Result(false, 0);
    }
    if (!wentPastItsBackups(context)) {
      context.log("'%s' is kept as it is: the run did not get past its backups", input.cache());
      return new Result(false, 0);
    }
    RedisTarget cache = context.target(input.cache(), RedisTarget.class);
    Artifact artifact =
        FinishedBackup.of(
            "takeRedisBackup",
            input.cache(),
            past -> past.input(TakeRedisBackup.Input.class).cache().equals(input.cache()),
            RestoreRedisBackup::artifact,
            context);
    RedisRestore.Outcome outcome = restore.restore(artifact, cache, context);
    return new Result(outcome.changed() > 0, outcome.changed());
  }

  /** The undo of a backup phase that failed must not fail for want of that backup. */
  private static boolean wentPastItsBackups(StepContext context) {
    return context.started("takeRedisBackup").stream().anyMatch(past -> artifact(past) != null)
        || context.started("verifyBackup").stream()
            .flatMap(past -> past.result(VerifyBackup.Result.class).stream())
            .anyMatch(result -> result.verdict() == Verdict.PASS);
  }

  private static String artifact(PastStep past) {
    return past.result(TakeRedisBackup.Result.class)
        .map(TakeRedisBackup.Result::artifact)
        .orElse(null);
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    String cache = environment.target(input.cache(), RedisTarget.class).describe();
    return input.mode() == Mode.KEEP
        ? StepPlan.observes(input.cache(), "keeps %s as it is".formatted(cache))
        : StepPlan.changes(
            input.cache(),
            "makes %s hold again what the run's backup holds".formatted(cache),
            "RESTORE … REPLACE ABSTTL for keys that differ, UNLINK for keys that are not in it");
  }
}
