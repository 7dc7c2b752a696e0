package io.belay.backup;

import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.step.Verdict;
import io.belay.target.Environment;
import io.belay.target.PostgresTarget;
import io.belay.target.RedisTarget;
import jakarta.validation.constraints.NotBlank;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/** {@code checkBackupSpace}: is there room for the backups? Sizes in bytes; changes nothing. */
@Component
public class CheckBackupSpace
    extends StepDelegate<CheckBackupSpace.Input, CheckBackupSpace.Result> {

  /** Names of the targets that will be backed up. */
  public record Input(
      @NotBlank @DefaultValue("database") @TargetName(PostgresTarget.class) String database,
      @NotBlank @DefaultValue("cache") @TargetName(RedisTarget.class) String cache) {}

  /** {@code PASS} or {@code FAIL}. */
  public record Result(Verdict verdict, String reason, long neededBytes, long freeBytes) {}

  private final BackupSpace space;

  CheckBackupSpace(BackupSpace space) {
    super(Input.class, Result.class);
    this.space = space;
  }

  @Override
  public Result perform(Input input, StepContext context) {
    long needed = needed(input, context.environment());
    long free = context.artifacts().freeBytes();
    return new Result(
        free >= needed ? Verdict.PASS : Verdict.FAIL,
        "backups need up to %s, %s are free where artifacts are kept"
            .formatted(BackupSpace.readable(needed), BackupSpace.readable(free)),
        needed,
        free);
  }

  @Override
  public StepPlan.Effect effect() {
    return StepPlan.Effect.OBSERVES;
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    return StepPlan.observes(
        input.database(),
        "compares what the backups need at most with the free space for artifacts",
        "needed: " + BackupSpace.readable(needed(input, environment)));
  }

  private long needed(Input input, Environment environment) {
    return space.needed(
        environment.target(input.database(), PostgresTarget.class),
        environment.target(input.cache(), RedisTarget.class));
  }
}
