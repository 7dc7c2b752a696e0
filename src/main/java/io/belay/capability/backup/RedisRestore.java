package io.belay.capability.backup;

import com.moilioncircle.redis.replicator.event.Event;
import com.moilioncircle.redis.replicator.rdb.dump.datatype.DumpFunction;
import com.moilioncircle.redis.replicator.rdb.dump.datatype.DumpKeyValuePair;
import io.belay.artifact.Artifact;
import io.belay.capability.backup.RedisKeys.Difference;
import io.belay.step.StepContext;
import io.belay.target.Connections;
import io.belay.target.RedisTarget;
import io.belay.target.TargetException;
import io.lettuce.core.RedisException;
import io.lettuce.core.api.StatefulRedisConnection;
import java.io.IOException;
import org.springframework.stereotype.Component;

/**
 * Restores a live Redis server to its backup: keys that differ are restored with their expiry
 * (RESTORE … REPLACE ABSTTL), keys that the backup lacks are removed, keys that have expired since
 * stay gone, functions are replaced as a whole. What is equal already is not touched.
 *
 * <p>Memory is checked first. A server that cannot hold the backup, or would evict keys, is refused
 * before anything is touched. If it cannot hold the backup beside its present keys, all keys that
 * differ are removed before any is restored; any other server is never empty in between.
 *
 * <p>The server's answers are no proof: the whole backup is compared again, key by key, until
 * nothing differs. After {@value #COMPARISONS} comparisons a missing key is a failure. A key with
 * another value, or one that the backup lacks, is then ascribed to others who write during the
 * restore, and named in the log.
 *
 * <p>There is no transaction over a whole server: after a kill, some keys are restored and some are
 * not; the checkpoint says so, and the next attempt completes the restore. A finished attempt is
 * not repeated. Needs memory for the names of the keys of one database at a time.
 *
 * @see RedisBackup
 */
@Component
class RedisRestore {

  /** Name of the checkpoint that holds the {@link Outcome}. */
  static final String CHECKPOINT = "restore";

  private static final int COMPARISONS = 3;

  private final Connections connections;

  RedisRestore(Connections connections) {
    this.connections = connections;
  }

  /**
   * @param artifact id of the backup
   * @param finished whether all was done; if not, the server holds a mixture
   * @param restored number of keys restored
   * @param removed number of keys removed because the backup lacks them
   */
  record Outcome(String artifact, boolean finished, long restored, long removed) {

    long changed() {
      return restored + removed;
    }
  }

  /**
   * @throws TargetException when the artifact is damaged or the server lacks memory for it (nothing
   *     was then touched), when the server refuses, or when it does not keep what was restored
   */
  Outcome restore(Artifact artifact, RedisTarget cache, StepContext context) {
    Outcome earlier =
        context
            .saved(CHECKPOINT, Outcome.class)
            .filter(saved -> saved.artifact().equals(artifact.id()))
            .orElse(null);
    if (earlier != null && earlier.finished()) {
      return earlier;
    }
    RdbContent content = whole(artifact, context);
    try (StatefulRedisConnection<byte[], byte[]> connection = connections.redis(cache)) {
      RedisMemory.State memory = RedisMemory.state(connection, cache);
      RedisMemory.requireRoom(memory, content, cache, earlier != null);
      context.save(CHECKPOINT, new Outcome(artifact.id(), false, 0, 0));
      RedisFence.hold(connection, context);
      Outcome outcome = write(artifact, content, cache, connection, context);
      context.save(CHECKPOINT, outcome);
      return outcome;
    }
  }

  private static RdbContent whole(Artifact artifact, StepContext context) {
    context.artifacts().verify(artifact);
    try {
      return RdbReader.read(artifact, context);
    } catch (IOException e) {
      throw new TargetException(
          "backup %s cannot be restored: %s. Nothing was touched"
              .formatted(artifact.id(), e.getMessage()),
          e);
    }
  }

  /** Compares without changing the server. */
  RedisKeys compare(Artifact artifact, RedisTarget cache, StepContext context) {
    whole(artifact, context);
    try (StatefulRedisConnection<byte[], byte[]> connection = connections.redis(cache)) {
      return pass(RedisKeys.Pass.COMPARE, artifact, connection, context);
    } catch (IOException | RedisException e) {
      context.cancellation().throwIfCancelled();
      throw new TargetException(
          "%s could not be compared with %s: %s. Nothing was changed; retry"
              .formatted(cache.describe(), artifact.id(), e.getMessage()),
          e);
    }
  }

  private static Outcome write(
      Artifact artifact,
      RdbContent content,
      RedisTarget cache,
      StatefulRedisConnection<byte[], byte[]> connection,
      StepContext context) {
    try {
      RedisMemory.State before = RedisMemory.state(connection, cache);
      long removed = 0;
      if (!before.hasRoomBeside(RedisMemory.need(content))) {
        context.log("room is made first: %s has %s", cache.describe(), before.describe());
        RedisKeys room = pass(RedisKeys.Pass.MAKE_ROOM, artifact, connection, context);
        removed = room.count(Difference.NEW);
      }
      RedisKeys last;
      long restored = 0;
      int passes = 0;
      do {
        last = pass(RedisKeys.Pass.RESTORE, artifact, connection, context);
        restored += last.count(Difference.CHANGED) + last.count(Difference.GONE);
        removed += last.count(Difference.NEW);
        passes++;
      } while (last.differing() > 0 && passes <= COMPARISONS);
      report(last, content, before.evicted(), RedisMemory.state(connection, cache), cache, context);
      return new Outcome(artifact.id(), true, restored, removed);
    } catch (IOException | RedisException e) {
      context.cancellation().throwIfCancelled();
      throw new TargetException(
          "the restore of %s from %s stopped in the middle: %s. Some keys are as in the backup, others are not yet. %s: it completes what is missing"
              .formatted(
                  cache.describe(),
                  artifact.id(),
                  e.getMessage(),
                  String.valueOf(e.getMessage()).startsWith("OOM")
                      ? "Raise its maxmemory, then retry"
                      : "Retry"),
          e);
    }
  }

  private static RedisKeys pass(
      RedisKeys.Pass pass,
      Artifact artifact,
      StatefulRedisConnection<byte[], byte[]> connection,
      StepContext context)
      throws IOException {
    RedisKeys keys = new RedisKeys(connection, context.cancellation(), pass);
    RedisFunctions functions = new RedisFunctions(connection);
    RdbReader.read(artifact, context, (replicator, event) -> accept(event, keys, functions));
    keys.finish();
    if (pass == RedisKeys.Pass.RESTORE && functions.replace()) {
      context.log("the functions were replaced by those of the backup");
    }
    return keys;
  }

  /** Reports what the last comparison found. */
  private static void report(
      RedisKeys last,
      RdbContent content,
      long evictedBefore,
      RedisMemory.State now,
      RedisTarget cache,
      StepContext context) {
    if (last.count(Difference.GONE) > 0) {
      throw new TargetException(
          "%s does not keep what is put back: after %d comparisons %d of %d keys were gone again (%s). It evicted %d keys meanwhile and has %s. All other keys are as in the backup; give it more memory, or set its maxmemory-policy to noeviction, or stop what removes them, then retry"
              .formatted(
                  cache.describe(),
                  COMPARISONS,
                  last.count(Difference.GONE),
                  content.total(),
                  String.join(", ", last.samples(Difference.GONE)),
                  now.evicted() - evictedBefore,
                  now.describe()));
    }
    if (last.differing() > 0) {
      context.log(
          "%s holds all %d keys of the backup, but others write there meanwhile: after %d comparisons %d keys differed again (%s)",
          cache.describe(),
          content.total(),
          COMPARISONS,
          last.differing(),
          String.join(", ", last.samples()));
    } else {
      context.log("compared: %s holds what the backup holds, nothing else", cache.describe());
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
