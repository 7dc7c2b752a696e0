package io.belay.backup;

import io.belay.step.Checkpoint;
import io.belay.step.PastStep;
import io.belay.step.StepContext;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.step.UndoDelegate;
import io.belay.step.Undoes;
import io.belay.step.Verdict;
import io.belay.target.Artifact;
import io.belay.target.Environment;
import io.belay.target.RedisTarget;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.NotNull;
import java.util.List;
import java.util.Optional;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * {@code restoreRedisBackup}: makes the live server hold again what the run's backup holds, or
 * keeps it as it is (a cache that the old version can go on with). It is also kept when no step
 * began after the backup that lets something of the run write there: all that differs then is what
 * the users of the old version wrote, and an undo takes back what the run did, no more. Fails when
 * there is no finished backup although the run went on; a run that never got past its backups
 * changed nothing, so there is nothing to take back.
 *
 * @see TakeRedisBackup
 */
@Component
@Undoes("takeRedisBackup")
@Checkpoint(name = RedisRestore.CHECKPOINT, type = RedisRestore.Outcome.class)
public class RestoreRedisBackup
    extends UndoDelegate<RestoreRedisBackup.Input, RestoreRedisBackup.Result> {

  /** What becomes of the server. */
  public enum Mode {
    /** Nothing is touched, not even connected to. */
    KEEP,
    RESTORE
  }

  /**
   * Name of the target, what becomes of it, and the names of the steps after which something of the
   * run may have written there.
   */
  public record Input(
      @NotBlank @DefaultValue("cache") @TargetName(RedisTarget.class) String cache,
      @NotNull @DefaultValue("KEEP") Mode mode,
      @NotEmpty
          @DefaultValue({
            "applySchema",
            "startService",
            "shiftTraffic",
            "replaceInstance",
            "runCommand"
          })
          List<String> writers) {}

  /** Whether anything had to be changed, and how many keys were put back or removed. */
  public record Result(boolean restored, long keys) {}

  private final RedisRestore restore;
  private final RedisMemory memory;

  RestoreRedisBackup(RedisRestore restore, RedisMemory memory) {
    super(Input.class, Result.class);
    this.restore = restore;
    this.memory = memory;
  }

  @Override
  protected boolean takesBack(Input input, PastStep past, Environment environment) {
    return input.mode() == Mode.RESTORE && isOf(input.cache(), past);
  }

  private static boolean isOf(String cache, PastStep backup) {
    return backup.input(TakeRedisBackup.Input.class).cache().equals(cache);
  }

  @Override
  protected Result takeBack(Input input, List<PastStep> backups, StepContext context) {
    if (input.mode() == Mode.KEEP) {
      context.log("'%s' is kept as it is", input.cache());
      return new Result(false, 0);
    }
    if (!wentPastItsBackups(context)) {
      context.log("'%s' is kept as it is: the run did not get past its backups", input.cache());
      return new Result(false, 0);
    }
    if (firstWriter(input, backups, context).isEmpty()) {
      context.log(
          "'%s' is kept as it is: since its backup none of %s began, so all that differs is what others wrote",
          input.cache(), input.writers());
      return new Result(false, 0);
    }
    RedisTarget cache = context.target(input.cache(), RedisTarget.class);
    Artifact artifact =
        FinishedBackup.of(
            "takeRedisBackup",
            input.cache(),
            past -> isOf(input.cache(), past),
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

  /**
   * The first step since the backup that lets something of the run write to the server. Where the
   * backup is not known to have begun, each counts.
   */
  private static Optional<PastStep> firstWriter(
      Input input, List<PastStep> backups, StepContext context) {
    long backup = backups.stream().mapToLong(PastStep::position).max().orElse(0);
    return input.writers().stream()
        .flatMap(step -> context.started(step).stream())
        .filter(past -> past.position() > backup)
        .findFirst();
  }

  private static String artifact(PastStep past) {
    return past.result(TakeRedisBackup.Result.class)
        .map(TakeRedisBackup.Result::artifact)
        .orElse(null);
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    RedisTarget cache = environment.target(input.cache(), RedisTarget.class);
    return input.mode() == Mode.KEEP
        ? StepPlan.observes(input.cache(), "keeps %s as it is".formatted(cache.describe()))
        : StepPlan.changes(
            input.cache(),
            "makes %s hold again what the run's backup holds".formatted(cache.describe()),
            "RESTORE … REPLACE ABSTTL for keys that differ, UNLINK for keys that are not in it",
            "memory there: " + memory.state(cache).describe());
  }
}
