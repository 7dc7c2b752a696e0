package io.belay.capability.backup;

import com.fasterxml.jackson.annotation.JsonFormat;
import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.step.Verdict;
import io.belay.target.Environment;
import io.belay.target.FormerName;
import io.belay.target.PostgresTarget;
import io.belay.target.RedisTarget;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * {@code checkBackupSpace}: whether there is room for the backups. Sizes in bytes; changes nothing.
 */
@Component
public class CheckBackupSpace
    extends StepDelegate<CheckBackupSpace.Input, CheckBackupSpace.Result> {

  /** Names of the targets that will be backed up. */
  public record Input(
      @FormerName("database")
          @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
          @DefaultValue
          @TargetName(PostgresTarget.class)
          List<String> databases,
      @FormerName("cache")
          @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
          @DefaultValue
          @TargetName(RedisTarget.class)
          List<String> caches) {}

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
        String.join(
            ", ", Stream.of(input.databases(), input.caches()).flatMap(List::stream).toList()),
        "compares what the backups need at most with the free space for artifacts",
        "needed: " + BackupSpace.readable(needed(input, environment)));
  }

  private long needed(Input input, Environment environment) {
    return space.needed(
        input.databases().stream()
            .map(name -> environment.target(name, PostgresTarget.class))
            .toList(),
        input.caches().stream().map(name -> environment.target(name, RedisTarget.class)).toList());
  }
}
