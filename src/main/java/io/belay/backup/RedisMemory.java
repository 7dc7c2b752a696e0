package io.belay.backup;

import io.belay.target.Connections;
import io.belay.target.RedisTarget;
import io.belay.target.TargetException;
import io.lettuce.core.api.StatefulRedisConnection;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.stereotype.Component;

/** How much memory a Redis server uses for its data: more than an RDB of them needs. */
@Component
class RedisMemory {

  private static final Pattern USED = Pattern.compile("(?m)^used_memory:(\\d+)");

  private final Connections connections;

  RedisMemory(Connections connections) {
    this.connections = connections;
  }

  /** In bytes. */
  long used(RedisTarget cache) {
    try (StatefulRedisConnection<byte[], byte[]> connection = connections.redis(cache)) {
      Matcher used = USED.matcher(connection.sync().info("memory"));
      if (!used.find()) {
        throw new TargetException(
            "%s does not say how much memory it uses".formatted(cache.describe()));
      }
      return Long.parseLong(used.group(1));
    }
  }
}
