package io.belay.capability.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.belay.artifact.Artifact;
import io.belay.playground.Ports;
import io.belay.step.FakeStepContext;
import io.belay.step.Verdict;
import io.belay.target.Environment;
import io.belay.target.PostgresTarget;
import io.belay.target.RedisTarget;
import io.belay.target.Secret;
import io.belay.target.TargetException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import redis.embedded.RedisServer;

@Timeout(120)
class VerifyBackupIT {

  private static final VerifyBackup.Input VERIFY =
      new VerifyBackup.Input(List.of("database"), List.of("cache"), List.of(), false);
  private static final VerifyBackup.Input REHEARSE =
      new VerifyBackup.Input(List.of("database"), List.of("cache"), List.of(), true);

  private static PostgresWorld world;
  private static RedisServer redis;
  private static RedisTarget cache;
  private PostgresTarget database;
  private FakeStepContext context;
  private VerifyBackup verify;

  @BeforeAll
  static void start() throws Exception {
    world = new PostgresWorld();
    int port = Ports.free();
    redis = RedisServer.newRedisServer().port(port).build();
    redis.start();
    cache = new RedisTarget("localhost", port, "", Secret.none(), 5, Duration.ofSeconds(10));
    try (var connection = world.connections.redis(cache)) {
      connection.sync().set(new byte[] {1}, new byte[] {2});
    }
  }

  @AfterAll
  static void stop() throws Exception {
    redis.stop();
    world.close();
  }

  @BeforeEach
  void fill() throws Exception {
    database = world.newDatabase();
    try (var shop = getClass().getResourceAsStream("/backup/shop.sql")) {
      world.execute(database, new String(shop.readAllBytes(), StandardCharsets.UTF_8));
    }
    context = new FakeStepContext(Map.of("database", database, "cache", cache));
    verify = new VerifyBackup(world.verification);
  }

  private Artifact backup(DumpFormat format) throws Exception {
    RedisMemory memory = new RedisMemory(world.connections);
    context.run(
        new TakeRedisBackup(new RedisBackup(memory), memory),
        new TakeRedisBackup.Input(List.of("cache")));
    TakePostgresBackup.Result result =
        context.run(world.take, new TakePostgresBackup.Input(List.of("database"), format));
    return context.artifacts().find(result.artifacts()).orElseThrow();
  }

  @Test
  void ofNothing_nothingIsAsked() throws Exception {
    VerifyBackup.Result result =
        context.run(verify, new VerifyBackup.Input(List.of(), List.of(), List.of(), false));

    assertThat(result.verdict()).isEqualTo(Verdict.PASS);
    assertThat(result.verified()).isZero();
  }

  @Test
  void withoutACache_theDatabaseAloneIsEnough_andEachDatabaseThatIsNamedIsWanted()
      throws Exception {
    PostgresTarget other = world.newDatabase();
    context.environment(new Environment("test", "", Map.of("database", database, "other", other)));
    TakePostgresBackup.Input both =
        new TakePostgresBackup.Input(List.of("database", "other"), DumpFormat.CUSTOM);
    VerifyBackup.Input verifyBoth =
        new VerifyBackup.Input(List.of("database", "other"), List.of(), List.of(), false);
    context.run(world.take, new TakePostgresBackup.Input(List.of("database"), DumpFormat.CUSTOM));

    VerifyBackup.Result one = context.run(verify, verifyBoth);
    assertThat(one.verdict()).isEqualTo(Verdict.NO_DATA);
    assertThat(one.reason()).contains("'other'");

    context.run(world.take, both);
    VerifyBackup.Result all = context.run(verify, verifyBoth);
    assertThat(all.verdict()).as(all.reason()).isEqualTo(Verdict.PASS);
    assertThat(all.verified()).isEqualTo(3);
  }

  @Test
  void configurationThatIsNamed_isWanted() throws Exception {
    backup(DumpFormat.CUSTOM);

    VerifyBackup.Result result =
        context.run(verify, new VerifyBackup.Input(List.of(), List.of(), List.of("files"), false));

    assertThat(result.verdict()).isEqualTo(Verdict.NO_DATA);
    assertThat(result.reason()).contains("no finished configuration of target 'files'");
  }

  @Test
  void interruptedBackupOfSeveral_keepsThoseThatAreComplete() throws Exception {
    context.environment(
        new Environment("test", "", Map.of("database", database, "other", world.newDatabase())));
    TakePostgresBackup.Input both =
        new TakePostgresBackup.Input(List.of("database", "other"), DumpFormat.CUSTOM);
    context.runKilled(world.take, both);
    List<Artifact> first = context.artifacts().ofRun(context.runId());

    TakePostgresBackup.Result result = context.retry(world.take, both);

    assertThat(context.artifacts().ofRun(context.runId())).isEqualTo(first).hasSize(2);
    assertThat(result.bytes()).isEqualTo(first.stream().mapToLong(Artifact::size).sum());
  }

  private void rewriteManifest(Artifact artifact, String from, String to) throws Exception {
    Path manifest =
        context.artifacts().path(artifact).resolveSibling(artifact.name() + ".manifest.json");
    String text = Files.readString(manifest);
    assertThat(text).contains(from);
    Files.writeString(manifest, text.replace(from, to));
  }

  private long scratchDatabases() throws Exception {
    return world
        .query(database, "select 1 from pg_database where datname like 'belay_rehearsal_%'")
        .size();
  }

  @ParameterizedTest
  @EnumSource(DumpFormat.class)
  void wholeBackups_pass_alsoInARehearsal_whichLeavesNothing(DumpFormat format) throws Exception {
    backup(format);
    String before = world.everything(database);

    VerifyBackup.Result result = context.run(verify, REHEARSE);

    assertThat(result.verdict()).as(result.reason()).isEqualTo(Verdict.PASS);
    assertThat(result.verified()).isEqualTo(2);
    assertThat(scratchDatabases()).isZero();
    assertThat(world.everything(database)).isEqualTo(before);
  }

  @Test
  void backupOfAnotherDatabaseThanTheOneNamedHere_doesNotPass() throws Exception {
    backup(DumpFormat.CUSTOM);
    context.environment(
        new Environment("test", "", Map.of("database", world.newDatabase(), "cache", cache)));

    VerifyBackup.Result result = context.run(verify, VERIFY);

    assertThat(result.verdict()).isEqualTo(Verdict.FAIL);
    assertThat(result.reason()).contains("/" + database.database() + " (");
  }

  @Test
  void databaseThatIsWrittenMeanwhile_isCountedInTheSnapshotThatIsDumped() throws Exception {
    AtomicBoolean stop = new AtomicBoolean();
    CompletableFuture<Void> load =
        CompletableFuture.runAsync(
            () -> {
              try (var connection = world.connect(database);
                  var insert =
                      connection.prepareStatement(
                          "insert into customers (name) values (gen_random_uuid()::text)")) {
                while (!stop.get()) {
                  insert.execute();
                }
              } catch (java.sql.SQLException e) {
                throw new IllegalStateException(e);
              }
            });
    try {
      backup(DumpFormat.CUSTOM);
    } finally {
      stop.set(true);
    }
    load.join();
    assertThat(context.run(verify, REHEARSE).verdict()).isEqualTo(Verdict.PASS);
    assertThat(world.query(database, "select count(*) from customers"))
        .first()
        .satisfies(count -> assertThat(Long.parseLong(count)).isGreaterThan(500));
  }

  @Test
  void noBackup_isNoData() throws Exception {
    VerifyBackup.Result result = context.run(verify, VERIFY);

    assertThat(result.verdict()).isEqualTo(Verdict.NO_DATA);
    assertThat(result.reason()).contains("postgres-backup", "'database'");
  }

  @Test
  void missingRedisBackup_isNoData() throws Exception {
    context.run(world.take, new TakePostgresBackup.Input(List.of("database"), DumpFormat.CUSTOM));

    VerifyBackup.Result result = context.run(verify, VERIFY);

    assertThat(result.verdict()).isEqualTo(Verdict.NO_DATA);
    assertThat(result.reason()).contains("redis-backup", "'cache'");
  }

  @Test
  void backupOfAnotherRun_doesNotCount() throws Exception {
    backup(DumpFormat.CUSTOM);
    context.runId("run-2");

    assertThat(context.run(verify, VERIFY).verdict()).isEqualTo(Verdict.NO_DATA);
  }

  @Test
  void tamperedBackup_fails() throws Exception {
    Artifact artifact = backup(DumpFormat.CUSTOM);
    Path file = context.artifacts().path(artifact);
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 3] ^= 4;
    Files.write(file, bytes);

    VerifyBackup.Result result = context.run(verify, VERIFY);

    assertThat(result.verdict()).isEqualTo(Verdict.FAIL);
    assertThat(result.reason()).contains(artifact.name());
  }

  @Test
  void backupWithFewerRowsThanCounted_fails_andNamesTheTable() throws Exception {
    Artifact artifact = backup(DumpFormat.CUSTOM);
    rewriteManifest(artifact, "\\\"public.orders\\\":3003", "\\\"public.orders\\\":3004");

    VerifyBackup.Result result = context.run(verify, VERIFY);

    assertThat(result.verdict()).isEqualTo(Verdict.FAIL);
    assertThat(result.reason()).contains("public.orders with 3003 rows instead of 3004");
  }

  @Test
  void backupWithoutATable_fails() throws Exception {
    Artifact artifact = backup(DumpFormat.DIRECTORY);
    rewriteManifest(
        artifact, "\\\"public.orders\\\":3003", "\\\"public.orders\\\":3003,\\\"public.gone\\\":1");

    VerifyBackup.Result result = context.run(verify, VERIFY);

    assertThat(result.verdict()).isEqualTo(Verdict.FAIL);
    assertThat(result.reason()).contains("data of 7 tables, the database had 8");
  }

  @Test
  void rehearsalWithAnotherStructure_fails_andLeavesNothing() throws Exception {
    Artifact artifact = backup(DumpFormat.CUSTOM);
    String fingerprint = artifact.details().get("fingerprint");
    rewriteManifest(artifact, fingerprint, "0".repeat(64));

    VerifyBackup.Result result = context.run(verify, REHEARSE);

    assertThat(result.verdict()).isEqualTo(Verdict.FAIL);
    assertThat(result.reason()).contains("other tables, columns, indexes or functions");
    assertThat(scratchDatabases()).isZero();
  }

  @Test
  void scratchDatabaseOfAKilledAttempt_isReplaced() throws Exception {
    backup(DumpFormat.CUSTOM);
    String scratch = PostgresRehearsal.scratchName("verifyBackup-3");
    world.execute(database, "create database " + scratch);
    world.execute(database.withDatabase(scratch), "create table customers (left_over int)");

    assertThat(context.run(verify, REHEARSE).verdict()).isEqualTo(Verdict.PASS);
    assertThat(context.stepKey()).isEqualTo("verifyBackup-3");
    assertThat(scratchDatabases()).isZero();
  }

  @Test
  void loginThatCouldNotRestore_fails_beforeItIsNeeded() throws Exception {
    world.asSuperuser(
        database.database(),
        "create schema vendor",
        "grant usage on schema vendor to app",
        "create table vendor.t (id int)",
        "grant select on vendor.t to app");
    backup(DumpFormat.CUSTOM);

    VerifyBackup.Result result = context.run(verify, VERIFY);

    assertThat(result.verdict()).isEqualTo(Verdict.FAIL);
    assertThat(result.reason()).contains("login 'app' cannot restore it", "vendor");
  }

  @Test
  void rehearsalWithoutTheRight_saysWhatIsMissing() throws Exception {
    world.asSuperuser("postgres", "alter role app nocreatedb");
    try {
      backup(DumpFormat.CUSTOM);
      assertThat(context.run(verify, VERIFY).verdict()).isEqualTo(Verdict.PASS);
      assertThatThrownBy(() -> context.run(verify, REHEARSE))
          .isInstanceOf(TargetException.class)
          .hasMessageContaining("CREATEDB");
    } finally {
      world.asSuperuser("postgres", "alter role app createdb");
    }
  }

  @Test
  void rightThatTheChosenWayNeeds_isMissedBeforeTheBackupCounts() throws Exception {
    backup(DumpFormat.CUSTOM);
    world.asSuperuser("postgres", "alter role app nocreatedb");
    try {
      VerifyBackup.Result result = context.run(verify, VERIFY);
      assertThat(result.verdict()).isEqualTo(Verdict.FAIL);
      assertThat(result.reason())
          .contains("side by side", "may not create databases (ALTER ROLE app CREATEDB)");
    } finally {
      world.asSuperuser("postgres", "alter role app createdb");
    }
  }

  @Test
  void emptyConfigurationBackup_fails() throws Exception {
    backup(DumpFormat.CUSTOM);
    context.artifacts().write(context.runId(), "files", "configuration", out -> Map.of());

    VerifyBackup.Result result = context.run(verify, VERIFY);

    assertThat(result.verdict()).isEqualTo(Verdict.FAIL);
    assertThat(result.reason()).contains("files", "it is empty");
  }

  @Test
  void space_isComparedWithWhatIsThere() throws Exception {
    CheckBackupSpace.Result result =
        context.run(
            new CheckBackupSpace(world.space),
            new CheckBackupSpace.Input(List.of("database"), List.of("cache")));

    long size =
        Long.parseLong(world.query(database, "select pg_database_size(current_database())").get(0));
    assertThat(result.neededBytes()).isGreaterThan(size).isLessThan(2 * size + 100_000_000);
    assertThat(result.freeBytes()).isPositive();
    assertThat(result.verdict())
        .isEqualTo(result.freeBytes() >= result.neededBytes() ? Verdict.PASS : Verdict.FAIL);
  }
}
