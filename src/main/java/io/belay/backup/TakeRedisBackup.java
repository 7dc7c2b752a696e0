package io.belay.backup;

import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.target.Artifact;
import io.belay.target.Environment;
import io.belay.target.RedisTarget;
import jakarta.validation.constraints.NotBlank;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * {@code takeRedisBackup}: backs up a Redis server, all its databases, over the replication
 * protocol.
 *
 * @see RestoreRedisBackup
 */
@Component
public class TakeRedisBackup extends StepDelegate<TakeRedisBackup.Input, TakeRedisBackup.Result> {

  /** Name of the target. */
  public record Input(
      @NotBlank @DefaultValue("cache") @TargetName(RedisTarget.class) String cache) {}

  /** Id of the artifact, number of keys in all databases, size in bytes. */
  public record Result(String artifact, long keys, long bytes) {}

  private final RedisBackup backup;
  private final RedisMemory memory;

  TakeRedisBackup(RedisBackup backup, RedisMemory memory) {
    super(Input.class, Result.class);
    this.backup = backup;
    this.memory = memory;
  }

  @Override
  public Result perform(Input input, StepContext context) throws Exception {
    RedisTarget cache = context.target(input.cache(), RedisTarget.class);
    Artifact artifact = backup.take(input.cache(), cache, context);
    return new Result(artifact.id(), RdbContent.of(artifact).total(), artifact.size());
  }

  @Override
  public StepPlan.Effect effect() {
    return StepPlan.Effect.OBSERVES;
  }

  @Override
  public Backup backup() {
    return Backup.TAKES;
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    RedisTarget cache = environment.target(input.cache(), RedisTarget.class);
    return StepPlan.observes(
        input.cache(),
        "takes the RDB that %s sends to a new replica".formatted(cache.describe()),
        "PSYNC ? -1",
        "memory used there: " + BackupSpace.readable(memory.used(cache)));
  }
}
