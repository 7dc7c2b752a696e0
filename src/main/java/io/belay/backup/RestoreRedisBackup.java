package io.belay.backup;

import io.belay.step.Checkpoint;
import io.belay.step.PastStep;
import io.belay.step.StepContext;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.step.UndoDelegate;
import io.belay.step.Undoes;
import io.belay.target.Environment;
import io.belay.target.RedisTarget;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import java.util.List;
import java.util.Optional;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * {@code restoreRedisBackup}: makes the live server hold again what the run's backup holds, or
 * keeps it as it is (a cache that the old version can go on with). It is also kept when the run
 * changed nothing after that backup, or never got past its backups: then there is nothing to take
 * back. Fails when there is no finished backup although the run went on.
 *
 * <p>What was written there since the backup is lost, whoever wrote it: ask a person first, with
 * {@link CountLostKeys}.
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

  /** Name of the target, and what becomes of it. */
  public record Input(
      @NotBlank @DefaultValue("cache") @TargetName(RedisTarget.class) String cache,
      @NotNull @DefaultValue("KEEP") Mode mode) {}

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
    return input.mode() == Mode.RESTORE && RedisToPutBack.isOf(input.cache(), past);
  }

  @Override
  protected Result takeBack(Input input, List<PastStep> backups, StepContext context) {
    if (input.mode() == Mode.KEEP) {
      context.log("'%s' is kept as it is", input.cache());
      return new Result(false, 0);
    }
    Optional<RedisToPutBack> backup = RedisToPutBack.of(input.cache(), context);
    if (backup.isEmpty()) {
      return new Result(false, 0);
    }
    RedisTarget cache = context.target(input.cache(), RedisTarget.class);
    RedisRestore.Outcome outcome = restore.restore(backup.get().artifact(), cache, context);
    return new Result(outcome.changed() > 0, outcome.changed());
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
