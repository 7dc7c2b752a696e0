package io.belay.capability.backup;

import com.fasterxml.jackson.annotation.JsonFormat;
import io.belay.step.Checkpoint;
import io.belay.step.PastStep;
import io.belay.step.StepContext;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.step.UndoDelegate;
import io.belay.step.Undoes;
import io.belay.target.Environment;
import io.belay.target.FormerName;
import io.belay.target.RedisTarget;
import jakarta.validation.constraints.NotNull;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * {@code restoreRedisBackup}: restores live servers to the run's backups, or keeps them as they are
 * (caches that the old version can continue to use). Also keeps a server if the run changed nothing
 * after its backup, or never got past it: then there is nothing to undo. Fails if there is no
 * finished backup although the run continued. A repeated step does not restore a server again.
 *
 * <p>All writes since the backup are lost, whoever made them: ask a person first, with {@link
 * CountLostKeys}.
 *
 * @see TakeRedisBackup
 */
@Component
@Undoes("takeRedisBackup")
@Checkpoint(name = RedisRestore.CHECKPOINT, type = RedisRestore.Outcome.class)
@Checkpoint(name = RestoreRedisBackup.PUT_BACK, type = RestoreRedisBackup.PutBack.class)
public class RestoreRedisBackup
    extends UndoDelegate<RestoreRedisBackup.Input, RestoreRedisBackup.Result> {

  static final String PUT_BACK = "putBack";

  /** How many keys were restored or removed, by server that is done. */
  record PutBack(Map<String, Long> keys) {}

  /** What to do with the servers. */
  public enum Mode {
    /** Touch nothing; do not even connect. */
    KEEP,
    RESTORE
  }

  /** Names of the targets, and what to do with them. */
  public record Input(
      @FormerName("cache")
          @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
          @DefaultValue
          @TargetName(RedisTarget.class)
          List<String> caches,
      @NotNull @DefaultValue("KEEP") Mode mode) {}

  /** Whether anything had to be changed, and how many keys were restored or removed. */
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
    return input.mode() == Mode.RESTORE
        && input.caches().containsAll(past.input(TakeRedisBackup.Input.class).caches());
  }

  @Override
  protected Result takeBack(Input input, List<PastStep> backups, StepContext context) {
    if (input.mode() == Mode.KEEP) {
      input.caches().forEach(cache -> context.log("'%s' is kept as it is", cache));
      return new Result(false, 0);
    }
    Map<String, Long> done =
        new LinkedHashMap<>(
            context.saved(PUT_BACK, PutBack.class).map(PutBack::keys).orElse(Map.of()));
    for (String name : input.caches()) {
      if (done.containsKey(name)) {
        continue;
      }
      Optional<FinishedBackup> backup = RedisToPutBack.of(name, context);
      if (backup.isPresent()) {
        RedisTarget cache = context.target(name, RedisTarget.class);
        done.put(name, restore.restore(backup.get().artifact(), cache, context).changed());
        context.save(PUT_BACK, new PutBack(done));
      }
    }
    long keys = done.values().stream().mapToLong(Long::longValue).sum();
    return new Result(keys > 0, keys);
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    String caches = String.join(", ", input.caches());
    if (input.mode() == Mode.KEEP || input.caches().isEmpty()) {
      return StepPlan.observes(
          caches, input.caches().isEmpty() ? "no Redis server" : "keeps them as they are");
    }
    List<String> details = new ArrayList<>();
    details.add(
        "RESTORE … REPLACE ABSTTL for keys that differ, UNLINK for keys that are not in it");
    for (String name : input.caches()) {
      RedisTarget cache = environment.target(name, RedisTarget.class);
      details.add("memory at %s: %s".formatted(cache.describe(), memory.state(cache).describe()));
    }
    return StepPlan.changes(
        caches,
        "makes each server hold again what the run's backup of it holds",
        details.toArray(String[]::new));
  }
}
