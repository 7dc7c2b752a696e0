package io.belay.backup;

import com.moilioncircle.redis.replicator.event.Event;
import com.moilioncircle.redis.replicator.rdb.dump.datatype.DumpFunction;
import com.moilioncircle.redis.replicator.rdb.dump.datatype.DumpKeyValuePair;
import io.belay.step.StepContext;
import io.belay.target.Artifact;
import io.belay.target.Connections;
import io.belay.target.RedisTarget;
import io.belay.target.TargetException;
import io.lettuce.core.RedisException;
import io.lettuce.core.api.StatefulRedisConnection;
import java.io.IOException;
import org.springframework.stereotype.Component;

/**
 * Makes a live Redis server hold again what its backup holds, with no moment at which it is empty:
 * keys that differ are put back with their expiry (RESTORE … REPLACE ABSTTL), keys that the backup
 * lacks are removed, keys that expired since then stay gone, functions are replaced as a whole.
 * What is equal already is not touched.
 *
 * <p>There is no transaction over a whole server: killed in the middle, some keys are back and some
 * are not; the checkpoint says so, and the next attempt completes it. An attempt that finished is
 * not repeated. Memory is needed for the names of the keys of one database at a time.
 *
 * @see RedisBackup
 */
@Component
class RedisRestore {

  /** Name of the checkpoint that holds the {@link Outcome}. */
  static final String CHECKPOINT = "restore";

  private final Connections connections;

  RedisRestore(Connections connections) {
    this.connections = connections;
  }

  /**
   * @param artifact id of the backup
   * @param finished whether all of it was done; if not, the server holds a mixture
   * @param restored keys that were put back
   * @param removed keys that the backup does not hold
   */
  record Outcome(String artifact, boolean finished, long restored, long removed) {

    long changed() {
      return restored + removed;
    }
  }

  /**
   * @throws TargetException when the artifact is damaged (nothing was touched then) or the server
   *     refuses
   */
  Outcome restore(Artifact artifact, RedisTarget cache, StepContext context) {
    Outcome earlier = context.saved(CHECKPOINT, Outcome.class).orElse(null);
    if (earlier != null && earlier.finished() && earlier.artifact().equals(artifact.id())) {
      return earlier;
    }
    requireWhole(artifact, context);
    context.save(CHECKPOINT, new Outcome(artifact.id(), false, 0, 0));
    Outcome outcome = write(artifact, cache, context);
    context.save(CHECKPOINT, outcome);
    return outcome;
  }

  private static void requireWhole(Artifact artifact, StepContext context) {
    context.artifacts().verify(artifact);
    try {
      RdbReader.read(artifact, context);
    } catch (IOException e) {
      throw new TargetException(
          "backup %s cannot be restored: %s. Nothing was touched"
              .formatted(artifact.id(), e.getMessage()),
          e);
    }
  }

  private Outcome write(Artifact artifact, RedisTarget cache, StepContext context) {
    try (StatefulRedisConnection<byte[], byte[]> connection = connections.redis(cache)) {
      RedisFence.hold(connection, context);
      RedisKeys keys = new RedisKeys(connection, context.cancellation());
      RedisFunctions functions = new RedisFunctions(connection);
      RdbReader.read(artifact, context, (replicator, event) -> accept(event, keys, functions));
      keys.finish();
      boolean replaced = functions.replace();
      if (replaced) {
        context.log("functions of %s were replaced by those of the backup", cache.describe());
      }
      return new Outcome(artifact.id(), true, keys.restored(), keys.removed());
    } catch (IOException | RedisException e) {
      context.cancellation().throwIfCancelled();
      throw new TargetException(
          "the restore of %s from %s stopped in the middle: %s. Some keys are as in the backup, others are not yet; retry, it completes what is missing"
              .formatted(cache.describe(), artifact.id(), e.getMessage()),
          e);
    }
  }

  private static void accept(Event event, RedisKeys keys, RedisFunctions functions) {
    if (event instanceof DumpKeyValuePair pair) {
      keys.add(
          Math.toIntExact(pair.getDb().getDbNumber()),
          new RedisKeys.Entry(pair.getKey(), pair.getValue(), RedisKeys.expiry(pair)));
    } else if (event instanceof DumpFunction function) {
      functions.add(function.getSerialized());
    }
  }
}
