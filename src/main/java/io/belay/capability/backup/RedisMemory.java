package io.belay.capability.backup;

import io.belay.target.Connections;
import io.belay.target.RedisTarget;
import io.belay.target.TargetException;
import io.lettuce.core.api.StatefulRedisConnection;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.stereotype.Component;

/** How much memory a Redis server uses, and what it does when none is left. */
@Component
class RedisMemory {

  private final Connections connections;

  RedisMemory(Connections connections) {
    this.connections = connections;
  }

  /**
   * What INFO says of a server's memory. Sizes are in bytes.
   *
   * @param used by its data and everything else; an RDB of the data needs less
   * @param limit {@code maxmemory}; 0 for none
   * @param policy {@code maxmemory-policy}
   * @param evicted keys evicted for lack of memory since it started
   */
  record State(long used, long limit, String policy, long evicted) {

    /** Whether it evicts keys rather than refuse a write. */
    boolean evicts() {
      return limit > 0 && !policy.equals("noeviction");
    }

    /** Whether data that used {@code need} bytes fit in beside the present data. */
    boolean hasRoomBeside(long need) {
      return limit == 0 || used + need <= limit;
    }

    /**
     * Whether data that used {@code need} bytes fit in once all else is removed. A server that
     * evicts needs a tenth more: it would lose a key where another refuses a write.
     */
    boolean hasRoomFor(long need) {
      return limit == 0 || need + (evicts() ? need / 10 : 0) <= limit;
    }

    /** For people. */
    String describe() {
      return limit == 0
          ? "%s used, no maxmemory".formatted(BackupSpace.readable(used))
          : "%s used, maxmemory %s, maxmemory-policy %s"
              .formatted(BackupSpace.readable(used), BackupSpace.readable(limit), policy);
    }
  }

  /** How much memory the data of a backup need, in bytes. */
  static long need(RdbContent backup) {
    return Math.max(backup.memory(), backup.bytes());
  }

  /**
   * @param again whether an earlier attempt of the same restore has started to write
   * @throws TargetException when the server cannot hold that backup, or would evict keys
   */
  static void requireRoom(State now, RdbContent backup, RedisTarget cache, boolean again) {
    long need = need(backup);
    if (now.hasRoomBeside(need) || now.hasRoomFor(need)) {
      return;
    }
    throw new TargetException(
        "%s cannot hold its backup: the server used %s when it was backed up (%d keys); now it has %s, and would %s. %s. Raise its maxmemory to %d or more%s, then retry"
            .formatted(
                cache.describe(),
                BackupSpace.readable(need),
                backup.total(),
                now.describe(),
                now.evicts() ? "evict keys while they are put back" : "refuse some of the keys",
                again
                    ? "This attempt touched nothing; an earlier one stopped in the middle"
                    : "Nothing was touched",
                need + need / 5,
                now.evicts() && need <= now.limit()
                    ? ", or set its maxmemory-policy to noeviction until it is restored"
                    : ""));
  }

  /** The memory used now, in bytes. */
  long used(RedisTarget cache) {
    return state(cache).used();
  }

  State state(RedisTarget cache) {
    try (StatefulRedisConnection<byte[], byte[]> connection = connections.redis(cache)) {
      return state(connection, cache);
    }
  }

  static State state(StatefulRedisConnection<byte[], byte[]> connection, RedisTarget cache) {
    String memory = connection.sync().info("memory");
    return new State(
        Long.parseLong(value(memory, "used_memory", cache)),
        Long.parseLong(value(memory, "maxmemory", cache)),
        value(memory, "maxmemory_policy", cache),
        Long.parseLong(value(connection.sync().info("stats"), "evicted_keys", cache)));
  }

  private static String value(String info, String name, RedisTarget cache) {
    Matcher value = Pattern.compile("(?m)^" + name + ":(\\S+)").matcher(info);
    if (!value.find()) {
      throw new TargetException(
          "%s does not say its %s in INFO. Nothing was changed there; check the rights of its login"
              .formatted(cache.describe(), name));
    }
    return value.group(1);
  }
}
