package io.belay.capability.backup;

import io.belay.step.StepContext;
import io.lettuce.core.KillArgs;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Lets only the newest attempt of a run write to a Redis server: closes at the server the
 * connections of earlier ones, whose node is paused or cut off. Their client does not reconnect by
 * itself.
 */
final class RedisFence {

  private static final Pattern CLIENT = Pattern.compile("(?m)^id=(\\d+) .*?\\bname=(\\S*)");

  private RedisFence() {}

  /** Holds the fence while the connection lives and no newer attempt comes. */
  static void hold(StatefulRedisConnection<byte[], byte[]> connection, StepContext context) {
    RedisCommands<byte[], byte[]> redis = connection.sync();
    String name = "belay-" + context.runId();
    try {
      redis.clientSetname(name.getBytes(StandardCharsets.US_ASCII));
      long self = redis.clientId();
      Matcher client = CLIENT.matcher(redis.clientList());
      while (client.find()) {
        long id = Long.parseLong(client.group(1));
        if (client.group(2).equals(name) && id != self) {
          redis.clientKill(KillArgs.Builder.id(id));
          context.log("closed the connection of an earlier attempt, client %d", id);
        }
      }
    } catch (RedisCommandExecutionException notAllowed) {
      context.log(
          "connections of earlier attempts cannot be looked for: %s", notAllowed.getMessage());
    }
    context.cancellation().throwIfCancelled();
  }
}
