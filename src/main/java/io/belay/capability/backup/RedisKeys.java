package io.belay.capability.backup;

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
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One pass over the keys of a live server, database by database, which compares them with those
 * that are {@link #add added}. A pass without a difference proves that the server holds what was
 * added, and nothing else.
 */
final class RedisKeys {

  /** What to do with a key that differs. */
  enum Pass {
    /** Nothing. */
    COMPARE,
    /** Remove it, by DEL: its memory is free when the server answers. */
    MAKE_ROOM,
    /** Restore it as it was added; remove a key that was not added. */
    RESTORE
  }

  /** How a key of the server differs from those that were added. */
  enum Difference {
    /** It was added with another value or expiry. */
    CHANGED,
    /** It was added, but is missing. */
    GONE,
    /** It exists, but was not added. */
    NEW
  }

  private static final int SAMPLES = 5;

  private static final int BATCH_KEYS = 500;
  private static final long BATCH_BYTES = 8L << 20;

  /** The server's clock is read once per batch. */
  private static final long EXPIRY_TOLERANCE_MS = 1000;

  /** PTTL's answer for a missing key. */
  private static final long NO_KEY = -2;

  private static final Pattern DATABASE = Pattern.compile("(?m)^db(\\d+):keys=");

  private final StatefulRedisConnection<byte[], byte[]> connection;
  private final Cancellation cancellation;
  private final Pass pass;
  private final RedisValues values = new RedisValues();
  private final TreeSet<Integer> untouched;

  /** Keys of the current database that were added, or found to be new. */
  private final Set<ByteBuffer> known = new HashSet<>();

  private final List<Entry> batch = new ArrayList<>();
  private long batchBytes;
  private int database = -1;
  private final Map<Difference, Long> counts = new EnumMap<>(Difference.class);
  private final Map<Difference, List<String>> samples = new EnumMap<>(Difference.class);

  /**
   * @param expiry in milliseconds since 1970; 0 for none
   */
  record Entry(byte[] key, byte[] dumped, long expiry) {}

  RedisKeys(
      StatefulRedisConnection<byte[], byte[]> connection, Cancellation cancellation, Pass pass) {
    this.pass = pass;
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

  /** How many keys differed in this way when the pass came to them. */
  long count(Difference difference) {
    return counts.getOrDefault(difference, 0L);
  }

  /** How many keys differed in any way. */
  long differing() {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Names of the first keys that differed in this way. */
  List<String> samples(Difference difference) {
    return samples.getOrDefault(difference, List.of());
  }

  /** Names of the first keys that differed. */
  List<String> samples() {
    return samples.values().stream().flatMap(List::stream).limit(SAMPLES).toList();
  }

  /** Adds a key. Keys must come grouped by database, as in an RDB. */
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

  /** Finishes the last database and handles those that the backup does not contain. */
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
      findOthers();
      known.clear();
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
    List<RedisFuture<?>> writes = new ArrayList<>();
    for (int i = 0; i < batch.size(); i++) {
      Entry entry = batch.get(i);
      if (entry.expiry() > 0 && entry.expiry() <= now) {
        continue; // expired by now, so a key of its name counts as new
      }
      known.add(ByteBuffer.wrap(entry.key()));
      long left = await(expiries.get(i));
      boolean same =
          sameExpiry(entry.expiry(), now, left) && values.same(entry.dumped(), await(live.get(i)));
      if (same) {
        continue;
      }
      found(left == NO_KEY ? Difference.GONE : Difference.CHANGED, entry.key());
      if (pass == Pass.RESTORE) {
        RestoreArgs args = new RestoreArgs().replace().absttl().ttl(entry.expiry());
        writes.add(redis.restore(entry.key(), entry.dumped(), args));
      } else if (pass == Pass.MAKE_ROOM && left != NO_KEY) {
        writes.add(redis.del(entry.key()));
      }
    }
    writes.forEach(this::await);
    batch.clear();
    batchBytes = 0;
  }

  /**
   * @param left PTTL's answer: -1 for a key without expiry, {@link #NO_KEY} for no key
   */
  private static boolean sameExpiry(long expiry, long now, long left) {
    return expiry == 0
        ? left == -1
        : left >= 0 && Math.abs(now + left - expiry) <= EXPIRY_TOLERANCE_MS;
  }

  private void findOthers() {
    ScanCursor cursor = ScanCursor.INITIAL;
    do {
      cancellation.throwIfCancelled();
      KeyScanCursor<byte[]> found = connection.sync().scan(cursor, ScanArgs.Builder.limit(1000));
      byte[][] others =
          found.getKeys().stream()
              .filter(key -> known.add(ByteBuffer.wrap(key))) // SCAN may return a key twice
              .toArray(byte[][]::new);
      for (byte[] other : others) {
        found(Difference.NEW, other);
      }
      if (others.length > 0 && pass == Pass.MAKE_ROOM) {
        connection.sync().del(others);
      } else if (others.length > 0 && pass == Pass.RESTORE) {
        connection.sync().unlink(others);
      }
      cursor = found;
    } while (!cursor.isFinished());
  }

  private void found(Difference difference, byte... key) {
    counts.merge(difference, 1L, Long::sum);
    List<String> names = samples.computeIfAbsent(difference, any -> new ArrayList<>());
    if (names.size() < SAMPLES) {
      names.add("%s in database %d".formatted(printable(key), database));
    }
  }

  /** A key's name for people, whatever its bytes. */
  private static String printable(byte... key) {
    String name = new String(key, StandardCharsets.UTF_8).replaceAll("\\p{C}|\uFFFD", "?");
    return name.length() <= 60 ? name : name.substring(0, 59) + "…";
  }

  private long now() {
    List<byte[]> time = connection.sync().time();
    return Long.parseLong(new String(time.get(0), StandardCharsets.US_ASCII)) * 1000
        + Long.parseLong(new String(time.get(1), StandardCharsets.US_ASCII)) / 1000;
  }

  /** Waits for at most the connection's time-out; throws the server's error. */
  private <T> T await(RedisFuture<T> answer) {
    return LettuceFutures.awaitOrCancel(
        answer, connection.getTimeout().toMillis(), TimeUnit.MILLISECONDS);
  }
}
