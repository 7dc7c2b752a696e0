package io.belay.capability.backup;

import com.moilioncircle.redis.replicator.util.CRC64;
import io.lettuce.core.FlushMode;
import io.lettuce.core.FunctionRestoreMode;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.api.StatefulRedisConnection;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/**
 * Replaces the function libraries of a live server by those of a backup in one command. Redis
 * before version 7 has none.
 */
final class RedisFunctions {

  /** Two bytes of RDB version and eight of CRC-64 end each dumped payload. */
  private static final int FOOTER = 10;

  private final StatefulRedisConnection<byte[], byte[]> connection;
  private final ByteArrayOutputStream libraries = new ByteArrayOutputStream();
  private byte[] version = new byte[2];

  RedisFunctions(StatefulRedisConnection<byte[], byte[]> connection) {
    this.connection = connection;
  }

  /** Adds one library of the backup, as FUNCTION DUMP would return it alone. */
  void add(byte[] dumped) {
    libraries.write(dumped, 0, dumped.length - FOOTER);
    version = Arrays.copyOfRange(dumped, dumped.length - FOOTER, dumped.length - FOOTER + 2);
  }

  /**
   * @return false when there was nothing to change
   */
  boolean replace() {
    byte[] live;
    try {
      live = connection.sync().functionDump();
    } catch (RedisCommandExecutionException e) {
      if (libraries.size() == 0 && unknown(e)) {
        return false;
      }
      throw e;
    }
    byte[] wanted = libraries.toByteArray();
    if (Arrays.equals(wanted, Arrays.copyOf(live, live.length - FOOTER))) {
      return false;
    }
    if (wanted.length == 0) {
      connection.sync().functionFlush(FlushMode.SYNC);
    } else {
      connection.sync().functionRestore(payload(wanted), FunctionRestoreMode.FLUSH);
    }
    return true;
  }

  /** Whether the command is unknown (Redis before version 7) or the login lacks the right to it. */
  private static boolean unknown(RedisCommandExecutionException e) {
    String answer = String.valueOf(e.getMessage());
    return answer.startsWith("ERR unknown command") || answer.startsWith("NOPERM");
  }

  private byte[] payload(byte[] body) {
    byte[] payload = Arrays.copyOf(body, body.length + FOOTER);
    System.arraycopy(version, 0, payload, body.length, version.length);
    long crc = CRC64.crc64(payload, 0, body.length + version.length);
    byte[] sum = CRC64.longToByteArray(crc);
    System.arraycopy(sum, 0, payload, body.length + version.length, sum.length);
    return payload;
  }
}
