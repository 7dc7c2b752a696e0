package io.belay.capability.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.belay.capability.backup.RestoreRedisBackup.Mode;
import io.belay.playground.Ports;
import io.belay.step.FakeStepContext;
import io.belay.target.Connections;
import io.belay.target.RedisTarget;
import io.belay.target.Secret;
import io.belay.target.TargetException;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.StringCodec;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import redis.embedded.RedisServer;

/**
 * A restore into a Redis server that is short of memory, or that does not keep what it is given.
 */
@Timeout(60)
class RedisRoomIT {

  private static final int KEYS = 200;
  private static final String VALUE = "v".repeat(50_000); // 10 MB in all
  private static final RestoreRedisBackup.Input RESTORE =
      new RestoreRedisBackup.Input(List.of("cache"), Mode.RESTORE);

  private static final Connections CONNECTIONS = new Connections();
  private static final RedisMemory MEMORY = new RedisMemory(CONNECTIONS);
  private static RedisServer server;
  private static RedisTarget cache;
  private static StatefulRedisConnection<String, String> connection;
  private static RedisCommands<String, String> redis;

  private final RestoreRedisBackup restore =
      new RestoreRedisBackup(new RedisRestore(CONNECTIONS), MEMORY);
  private FakeStepContext context;

  @BeforeAll
  static void start() throws Exception {
    int port = Ports.free();
    server =
        RedisServer.newRedisServer()
            .port(port)
            .setting("save \"\"")
            .setting("repl-diskless-sync yes")
            .setting("repl-diskless-sync-delay 0")
            .build();
    server.start();
    cache = new RedisTarget("localhost", port, "", Secret.none(), 5, Duration.ofSeconds(10));
    connection = CONNECTIONS.redis(cache, StringCodec.UTF8);
    redis = connection.sync();
  }

  @AfterAll
  static void stop() throws Exception {
    connection.close();
    CONNECTIONS.close();
    server.stop();
  }

  @BeforeEach
  void backup() throws Exception {
    limit(0, "noeviction");
    redis.flushall();
    for (int i = 0; i < KEYS; i++) {
      redis.set("key:" + i, VALUE + i);
    }
    context = new FakeStepContext(Map.of("cache", cache));
    context.run(
        new TakeRedisBackup(new RedisBackup(MEMORY), MEMORY),
        new TakeRedisBackup.Input(List.of("cache")));
    RedisBackupIT.ApplySchema.began(context);
  }

  private static void limit(long bytes, String policy) {
    redis.configSet(Map.of("maxmemory", Long.toString(bytes)));
    redis.configSet(Map.of("maxmemory-policy", policy));
  }

  /** As v2 left it: other keys, as many as the server takes. */
  private static void fillWithOthers() {
    redis.flushall();
    for (int i = 0; i < KEYS; i++) {
      redis.set("other:" + i, VALUE + VALUE + i);
    }
  }

  private static void assertBackupIsBack() {
    assertThat(redis.dbsize()).isEqualTo(KEYS);
    for (int i = 0; i < KEYS; i++) {
      assertThat(redis.get("key:" + i)).isEqualTo(VALUE + i);
    }
  }

  @Test
  void serverThatEvicts_hasAllKeysBack_whereThereIsRoomForThem() throws Exception {
    limit(20_000_000, "allkeys-lru");
    fillWithOthers();

    context.run(restore, RESTORE);

    assertBackupIsBack();
  }

  @Test
  void serverThatWouldEvict_isRefused_andUntouched() throws Exception {
    limit(12_000_000, "allkeys-lru");
    redis.flushall();
    redis.set("other", "1");
    long evicted = MEMORY.state(cache).evicted();

    assertThatThrownBy(() -> context.run(restore, RESTORE))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("(200 keys)")
        .hasMessageContaining("maxmemory 12.0 MB, maxmemory-policy allkeys-lru")
        .hasMessageContaining("Nothing was touched. Raise its maxmemory to");
    assertThat(redis.keys("*")).containsExactly("other");
    assertThat(MEMORY.state(cache).evicted()).isEqualTo(evicted);

    limit(40_000_000, "allkeys-lru");
    context.retry(restore, RESTORE);
    assertBackupIsBack();
  }

  @Test
  void serverThatRefusesWrites_isGivenRoomFirst() throws Exception {
    limit(20_000_000, "noeviction");
    redis.flushall();
    for (int i = 0; i < KEYS; i++) { // half of them under the backup's names, and larger
      redis.set(i % 2 == 0 ? "key:" + i : "other:" + i, VALUE + "x".repeat(30_000));
    }

    context.run(restore, RESTORE);

    assertBackupIsBack();
  }

  @Test
  void serverTooSmallForItsBackup_isRefused_andUntouched() throws Exception {
    limit(0, "noeviction");
    redis.flushall();
    redis.set("other", "1");
    limit(5_000_000, "noeviction");

    assertThatThrownBy(() -> context.run(restore, RESTORE))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("refuse some of the keys. Nothing was touched");
    assertThat(redis.keys("*")).containsExactly("other");
  }

  @Test
  void serverThatDoesNotKeepAKey_isNotCalledRestored() {
    redis.del("key:1");
    try (Meanwhile deleting = new Meanwhile(() -> redis.del("key:7"))) {
      // once the thread gets its turn in each comparison
      await()
          .untilAsserted(
              () ->
                  assertThatThrownBy(() -> context.run(restore, RESTORE))
                      .isInstanceOf(TargetException.class)
                      .hasMessageContaining("does not keep what is put back")
                      .hasMessageContaining("1 of 200 keys were gone again (key:7 in database 0)"));
      assertThat(deleting.worked()).isTrue();
    }
    assertThat(redis.get("key:1")).isEqualTo(VALUE + 1);
  }

  @Test
  void keyThatOthersWriteMeanwhile_isNamed() throws Exception {
    try (Meanwhile writing = new Meanwhile(() -> redis.incr("hits"))) {
      await()
          .untilAsserted(
              () -> {
                context.run(restore, RESTORE);
                assertThat(context.logs())
                    .anyMatch(
                        line ->
                            line.contains("holds all 200 keys of the backup, but others write")
                                && line.contains("hits in database 0"));
              });
      assertThat(writing.worked()).isTrue();
    }
  }

  /** Does something over and over, until it is closed. */
  private static final class Meanwhile implements AutoCloseable {

    private final AtomicBoolean closed = new AtomicBoolean();
    private final CompletableFuture<Void> began = new CompletableFuture<>();
    private final CompletableFuture<Void> work;

    Meanwhile(Runnable act) {
      work =
          CompletableFuture.runAsync(
              () -> {
                while (!closed.get()) {
                  act.run();
                  began.complete(null);
                }
              });
      began.join();
    }

    boolean worked() {
      return !work.isDone();
    }

    @Override
    public void close() {
      closed.set(true);
      work.join();
    }
  }
}
