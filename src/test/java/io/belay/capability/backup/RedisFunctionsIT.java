package io.belay.capability.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.belay.capability.backup.RestoreRedisBackup.Mode;
import io.belay.playground.Needs;
import io.belay.playground.Ports;
import io.belay.step.FakeStepContext;
import io.belay.target.Connections;
import io.belay.target.RedisTarget;
import io.belay.target.Secret;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.StringCodec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Functions and the newer encodings need Redis 7, which the embedded server is not. Where the
 * machine's redis-tools are of version 7, redis-check-rdb is the server under another name.
 */
@Timeout(60)
class RedisFunctionsIT {

  private static final Path SERVER = Path.of("/usr/bin/redis-check-rdb");
  private static final String ONE =
      "#!lua name=one\nredis.register_function('f1', function() return 1 end)";
  private static final String TWO =
      "#!lua name=two\nredis.register_function('f2', function() return 2 end)";

  @TempDir Path directory;
  private final Connections connections = new Connections();
  private Process server;
  private RedisTarget cache;
  private StatefulRedisConnection<String, String> connection;
  private RedisCommands<String, String> redis;

  @BeforeEach
  void start() throws Exception {
    Needs.that(Files.isExecutable(SERVER), "redis-check-rdb of Debian's package redis-tools");
    int port = Ports.free();
    Path link = Files.createSymbolicLink(directory.resolve("redis-server"), SERVER);
    server =
        new ProcessBuilder(link.toString(), "--port", Integer.toString(port), "--save", "")
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    cache = new RedisTarget("localhost", port, "", Secret.none(), 5, Duration.ofSeconds(5));
    await().ignoreExceptions().until(this::connect);
    redis = connection.sync();
    Needs.that(redis.info("server").contains("redis_version:7"), "redis-tools of version 7");
  }

  private boolean connect() {
    connection = connections.redis(cache, StringCodec.UTF8);
    return "PONG".equals(connection.sync().ping());
  }

  @AfterEach
  void stop() {
    connections.close();
    if (server != null) {
      server.destroy();
    }
  }

  @Test
  void functionsAndNewEncodings_areRestored() throws Exception {
    redis.functionLoad(ONE);
    redis.functionLoad(TWO);
    redis.sadd("set", "a", "b");
    redis.hset("hash", Map.of("k", "v"));
    redis.zadd("scores", 1, "x");
    redis.xadd("stream", Map.of("f", "v"));
    redis.rpush("list", "1", "two");
    RedisMemory memory = new RedisMemory(connections);
    FakeStepContext context = new FakeStepContext(Map.of("cache", cache));
    context.run(
        new TakeRedisBackup(new RedisBackup(memory), memory),
        new TakeRedisBackup.Input(List.of("cache")));
    RedisBackupIT.ApplySchema.began(context);
    redis.functionFlush(io.lettuce.core.FlushMode.SYNC);
    redis.functionLoad(TWO.replace("two", "late").replace("f2", "f3"));
    redis.del("set", "hash", "scores", "stream", "list");
    RestoreRedisBackup restore = new RestoreRedisBackup(new RedisRestore(connections), memory);
    RestoreRedisBackup.Input input = new RestoreRedisBackup.Input(List.of("cache"), Mode.RESTORE);

    assertThat(context.run(restore, input).keys()).isEqualTo(5);

    assertThat(redis.functionList().stream().map(library -> library.get("library_name")))
        .containsExactlyInAnyOrder("one", "two");
    assertThat(redis.smembers("set")).containsExactlyInAnyOrder("a", "b");
    assertThat(redis.lrange("list", 0, -1)).containsExactly("1", "two");
    assertThat(redis.xlen("stream")).isEqualTo(1);
    assertThat(context.run(restore, input).restored()).isFalse();
  }
}
