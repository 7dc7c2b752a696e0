package io.belay.capability.backup;

import com.moilioncircle.redis.replicator.Configuration;
import com.moilioncircle.redis.replicator.RedisRdbReplicator;
import com.moilioncircle.redis.replicator.event.EventListener;
import com.moilioncircle.redis.replicator.rdb.DefaultRdbVisitor;
import com.moilioncircle.redis.replicator.rdb.dump.DumpRdbVisitor;
import com.moilioncircle.redis.replicator.rdb.skip.SkipRdbValueVisitor;
import io.belay.artifact.Artifact;
import io.belay.artifact.Zstd;
import io.belay.step.StepContext;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** Reads an RDB backup from end to end, so that damage anywhere is noticed. */
final class RdbReader {

  private RdbReader() {}

  /** Reads keys only. */
  static RdbContent read(Artifact artifact, StepContext context) throws IOException {
    return read(artifact, context, null);
  }

  /**
   * @param values receives each key with its value in DUMP's format, and each function; null skips
   *     values. Any exception from it ends the reading.
   * @throws IOException when the RDB is incomplete, or {@code values} failed
   */
  static RdbContent read(Artifact artifact, StepContext context, EventListener values)
      throws IOException {
    long total = Long.parseLong(artifact.details().getOrDefault("rdbBytes", "0"));
    ByteProgress progress = new ByteProgress(context, total, "reading " + artifact.name());
    try (InputStream plain = Zstd.decompress(context.artifacts().open(artifact))) {
      RedisRdbReplicator replicator =
          new RedisRdbReplicator(
              new KeptOpen(plain),
              Configuration.defaultSetting().setUseDefaultExceptionListener(false));
      replicator.setRdbVisitor(
          values == null
              ? new DefaultRdbVisitor(replicator, new SkipRdbValueVisitor(replicator))
              : new DumpRdbVisitor(replicator));
      if (values != null) {
        replicator.addEventListener(RdbTally.strict(values));
      }
      RdbTally tally =
          RdbTally.on(
              replicator,
              progress.counting(OutputStream.nullOutputStream()),
              context.cancellation());
      replicator.open();
      RdbContent content = tally.content();
      plain.transferTo(OutputStream.nullOutputStream());
      return content;
    } catch (AssertionError e) {
      throw new IOException("the RDB cannot be read: " + e.getMessage(), e);
    }
  }

  /** Ignores {@code close}, since the rest of the artifact is read after the RDB's end. */
  private static final class KeptOpen extends FilterInputStream {

    KeptOpen(InputStream in) {
      super(in);
    }

    @Override
    public void close() {
      // its owner closes it
    }
  }
}
