package io.belay.capability.backup;

import io.belay.artifact.Artifact;
import io.belay.artifact.Zstd;
import io.belay.step.StepContext;
import io.belay.target.RedisTarget;
import io.belay.target.TargetException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;
import org.springframework.stereotype.Component;

/**
 * Backs up a Redis server with all its databases, as the RDB that it sends to a new replica: one
 * moment, without a file on its disk. Needs the rights PSYNC, SYNC, REPLCONF and PING. Changes
 * nothing there. Returns an existing backup as it is; an interrupted one leaves nothing and is
 * taken again.
 *
 * @see RedisRestore
 */
@Component
class RedisBackup {

  private final RedisMemory memory;

  RedisBackup(RedisMemory memory) {
    this.memory = memory;
  }

  /**
   * @param name of the target
   * @throws TargetException when the server refuses or disconnects; leaves no artifact
   */
  Artifact take(String name, RedisTarget cache, StepContext context) throws Exception {
    String file = "redis-%s-%s.rdb.zst".formatted(name, context.stepKey());
    return context
        .artifacts()
        .write(
            context.runId(), file, RdbContent.KIND, out -> copy(name, cache, file, out, context));
  }

  private Map<String, String> copy(
      String name, RedisTarget cache, String file, OutputStream out, StepContext context)
      throws Exception {
    // also reports a wrong login or address with the connection's own message
    long total = memory.used(cache);
    ByteProgress progress = new ByteProgress(context, total, "copying " + cache.describe());
    RedisReplication replication = new RedisReplication(cache);
    RdbContent content;
    AutoCloseable registration = context.cancellation().onCancel(replication::abort);
    try (OutputStream zipped = new BufferedOutputStream(Zstd.compress(out), 1 << 16)) {
      RdbTally tally = RdbTally.on(replication, progress.counting(zipped), context.cancellation());
      replication.open();
      content = tally.content();
      progress.at(content.bytes());
    } catch (IOException | AssertionError e) {
      context.cancellation().throwIfCancelled();
      throw new TargetException(
          "%s gave no complete copy of itself: %s. It is unchanged, no backup was kept. Its login needs +psync +sync +replconf +ping, and it must not be loading"
              .formatted(cache.describe(), e.getMessage()),
          e);
    } finally {
      registration.close();
    }
    Map<String, String> details = content.toDetails(name);
    details.put(StepContext.SOURCE, context.identity(name));
    details.put("host", cache.host() + ":" + cache.port());
    details.put(
        "restore",
        "zstd -d %s -o dump.rdb (decrypted first where encrypted); stop Redis, put it into its dir as dbfilename with appendonly off, start Redis"
            .formatted(file));
    return details;
  }
}
