package io.belay.backup;

import com.moilioncircle.redis.replicator.rdb.datatype.ExpiredType;
import com.moilioncircle.redis.replicator.rdb.datatype.KeyValuePair;
import io.belay.target.Cancellation;
import io.lettuce.core.KeyScanCursor;
import io.lettuce.core.LettuceFutures;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RestoreArgs;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanCursor;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Brings the keys of a live server, database by database, to what is {@link #add added}. */
final class RedisKeys {

  private static final int BATCH_KEYS = 500;
  private static final long BATCH_BYTES = 8L << 20;

  /** The server's clock is read once per batch. */
  private static final long EXPIRY_TOLERANCE_MS = 1000;

  private static final Pattern DATABASE = Pattern.compile("(?m)^db(\\d+):keys=");

  private final StatefulRedisConnection<byte[], byte[]> connection;
  private final Cancellation cancellation;
  private final RedisValues values = new RedisValues();
  private final TreeSet<Integer> untouched;
  private final Set<ByteBuffer> kept = new HashSet<>();
  private final List<Entry> batch = new ArrayList<>();
  private long batchBytes;
  private int database = -1;
  private long restored;
  private long removed;

  /**
   * @param expiry in milliseconds since 1970; 0 for none
   */
  record Entry(byte[] key, byte[] dumped, long expiry) {}

  RedisKeys(StatefulRedisConnection<byte[], byte[]> connection, Cancellation cancellation) {
    this.connection = connection;
    this.cancellation = cancellation;
    this.untouched = databases(connection.sync().info("keyspace"));
  }

  static long expiry(KeyValuePair<?, ?> pair) {
    if (pair.getExpiredType() == ExpiredType.SECOND) {
      return pair.getExpiredSeconds() * 1000L;
    }
    return pair.getExpiredType() == ExpiredType.MS ? pair.getExpiredMs() : 0;
  }

  private static TreeSet<Integer> databases(String info) {
    TreeSet<Integer> databases = new TreeSet<>();
    for (Matcher found = DATABASE.matcher(info); found.find(); ) {
      databases.add(Integer.valueOf(found.group(1)));
    }
    return databases;
  }

  long restored() {
    return restored;
  }

  long removed() {
    return removed;
  }

  /** Keys come grouped by database, as an RDB has them. */
  void add(int number, Entry entry) {
    if (number != database) {
      endDatabase();
      begin(number);
    }
    batch.add(entry);
    batchBytes += entry.dumped().length;
    if (batch.size() >= BATCH_KEYS || batchBytes >= BATCH_BYTES) {
      writeBatch();
    }
  }

  /** Ends the last database and empties those of which the backup knows nothing. */
  void finish() {
    endDatabase();
    while (!untouched.isEmpty()) {
      begin(untouched.first());
      endDatabase();
    }
  }

  private void begin(int number) {
    connection.sync().select(number);
    untouched.remove(number);
    database = number;
  }

  private void endDatabase() {
    if (database >= 0) {
      writeBatch();
      removeOthers();
      kept.clear();
      database = -1;
    }
  }

  private void writeBatch() {
    cancellation.throwIfCancelled();
    RedisAsyncCommands<byte[], byte[]> redis = connection.async();
    long now = now();
    List<RedisFuture<byte[]>> live = new ArrayList<>();
    List<RedisFuture<Long>> expiries = new ArrayList<>();
    for (Entry entry : batch) {
      live.add(redis.dump(entry.key()));
      expiries.add(redis.pttl(entry.key()));
    }
    List<RedisFuture<String>> writes = new ArrayList<>();
    for (int i = 0; i < batch.size(); i++) {
      Entry entry = batch.get(i);
      if (entry.expiry() > 0 && entry.expiry() <= now) {
        continue; // it would be gone by now; what lives under its name is removed
      }
      kept.add(ByteBuffer.wrap(entry.key()));
      boolean same =
          sameExpiry(entry.expiry(), now, await(expiries.get(i)))
              && values.same(entry.dumped(), await(live.get(i)));
      if (!same) {
        RestoreArgs args = new RestoreArgs().replace().absttl().ttl(entry.expiry());
        writes.add(redis.restore(entry.key(), entry.dumped(), args));
      }
    }
    writes.forEach(this::await);
    restored += writes.size();
    batch.clear();
    batchBytes = 0;
  }

  /**
   * @param left as PTTL says: -1 for a key without expiry, -2 for no key
   */
  private static boolean sameExpiry(long expiry, long now, long left) {
    return expiry == 0
        ? left == -1
        : left >= 0 && Math.abs(now + left - expiry) <= EXPIRY_TOLERANCE_MS;
  }

  private void removeOthers() {
    ScanCursor cursor = ScanCursor.INITIAL;
    do {
      cancellation.throwIfCancelled();
      KeyScanCursor<byte[]> found = connection.sync().scan(cursor, ScanArgs.Builder.limit(1000));
      byte[][] others =
          found.getKeys().stream()
              .filter(key -> !kept.contains(ByteBuffer.wrap(key)))
              .toArray(byte[][]::new);
      if (others.length > 0) {
        removed += connection.sync().unlink(others);
      }
      cursor = found;
    } while (!cursor.isFinished());
  }

  private long now() {
    List<byte[]> time = connection.sync().time();
    return Long.parseLong(new String(time.get(0), StandardCharsets.US_ASCII)) * 1000
        + Long.parseLong(new String(time.get(1), StandardCharsets.US_ASCII)) / 1000;
  }

  /** Bounded by the connection's time-out; throws what the server answered. */
  private <T> T await(RedisFuture<T> answer) {
    return LettuceFutures.awaitOrCancel(
        answer, connection.getTimeout().toMillis(), TimeUnit.MILLISECONDS);
  }
}
