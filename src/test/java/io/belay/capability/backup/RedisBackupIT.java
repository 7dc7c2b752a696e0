package io.belay.capability.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.belay.artifact.Artifact;
import io.belay.artifact.Zstd;
import io.belay.capability.backup.RestoreRedisBackup.Mode;
import io.belay.playground.Ports;
import io.belay.step.FakeStepContext;
import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.step.Verdict;
import io.belay.target.Connections;
import io.belay.target.Environment;
import io.belay.target.RedisTarget;
import io.belay.target.Secret;
import io.belay.target.TargetDiffers;
import io.belay.target.TargetException;
import io.lettuce.core.Consumer;
import io.lettuce.core.RedisException;
import io.lettuce.core.XReadArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import redis.embedded.RedisServer;

@Timeout(60)
class RedisBackupIT {

  private static final String PASSWORD = "cache-pass-word";
  private static final TakeRedisBackup.Input TAKE = new TakeRedisBackup.Input(List.of("cache"));
  private static final RestoreRedisBackup.Input RESTORE =
      new RestoreRedisBackup.Input(List.of("cache"), Mode.RESTORE);

  /** Stands for the migration: that it began is all that the restore asks. */
  static final class ApplySchema extends StepDelegate<ApplySchema.Input, StepDelegate.Done> {

    record Input() {}

    ApplySchema() {
      super(Input.class, Done.class);
    }

    static void began(FakeStepContext context) {
      context.began(new ApplySchema(), new Input());
    }

    @Override
    public Done perform(Input input, StepContext context) {
      throw new AssertionError();
    }

    @Override
    public StepPlan plan(Input input, Environment environment) {
      throw new AssertionError();
    }
  }

  private static final CountLostKeys.Input COUNT = new CountLostKeys.Input(List.of("cache"));

  private static final Connections CONNECTIONS = new Connections();
  private static final RedisMemory MEMORY = new RedisMemory(CONNECTIONS);
  private static RedisServer server;
  private static int port;
  private static StatefulRedisConnection<String, String> connection;
  private static RedisCommands<String, String> redis;

  private final TakeRedisBackup take = new TakeRedisBackup(new RedisBackup(MEMORY), MEMORY);
  private final RestoreRedisBackup restore =
      new RestoreRedisBackup(new RedisRestore(CONNECTIONS), MEMORY);
  private final CountLostKeys count = new CountLostKeys(new RedisRestore(CONNECTIONS));
  private FakeStepContext context;

  @BeforeAll
  static void start() throws Exception {
    port = Ports.free();
    server =
        RedisServer.newRedisServer()
            .port(port)
            .setting("requirepass " + PASSWORD)
            .setting("save \"\"")
            .setting("repl-diskless-sync yes")
            .setting("repl-diskless-sync-delay 0")
            .setting("hash-max-ziplist-entries 8")
            .build();
    server.start();
    connection = CONNECTIONS.redis(cache("", PASSWORD), StringCodec.UTF8);
    redis = connection.sync();
    redis.dispatch(
        CommandType.ACL,
        new StatusOutput<>(StringCodec.UTF8),
        new CommandArgs<>(StringCodec.UTF8)
            .add("SETUSER")
            .add("replica")
            .add("on")
            .add(">replica-pass")
            .add("+psync")
            .add("+sync")
            .add("+replconf")
            .add("+ping")
            .add("+info"));
  }

  @AfterAll
  static void stop() throws Exception {
    connection.close();
    CONNECTIONS.close();
    server.stop();
  }

  private static RedisTarget cache(String username, String password) {
    return new RedisTarget(
        "localhost", port, username, Secret.of(password), 5, Duration.ofSeconds(10));
  }

  @Test
  void backupOfOneServer_isNotRestoredOverAnother() throws Exception {
    backup();
    int elsewhere = Ports.free();
    RedisServer other = RedisServer.newRedisServer().port(elsewhere).setting("save \"\"").build();
    other.start();
    RedisTarget named =
        new RedisTarget("localhost", elsewhere, "", Secret.none(), 5, Duration.ofSeconds(10));
    try (var theirs = CONNECTIONS.redis(named, StringCodec.UTF8)) {
      theirs.sync().set("theirs", "1");
      context.environment(new Environment("test", "", Map.of("cache", named)));

      assertThatThrownBy(() -> context.run(restore, RESTORE))
          .isInstanceOf(TargetDiffers.class)
          .hasMessageContaining("redis://localhost:" + port)
          .hasMessageContaining("redis://localhost:" + elsewhere);
      assertThat(theirs.sync().keys("*")).containsExactly("theirs");
    } finally {
      other.stop();
    }
  }

  @Test
  void newerAttempt_closesTheConnectionOfAnEarlierOne_andNoOther() {
    RedisTarget cache = cache("", PASSWORD);
    try (var earlier = CONNECTIONS.redis(cache);
        var newer = CONNECTIONS.redis(cache)) {
      RedisFence.hold(earlier, context);
      RedisFence.hold(newer, context);

      assertThatThrownBy(() -> earlier.sync().set(new byte[] {1}, new byte[] {1}))
          .isInstanceOf(RedisException.class);
      assertThat(newer.sync().ping()).isEqualTo("PONG");
      assertThat(redis.ping()).isEqualTo("PONG");
    }
  }

  @BeforeEach
  @SuppressWarnings("unchecked") // varargs of a generic type
  void fill() {
    redis.flushall();
    redis.select(0);
    redis.set("plain", "text");
    redis.set("number", "12345");
    redis.set("big", "x".repeat(3_000_000));
    redis.setex("session", 5000, "expires");
    redis.rpush("list", "a", "b", "a");
    redis.sadd("ints", "1", "2", "3");
    redis.zadd("scores", 1.5, "one");
    redis.zadd("scores", -2, "two");
    redis.xadd("stream", Map.of("field", "value"));
    redis.xgroupCreate(XReadArgs.StreamOffset.from("stream", "0"), "readers");
    redis.xreadgroup(
        Consumer.from("readers", "one"), XReadArgs.StreamOffset.lastConsumed("stream"));
    Map<String, String> many = new HashMap<>();
    for (int i = 0; i < 1200; i++) {
      many.put("field" + i, "value" + i);
      redis.sadd("large set", "member " + i);
    }
    redis.hset("large hash", many);
    redis.select(3);
    redis.hset("hash", Map.of("k", "v"));
    for (int i = 0; i < 1500; i++) {
      redis.set("key:" + i, "value " + i);
    }
    redis.select(0);
    context = new FakeStepContext(Map.of("cache", cache("", PASSWORD)));
  }

  private static void disturb() {
    redis.select(0);
    redis.set("plain", "changed");
    redis.del("number", "list");
    redis.set("late", "not in the backup");
    redis.persist("session");
    redis.expire("big", 9000);
    redis.hset("large hash", "field7", "changed");
    redis.srem("large set", "member 8");
    redis.del("scores");
    redis.set("scores", "now a string");
    redis.select(3);
    redis.del("key:1", "key:2");
    redis.set("key:3", "changed");
    redis.select(5);
    redis.set("other database", "not in the backup");
    redis.select(0);
  }

  /** Redis's own digest over all databases; it does not depend on order or encoding. */
  private static String digest() {
    return redis.dispatch(
        CommandType.DEBUG,
        new StatusOutput<>(StringCodec.UTF8),
        new CommandArgs<>(StringCodec.UTF8).add("DIGEST"));
  }

  private Artifact backup() throws Exception {
    Artifact taken = context.artifacts().find(context.run(take, TAKE).artifacts()).orElseThrow();
    ApplySchema.began(context);
    return taken;
  }

  @Test
  void backup_holdsEveryKeyOfEveryDatabase_andSaysSo() throws Exception {
    TakeRedisBackup.Result result = context.run(take, TAKE);
    Artifact artifact = context.artifacts().find(result.artifacts()).orElseThrow();

    assertThat(artifact.name()).isEqualTo("redis-cache-takeRedisBackup-1.rdb.zst");
    assertThat(result.keys()).isEqualTo(10 + 1501);
    assertThat(result.bytes()).isEqualTo(Files.size(context.artifacts().path(artifact)));
    assertThat(artifact.details())
        .containsEntry("databases", "{\"0\":10,\"3\":1501}")
        .containsEntry("target", "cache")
        .containsEntry("rdbVersion", "9")
        .hasEntrySatisfying("server", v -> assertThat(v).startsWith("6.2"));
    assertThat(artifact.details().toString()).doesNotContain(PASSWORD);
    assertThat(context.progressReports()).anyMatch(line -> line.contains("bytes copying"));
    assertThat(RdbReader.read(artifact, context)).isEqualTo(RdbContent.of(artifact));
  }

  @Test
  void disturbedServer_holdsTheBackupAgain() throws Exception {
    String before = digest();
    long expiry = System.currentTimeMillis() + redis.pttl("session");
    backup();
    disturb();
    assertThat(digest()).isNotEqualTo(before);

    RestoreRedisBackup.Result result = context.run(restore, RESTORE);

    assertThat(digest()).isEqualTo(before);
    assertThat(System.currentTimeMillis() + redis.pttl("session"))
        .isBetween(expiry - 500, expiry + 500);
    assertThat(redis.pttl("big")).isEqualTo(-1);
    assertThat(redis.info("keyspace")).doesNotContain("db5");
    // 8 in database 0 and 3 in database 3 were put back, 2 removed
    assertThat(result).isEqualTo(new RestoreRedisBackup.Result(true, 8 + 3 + 2));
  }

  @Test
  void runThatChangedNothingSinceItsBackup_leavesAloneWhatUsersWrote() throws Exception {
    ApplySchema.began(context); // staging, say, before the backup
    context.run(take, TAKE);
    disturb();
    String written = digest();

    assertThat(context.run(restore, RESTORE)).isEqualTo(new RestoreRedisBackup.Result(false, 0));

    assertThat(digest()).isEqualTo(written);
    assertThat(context.logs())
        .anyMatch(line -> line.contains("the run changed nothing since it began its backup"));
  }

  @Test
  void keysThatARestoreWouldLose_areCountedAndNamed_withoutAChange() throws Exception {
    backup();
    disturb();
    String disturbed = digest();

    CountLostKeys.Result lost = context.run(count, COUNT);

    assertThat(lost.keys()).isEqualTo(2 + 7 + 4);
    assertThat(lost.report().lines())
        .satisfiesExactly(
            line ->
                assertThat(line)
                    .startsWith("2 new since")
                    .contains("late in database 0", "other database in database 5"),
            line -> assertThat(line).startsWith("7 changed since").endsWith(", …"),
            line ->
                assertThat(line)
                    .startsWith("4 deleted since")
                    .contains("list in database 0", "key:1 in database 3"));
    assertThat(lost.reason()).contains("whose first change after it was applySchema");
    assertThat(digest()).isEqualTo(disturbed);
  }

  @Test
  void undoSteps_areNoChangeOfTheRun() throws Exception {
    context.run(take, TAKE);
    context.began(restore, RESTORE);
    disturb();

    assertThat(context.run(count, COUNT).keys()).isZero();
    assertThat(context.run(restore, RESTORE)).isEqualTo(new RestoreRedisBackup.Result(false, 0));
  }

  @Test
  void equalServer_isNotTouched() throws Exception {
    backup();
    disturb();
    context.run(restore, RESTORE);

    RestoreRedisBackup.Result again = context.run(restore, RESTORE);

    assertThat(again).isEqualTo(new RestoreRedisBackup.Result(false, 0));
  }

  @Test
  void keep_touchesNothing_andNeedsNoServer() throws Exception {
    FakeStepContext offline = new FakeStepContext(Map.of("cache", PostgresWorld.nowhere()));

    assertThat(offline.run(restore, new RestoreRedisBackup.Input(List.of("cache"), Mode.KEEP)))
        .isEqualTo(new RestoreRedisBackup.Result(false, 0));
  }

  @Test
  void keysThatExpiredSinceTheBackup_stayGone() throws Exception {
    redis.psetex("short", 150, "life");
    backup();
    redis.persist("short");
    redis.set("short", "lives on without expiry");
    org.awaitility.Awaitility.await().pollDelay(Duration.ofMillis(200)).until(() -> true);

    context.run(restore, RESTORE);

    assertThat(redis.exists("short")).isZero();
  }

  @Test
  void restoreKilledInTheMiddle_isCompletedByTheNextAttempt() throws Exception {
    String before = digest();
    backup();
    disturb();
    context.runKilledAfterSave(RedisRestore.CHECKPOINT, restore, RESTORE);
    redis.del("plain");

    context.retry(restore, RESTORE);

    assertThat(digest()).isEqualTo(before);
  }

  @Test
  void finishedRestore_isNotRepeated() throws Exception {
    backup();
    disturb();
    context.runKilled(restore, RESTORE);
    redis.set("written after the restore", "stays");

    RestoreRedisBackup.Result result = context.retry(restore, RESTORE);

    assertThat(result.restored()).isTrue();
    assertThat(redis.get("written after the restore")).isEqualTo("stays");
  }

  @Test
  void cancelledBackup_leavesNothing() {
    context.cancel();

    assertThatThrownBy(() -> context.run(take, TAKE)).isInstanceOf(CancellationException.class);
    assertThat(context.artifacts().ofRun(context.runId())).isEmpty();
  }

  @Test
  void tamperedBackup_isRefused_andTheServerUntouched() throws Exception {
    Artifact artifact = backup();
    disturb();
    String disturbed = digest();
    Path file = context.artifacts().path(artifact);
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes);

    assertThatThrownBy(() -> context.run(restore, RESTORE)).isInstanceOf(TargetException.class);
    assertThat(digest()).isEqualTo(disturbed);
  }

  @Test
  void rdbThatBreaksOff_isNoticed_evenWhereTheLibraryEndsQuietly() throws Exception {
    Artifact whole = backup();
    byte[] rdb;
    try (var plain = Zstd.decompress(context.artifacts().open(whole))) {
      rdb = plain.readAllBytes();
    }
    for (int length : new int[] {0, 5, 9, rdb.length / 2, rdb.length - 9, rdb.length - 1}) {
      Artifact cut = artifactOf("cut-" + length, java.util.Arrays.copyOf(rdb, length));
      assertThatThrownBy(() -> RdbReader.read(cut, context))
          .as("cut after %d of %d bytes", length, rdb.length)
          .isInstanceOf(IOException.class);
    }
    rdb[rdb.length / 2] ^= 1;
    Artifact flipped = artifactOf("flipped", rdb);
    assertThatThrownBy(() -> RdbReader.read(flipped, context)).isInstanceOf(IOException.class);
  }

  private Artifact artifactOf(String name, byte[] rdb) throws Exception {
    return context
        .artifacts()
        .write(
            context.runId(),
            name,
            "test",
            out -> {
              try (var zipped = Zstd.compress(out)) {
                zipped.write(rdb);
              }
              return Map.of();
            });
  }

  @Test
  void serverThatWasPutBack_isLeftAloneWhenTheStepIsRepeatedForAnother() throws Exception {
    RedisServer second = RedisServer.newRedisServer().port(Ports.free()).build();
    second.start();
    RedisTarget sessions =
        new RedisTarget(
            "localhost", second.ports().get(0), "", Secret.none(), 5, Duration.ofSeconds(10));
    try (var other = CONNECTIONS.redis(sessions, StringCodec.UTF8)) {
      context = new FakeStepContext(Map.of("cache", cache("", PASSWORD), "sessions", sessions));
      List<String> both = List.of("cache", "sessions");
      other.sync().set("s", "1");
      context.run(take, new TakeRedisBackup.Input(both));
      ApplySchema.began(context);
      redis.set("written", "by v2");
      other.sync().set("s", "2");
      RestoreRedisBackup.Input input = new RestoreRedisBackup.Input(both, Mode.RESTORE);
      assertThat(context.run(count, new CountLostKeys.Input(both)).keys()).isEqualTo(2);

      context.runKilledAfterSave(RestoreRedisBackup.PUT_BACK, restore, input);
      assertThat(redis.get("written")).isNull();
      redis.set("written", "by v1, after it was put back");

      assertThat(context.retry(restore, input).keys()).isEqualTo(2);
      assertThat(redis.get("written")).isEqualTo("by v1, after it was put back");
      assertThat(other.sync().get("s")).isEqualTo("1");
      assertThat(context.takenBack()).containsExactly("takeRedisBackup-1");
      redis.del("written");
    } finally {
      second.stop();
    }
  }

  @Test
  void runThatNeverGotPastItsBackups_hasNothingToTakeBack() throws Exception {
    disturb();
    String disturbed = digest();

    assertThat(context.run(restore, RESTORE)).isEqualTo(new RestoreRedisBackup.Result(false, 0));
    assertThat(digest()).isEqualTo(disturbed);
  }

  @Test
  void runThatWentOnWithoutABackup_failsLoudly() throws Exception {
    context.run(
        new VerifyBackup(
            new BackupVerification(null, null) {
              @Override
              Outcome verify(Needed needed, boolean rehearse, StepContext run) {
                return new Outcome(Verdict.PASS, "", 1);
              }
            }),
        new VerifyBackup.Input(List.of("database"), List.of("cache"), List.of(), false));

    ApplySchema.began(context);

    assertThatThrownBy(() -> context.run(restore, RESTORE))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("no finished takeRedisBackup");
  }

  @Test
  void lostArtifact_failsLoudly() throws Exception {
    Artifact artifact = backup();
    Files.delete(
        context.artifacts().path(artifact).resolveSibling(artifact.name() + ".manifest.json"));

    assertThatThrownBy(() -> context.run(restore, RESTORE))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("is not among the artifacts any more");
  }

  @Test
  void loginWithJustTheNeededRights_canBackUp() throws Exception {
    FakeStepContext least = new FakeStepContext(Map.of("cache", cache("replica", "replica-pass")));

    assertThat(least.run(take, TAKE).keys()).isEqualTo(1511);
  }

  @Test
  void wrongPassword_isSaidClearly_withoutThePassword() {
    context.environment(
        new Environment("test", "", Map.of("cache", cache("", "not-the-password"))));

    assertThatThrownBy(() -> context.run(take, TAKE))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("WRONGPASS")
        .hasMessageNotContaining("not-the-password");
    assertThat(context.artifacts().ofRun(context.runId())).isEmpty();
  }

  @Test
  void unreachableServer_isSaidClearly() {
    context.environment(new Environment("test", "", Map.of("cache", PostgresWorld.nowhere())));

    assertThatThrownBy(() -> context.run(take, TAKE))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("Redis at localhost:1");
  }
}
