package io.belay.capability.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.belay.artifact.ArtifactSettings;
import io.belay.artifact.FileArtifactStore;
import io.belay.faults.FrozenProcesses;
import io.belay.faults.InBackground;
import io.belay.faults.SmallDisk;
import io.belay.faults.SwallowingProxy;
import io.belay.step.FakeStepContext;
import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.target.Command;
import io.belay.target.CommandSessions;
import io.belay.target.Environment;
import io.belay.target.PassFile;
import io.belay.target.PostgresTarget;
import io.belay.target.RestoreWay;
import io.belay.target.Secret;
import io.belay.target.TargetException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The server ends sessions, is stopped, or the network swallows everything, in the middle of a dump
 * or a restore: the step ends in time with what happened, nothing is half done, and the next
 * attempt does it.
 */
@Timeout(180)
@SuppressWarnings("try") // what is held or stopped while a block runs
class PostgresFaultsIT {

  private static final TakePostgresBackup.Input TAKE =
      new TakePostgresBackup.Input(List.of("database"), DumpFormat.CUSTOM);
  private static final RestorePostgresBackup.Input RESTORE =
      new RestorePostgresBackup.Input("database");

  private static PostgresWorld world;
  private PostgresTarget direct;
  private PostgresTarget database;
  private FakeStepContext context;

  @BeforeAll
  static void start() throws Exception {
    world = new PostgresWorld();
  }

  @AfterAll
  static void stop() throws Exception {
    world.close();
  }

  @BeforeEach
  void fill() throws Exception {
    direct = world.newDatabase();
    database = impatient(direct, direct.port());
    world.execute(
        direct,
        "create table orders (id int primary key, what text)",
        "insert into orders select n, repeat('x', 100) from generate_series(1, 2000) n",
        "create table parent (id int) partition by range (id)");
    context = world.context(database);
  }

  private static PostgresTarget impatient(PostgresTarget target, int port) {
    return new PostgresTarget(
        "127.0.0.1",
        port,
        target.database(),
        target.username(),
        Secret.of(PostgresWorld.PASSWORD),
        12,
        null,
        Duration.ofSeconds(2),
        Duration.ofSeconds(2),
        RestoreWay.IN_PLACE);
  }

  @Test
  void sessionsEndedDuringTheDump_leaveNoBackup_andTheNextAttemptTakesOne() throws Exception {
    try (Connection other = lock("lock table only parent in access exclusive mode")) {
      CompletableFuture<?> running = InBackground.run(() -> context.run(world.take, TAKE));
      soon().until(this::waitsForLock);
      endSessions();

      assertThatThrownBy(running::join)
          .hasCauseInstanceOf(TargetException.class)
          .hasMessageContaining("pg_dump of PostgreSQL " + direct.database())
          .hasMessageContaining("terminating connection due to administrator command")
          .hasMessageContaining("The database is unchanged, no backup was kept");
    }
    leavesNothing_andTheNextAttemptTakesIt();
  }

  @Test
  void sessionEndedWhileRowsAreCounted_saysTheSame() throws Exception {
    try (Connection other = lock("lock table orders in access exclusive mode")) {
      CompletableFuture<?> running = InBackground.run(() -> context.run(world.take, TAKE));
      soon().until(this::waitsForLock);
      endSessions();

      assertThatThrownBy(running::join)
          .hasCauseInstanceOf(TargetException.class)
          .hasMessageContaining("the backup of PostgreSQL " + direct.database())
          .hasMessageContaining("terminating connection due to administrator command")
          .hasMessageContaining("The database is unchanged, no backup was kept; retry");
    }
    leavesNothing_andTheNextAttemptTakesIt();
  }

  @Test
  void serverStoppedDuringTheDump_isGivenUp_andTheNextAttemptTakesIt() throws Exception {
    try (Connection other = lock("lock table only parent in access exclusive mode")) {
      CompletableFuture<?> running = InBackground.run(() -> context.run(world.take, TAKE));
      soon().until(this::waitsForLock);
      try (FrozenProcesses stopped = FrozenProcesses.serverOf(other)) {
        isGivenUp(running, "The database is unchanged, no backup was kept");
      }
    }
    leavesNothing_andTheNextAttemptTakesIt();
  }

  @Test
  void networkThatSwallowsEverything_isGivenUp_andTheNextAttemptTakesIt() throws Exception {
    try (SwallowingProxy network = new SwallowingProxy(direct.port())) {
      database = impatient(direct, network.port());
      context = world.context(database);
      try (Connection other = lock("lock table orders in access exclusive mode")) {
        CompletableFuture<?> running = InBackground.run(() -> context.run(world.take, TAKE));
        soon().until(this::waitsForLock);
        network.swallow();
        isGivenUp(running, "The database is unchanged, no backup was kept");
      }
      network.passOn();
      leavesNothing_andTheNextAttemptTakesIt();
    }
  }

  @Test
  void sessionEndedDuringTheRestore_rollsItBack_andTheNextAttemptRestores() throws Exception {
    String before = backUpAndDestroy();
    try (Connection other = lock("lock table orders in access share mode")) {
      CompletableFuture<?> running = InBackground.run(() -> context.run(world.restore, RESTORE));
      soon().until(this::waitsForLock);
      endSessions();

      assertThatThrownBy(running::join)
          .hasCauseInstanceOf(TargetException.class)
          .hasMessageContaining("the restore of PostgreSQL " + direct.database())
          .hasMessageContaining("was rolled back")
          .hasMessageContaining("terminating connection due to administrator command")
          .hasMessageContaining("The database is as it was before");
    }
    assertThat(world.query(direct, "select count(*) from orders")).containsExactly("1000");
    context.retry(world.restore, RESTORE);
    assertThat(world.everything(direct)).isEqualTo(before);
  }

  @Test
  void restoreThatAForgottenTransactionHoldsUp_namesIt() throws Exception {
    backUpAndDestroy();
    try (Connection other = lock("lock table orders in access share mode")) {
      assertThatThrownBy(() -> context.run(world.restore, RESTORE))
          .isInstanceOf(TargetException.class)
          .hasMessageContaining("canceling statement due to lock timeout")
          .hasMessageMatching(
              "(?s).*behind session \\d+ of user app \\(application 'test', idle in transaction, its transaction is 00:00:\\d+ old\\), which last ran: lock table orders in access share mode.*");
    }
  }

  @Test
  void sessionsEndedDuringTheRestoreBeside_leaveTheDatabase_andTheNextAttemptRestores()
      throws Exception {
    String before = backUpAndDestroy();
    besideFromNowOn();
    try (Connection other = lock("lock table orders in row exclusive mode")) {
      CompletableFuture<?> running = InBackground.run(() -> context.run(world.restore, RESTORE));
      soon().until(this::waitsForLock);
      endSessions();

      assertThatThrownBy(running::join)
          .hasCauseInstanceOf(TargetException.class)
          .hasMessageContaining("no lock on the tables of PostgreSQL " + direct.database())
          .hasMessageContaining("terminating connection due to administrator command")
          .hasMessageContaining("The database is as it was before");
    }
    restoresBeside(before);
  }

  @Test
  void serverStoppedDuringTheRestoreBeside_isGivenUp_andTheNextAttemptRestores() throws Exception {
    String before = backUpAndDestroy();
    besideFromNowOn();
    try (Connection other = lock("lock table orders in row exclusive mode")) {
      CompletableFuture<?> running = InBackground.run(() -> context.run(world.restore, RESTORE));
      soon().until(this::waitsForLock);
      try (FrozenProcesses stopped = FrozenProcesses.serverOf(other)) {
        isGivenUp(running, "as it was before or wholly restored");
      }
    }
    restoresBeside(before);
  }

  private void besideFromNowOn() {
    context.environment(
        world.context(PostgresWorld.restored(database, RestoreWay.BESIDE)).environment());
  }

  private void restoresBeside(String before) throws Exception {
    assertThat(world.query(direct, "select count(*) from orders")).containsExactly("1000");
    soon().until(() -> sessions().isEmpty());
    context.retry(world.restore, RESTORE);
    assertThat(world.everything(direct)).isEqualTo(before);
    assertThat(world.query(direct, PostgresWorld.LEFT)).isEmpty();
  }

  @Test
  void serverStoppedDuringTheRestore_isGivenUp_andTheNextAttemptRestores() throws Exception {
    String before = backUpAndDestroy();
    try (Connection other = lock("lock table orders in access share mode")) {
      CompletableFuture<?> running = InBackground.run(() -> context.run(world.restore, RESTORE));
      soon().until(this::waitsForLock);
      try (FrozenProcesses stopped = FrozenProcesses.serverOf(other)) {
        isGivenUp(running, "as it was before or wholly restored");
      }
    }
    context.retry(world.restore, RESTORE);
    assertThat(world.everything(direct)).isEqualTo(before);
  }

  /** Stands for a migration command that is killed while the server works for it. */
  private final class ApplySchema extends StepDelegate<ApplySchema.Input, StepDelegate.Done> {

    record Input(String migration) {}

    ApplySchema() {
      super(Input.class, Done.class);
    }

    @Override
    public Done perform(Input input, StepContext step) {
      CommandSessions.Opened opened =
          new CommandSessions(world.connections, direct).open("database", "belay-command test");
      step.save(CommandSessions.CHECKPOINT, opened);
      try (PassFile login = PassFile.of(direct)) {
        Map<String, Secret> environment =
            new HashMap<>(world.connections.postgresEnvironment(direct, login.path()));
        environment.put("PGAPPNAME", Secret.of(opened.mark()));
        world.commands.run(
            new Command(
                List.of("psql", "-c", "select pg_sleep(20); update orders set what = 'late'"),
                null,
                Map.of(),
                Duration.ofSeconds(2)),
            environment,
            step.cancellation(),
            line -> {});
      }
      return new Done();
    }

    @Override
    public StepPlan plan(Input input, Environment environment) {
      throw new AssertionError();
    }
  }

  @Test
  void restore_endsWhatAKilledCommandOfTheRunStillDoes_beforeItBegins() throws Exception {
    String before = backUpAndDestroy();
    assertThatThrownBy(() -> context.run(new ApplySchema(), new ApplySchema.Input("migration")))
        .hasMessageContaining("did not end within");
    assertThat(late()).hasSize(1);

    context.run(world.restore, RESTORE);
    soon().until(() -> late().isEmpty());
    assertThat(world.everything(direct)).isEqualTo(before);
  }

  private List<String> late() throws Exception {
    return world.query(
        direct,
        "select pid from pg_stat_activity where query like '%''late''%' and state <> 'idle'"
            + " and datname = current_database() and pid <> pg_backend_pid()");
  }

  @ParameterizedTest
  @EnumSource(DumpFormat.class)
  void fullDisk_isSaid_leavesNothing_andTheNextAttemptHasRoom(
      DumpFormat format, @TempDir Path volume) throws Exception {
    noise();
    TakePostgresBackup.Input take = new TakePostgresBackup.Input(List.of("database"), format);
    try (SmallDisk disk = SmallDisk.mount(volume, 1)) {
      context =
          new FakeStepContext(
              context.environment(),
              new FileArtifactStore(new ArtifactSettings(volume, Secret.none())));

      assertThatThrownBy(() -> context.run(world.take, take))
          .isInstanceOf(TargetException.class)
          .hasMessageContaining("No space left on device");

      try (Stream<Path> left = Files.walk(volume)) {
        assertThat(left.filter(Files::isRegularFile).map(file -> file.getFileName().toString()))
            .containsExactly(".lock");
      }
      disk.resize(64);
      TakePostgresBackup.Result result = context.retry(world.take, take);
      context.artifacts().verify(context.artifacts().find(result.artifacts()).orElseThrow());
    }
  }

  @Test
  void slowDisk_slowsTheDump_andAnAbortStopsItNevertheless() throws Exception {
    noise();
    CountDownLatch writing = new CountDownLatch(1);
    context =
        new FakeStepContext(
            context.environment(),
            SlowStore.around(
                context.artifacts(),
                () -> {
                  writing.countDown();
                  Thread.sleep(300);
                }));
    CompletableFuture<?> running = InBackground.run(() -> context.run(world.take, TAKE));
    writing.await();
    context.cancel();

    assertThatThrownBy(running::join).hasCauseInstanceOf(CancellationException.class);
    context.cancellation().reset();
    leavesNothing_andTheNextAttemptTakesIt();
  }

  /** About four megabytes that no compression makes smaller. */
  private void noise() throws Exception {
    world.execute(
        direct,
        "create table noise as select n id, string_agg(md5(random()::text), '') what"
            + " from generate_series(1, 2000) n, generate_series(1, 60) m group by n");
  }

  private String backUpAndDestroy() throws Exception {
    String before = world.everything(direct);
    context.run(world.take, TAKE);
    PostgresWorld.changeBegins(context);
    world.execute(direct, "delete from orders where id % 2 = 0", "drop table parent");
    return before;
  }

  private void isGivenUp(CompletableFuture<?> running, String state) {
    assertThatThrownBy(running::join)
        .hasCauseInstanceOf(TargetException.class)
        .hasMessageContaining("PostgreSQL " + direct.database() + " at 127.0.0.1:")
        .hasMessageContaining("has given no sign of life for 2 s")
        .hasMessageContaining(state)
        .hasMessageContaining("retry when it answers");
  }

  private void leavesNothing_andTheNextAttemptTakesIt() throws Exception {
    assertThat(context.artifacts().ofRun(context.runId())).isEmpty();
    soon().until(() -> sessions().isEmpty());
    TakePostgresBackup.Result result = context.retry(world.take, TAKE);
    context.artifacts().verify(context.artifacts().find(result.artifacts()).orElseThrow());
  }

  private Connection lock(String sql) throws Exception {
    Connection other = world.connect(direct);
    other.setAutoCommit(false);
    other.createStatement().execute(sql);
    return other;
  }

  private boolean waitsForLock() throws Exception {
    return !world
        .query(
            direct,
            "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
                + " and application_name in ('belay', 'pg_dump', 'psql')")
        .isEmpty();
  }

  /** Belay's, here: not those of the tests. */
  private List<String> sessions() throws Exception {
    return world.query(
        direct,
        "select pid from pg_stat_activity where datname = current_database()"
            + " and application_name in ('belay', 'pg_dump', 'psql') and pid <> pg_backend_pid()");
  }

  private void endSessions() throws Exception {
    for (String session : sessions()) {
      world.asSuperuser(direct.database(), "select pg_terminate_backend(" + session + ")");
    }
  }

  private static ConditionFactory soon() {
    return await().atMost(Duration.ofSeconds(60));
  }
}
