package io.belay.capability.backup;

import com.fasterxml.jackson.annotation.JsonFormat;
import io.belay.artifact.Artifact;
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
 * {@code takeRedisBackup}: backs up Redis servers one after the other, all databases of each, over
 * the replication protocol. When repeated after a crash, keeps existing backups.
 *
 * @see RestoreRedisBackup
 */
@Component
public class TakeRedisBackup extends StepDelegate<TakeRedisBackup.Input, TakeRedisBackup.Result> {

  /** Names of the targets; none to back up nothing. */
  public record Input(
      @FormerName("cache")
          @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
          @DefaultValue
          @TargetName(RedisTarget.class)
          List<String> caches) {}

  /**
   * @param artifacts their ids, for people
   * @param keys in all databases
   * @param bytes of all artifacts
   */
  public record Result(@FormerName("artifact") String artifacts, long keys, long bytes) {}

  private final RedisBackup backup;
  private final RedisMemory memory;

  TakeRedisBackup(RedisBackup backup, RedisMemory memory) {
    super(Input.class, Result.class);
    this.backup = backup;
    this.memory = memory;
  }

  @Override
  public Result perform(Input input, StepContext context) throws Exception {
    List<Artifact> taken = new ArrayList<>();
    for (String name : input.caches()) {
      taken.add(backup.take(name, context.target(name, RedisTarget.class), context));
    }
    return new Result(
        FinishedBackup.ids(taken),
        taken.stream().map(RdbContent::of).mapToLong(RdbContent::total).sum(),
        FinishedBackup.bytes(taken));
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
    List<String> details = new ArrayList<>();
    details.add("PSYNC ? -1");
    for (String name : input.caches()) {
      RedisTarget cache = environment.target(name, RedisTarget.class);
      details.add(
          "memory used by %s: %s"
              .formatted(cache.describe(), BackupSpace.readable(memory.used(cache))));
    }
    return input.caches().isEmpty()
        ? StepPlan.observes("", "no Redis server to back up")
        : StepPlan.observes(
            String.join(", ", input.caches()),
            "takes the RDB that each server sends to a new replica",
            details.toArray(String[]::new));
  }
}
