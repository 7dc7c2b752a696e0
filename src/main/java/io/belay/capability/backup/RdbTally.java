package io.belay.capability.backup;

import com.moilioncircle.redis.replicator.Replicator;
import com.moilioncircle.redis.replicator.event.Event;
import com.moilioncircle.redis.replicator.event.EventListener;
import com.moilioncircle.redis.replicator.event.PostRdbSyncEvent;
import com.moilioncircle.redis.replicator.event.PreRdbSyncEvent;
import com.moilioncircle.redis.replicator.io.RawByteListener;
import com.moilioncircle.redis.replicator.rdb.datatype.AuxField;
import com.moilioncircle.redis.replicator.rdb.datatype.KeyValuePair;
import com.moilioncircle.redis.replicator.util.CRC64;
import io.belay.target.Cancellation;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Observes an RDB stream: passes on its raw bytes, counts the keys of each database, and checks the
 * CRC-64 at its end. The replicator library ends silently when the stream is cut off, so only
 * {@link #content()} shows whether the RDB was complete.
 */
final class RdbTally {

  private static final int HEADER = "REDIS0009".length();

  private final SortedMap<Long, Long> keys = new TreeMap<>();
  private final StringBuilder header = new StringBuilder();
  private final OutputStream copy;
  private final Cancellation cancellation;
  private final RawByteListener listener = this::raw;
  private String server = "unknown";
  private long crc;
  private long bytes;
  private long memory;
  private boolean ended;
  private boolean checksummed;

  private RdbTally(OutputStream copy, Cancellation cancellation) {
    this.copy = copy;
    this.cancellation = cancellation;
  }

  /**
   * @param copy receives the raw bytes; is not closed
   */
  static RdbTally on(Replicator replicator, OutputStream copy, Cancellation cancellation) {
    RdbTally tally = new RdbTally(copy, cancellation);
    replicator.addEventListener(strict(tally::event));
    return tally;
  }

  /**
   * Makes failures end the reading: the library ignores all other kinds of exceptions from
   * listeners.
   */
  static EventListener strict(EventListener listener) {
    return (replicator, event) -> {
      try {
        listener.onEvent(replicator, event);
      } catch (UncheckedIOException e) {
        throw e;
      } catch (RuntimeException e) {
        throw new UncheckedIOException(new IOException(e.getMessage(), e));
      }
    };
  }

  /** Bytes seen so far. */
  long bytes() {
    return bytes;
  }

  /**
   * @throws IOException when the RDB was cut short or its checksum is wrong
   */
  RdbContent content() throws IOException {
    cancellation.throwIfCancelled();
    if (!ended) {
      throw new IOException("the RDB breaks off after %d bytes".formatted(bytes));
    }
    // a CRC over data and their own CRC is 0
    if (checksummed && crc != 0) {
      throw new IOException("the CRC-64 of the RDB is wrong");
    }
    int version = Integer.parseInt(header.substring("REDIS".length()));
    return new RdbContent(version, server, keys, bytes, memory);
  }

  private void event(Replicator replicator, Event event) {
    if (event instanceof PreRdbSyncEvent) {
      replicator.addRawByteListener(listener);
    } else if (event instanceof PostRdbSyncEvent end) {
      replicator.removeRawByteListener(listener);
      ended = true;
      checksummed = end.getChecksum() != 0;
      close(replicator);
    } else if (event instanceof KeyValuePair<?, ?> pair) {
      keys.merge(pair.getDb().getDbNumber(), 1L, Long::sum);
    } else if (event instanceof AuxField aux) {
      switch (aux.getAuxKey()) {
        case "redis-ver" -> server = aux.getAuxValue();
        case "used-mem" -> memory = Long.parseLong(aux.getAuxValue());
        default -> {} // nothing that a restore needs
      }
    }
  }

  private void raw(byte... chunk) {
    try {
      cancellation.throwIfCancelled();
      for (int i = 0; i < chunk.length && header.length() < HEADER; i++) {
        header.append(new String(chunk, i, 1, StandardCharsets.US_ASCII));
      }
      copy.write(chunk);
      crc = CRC64.crc64(chunk, 0, chunk.length, crc);
      bytes += chunk.length;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void close(Replicator replicator) {
    try {
      replicator.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
