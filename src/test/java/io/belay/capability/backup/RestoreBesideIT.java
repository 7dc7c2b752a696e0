package io.belay.capability.backup;

import static io.belay.capability.backup.PostgresWorld.PASSWORD;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.belay.artifact.ArtifactStore;
import io.belay.faults.InBackground;
import io.belay.step.FakeStepContext;
import io.belay.target.PostgresTarget;
import io.belay.target.RestoreWay;
import io.belay.target.TargetDiffers;
import io.belay.target.TargetException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Restores into a new database that takes the old one's name. */
@Timeout(120)
class RestoreBesideIT {

  private static final TakePostgresBackup.Input TAKE =
      new TakePostgresBackup.Input(List.of("database"), DumpFormat.CUSTOM);
  private static final RestorePostgresBackup.Input RESTORE =
      new RestorePostgresBackup.Input("database");

  private static final String FILLING =
      " from pg_stat_activity where datname ~ '^belay_restored_' and wait_event = 'PgSleep'"
          + " and query like 'COPY public.unhurried%'";

  private static PostgresWorld world;
  private PostgresTarget database;
  private FakeStepContext context;
  private String before;

  /** Each time an artifact is opened: the tables are locked then, and the swap is not yet done. */
  private Hook beforeReading = () -> {};

  /** When the last of it is read: the tables are there, rows are on their way to the sessions. */
  private Hook atItsEnd = () -> {};

  @BeforeAll
  static void start() throws Exception {
    world = new PostgresWorld();
    world.asSuperuser("postgres", "create role other login");
  }

  @AfterAll
  static void stop() throws Exception {
    world.close();
  }

  @BeforeEach
  void backUpAndDestroy() throws Exception {
    database = PostgresWorld.restored(world.newDatabase(), RestoreWay.BESIDE);
    world.fillShop(database);
    before = world.everything(database);
    FakeStepContext plain = world.context(database);
    context = new FakeStepContext(plain.environment(), hooked(plain.artifacts()));
    context.run(world.take, TAKE);
    PostgresWorld.changeBegins(context);
    world.destroyShop(database);
  }

  @AfterEach
  void nothingIsLeft() throws Exception {
    world.asSuperuser("postgres", "alter role app createdb");
    assertThat(world.query(database, PostgresWorld.LEFT)).isEmpty();
  }

  @Test
  void settingsGrantsAndComment_stayWithTheName() throws Exception {
    String name = database.database();
    world.execute(
        database,
        "alter database %s set search_path = public, \"$user\", \"Odd \"\"one\"\"\""
            .formatted(name),
        "alter database %s set \"DateStyle\" = 'German, DMY'".formatted(name),
        "alter role app in database %s set statement_timeout = '31s'".formatted(name));
    world.asSuperuser(
        "postgres",
        "grant connect, create on database %s to reader with grant option".formatted(name),
        "revoke temporary on database %s from public".formatted(name),
        "comment on database %s is 'it''s ours'".formatted(name),
        "alter database %s connection limit 77".formatted(name));
    String kept =
        "select (select array_agg(row(setrole, setconfig) order by setrole) from pg_db_role_setting"
            + " where setdatabase = d.oid)::text || row(datdba, (select array_agg(a order by a::text) from unnest(datacl) a), datconnlimit,"
            + " shobj_description(oid, 'pg_database'))::text from pg_database d where datname = '%s'"
                .formatted(name);
    List<String> properties = world.query(database, kept);
    assertThat(properties.get(0)).contains("Odd", "statement_timeout=31s", "reader=C*c*", "ours");

    context.run(world.restore, RESTORE);

    assertThat(world.query(database, kept)).isEqualTo(properties);
    assertThat(world.everything(database)).isEqualTo(before);
  }

  @Test
  void whoReads_goesOnUntilTheSwap_andWhoWrites_waits() throws Exception {
    AtomicInteger refused = new AtomicInteger();
    try (Connection reader = world.connect(database);
        Connection writer = world.connect(database)) {
      beforeReading =
          () -> {
            reader.createStatement().executeQuery("select * from customers").next();
            writer.createStatement().execute("set lock_timeout = 100");
            assertThatThrownBy(() -> writer.createStatement().execute("delete from customers"))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("lock timeout");
            refused.incrementAndGet();
          };

      context.run(world.restore, RESTORE);

      assertThat(refused).hasPositiveValue();
      assertThatThrownBy(() -> reader.createStatement().execute("select 1"))
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("terminating connection");
    }
    assertThat(world.everything(database)).isEqualTo(before);
  }

  @Test
  void killedBeforeAnything_isDoneByTheNextAttempt() throws Exception {
    context.runKilledAfterSave(RestoreBeside.CHECKPOINT, world.restore, RESTORE);
    theNextAttemptDoesIt();
  }

  @Test
  void killedInTheMiddle_isDoneByTheNextAttempt() throws Exception {
    atItsEnd =
        () -> {
          throw new Gone();
        };
    assertThatThrownBy(() -> context.run(world.restore, RESTORE)).isInstanceOf(Gone.class);
    assertThat(world.query(database, PostgresWorld.LEFT)).hasSize(1);
    atItsEnd = () -> {};
    theNextAttemptDoesIt();
  }

  private static final class Gone extends Error {}

  @Test
  void killedBeforeTheSwap_isDoneByTheNextAttempt() throws Exception {
    context.runKilledAfterSave(2, RestoreBeside.CHECKPOINT, world.restore, RESTORE);
    assertThat(world.query(database, PostgresWorld.LEFT)).hasSize(1);
    theNextAttemptDoesIt();
  }

  @Test
  void sessionEndedWhileItFills_leavesTheDatabase_andTheNextAttemptDoesIt() throws Exception {
    CompletableFuture<?> running = restoreUnhurried();
    world.query(database, "select pg_terminate_backend(pid)" + FILLING);

    assertThatThrownBy(running::join)
        .hasCauseInstanceOf(TargetException.class)
        .hasMessageContaining("as it was before");
    theNextAttemptDoesIt();
  }

  @Test
  void cancelledWhileItFills_leavesNothing_andTheNextAttemptDoesIt() throws Exception {
    CompletableFuture<?> running = restoreUnhurried();
    context.cancel();

    assertThatThrownBy(running::join).hasCauseInstanceOf(CancellationException.class);
    assertThat(world.query(database, PostgresWorld.LEFT)).isEmpty();
    context.cancellation().reset();
    theNextAttemptDoesIt();
  }

  /** Among rows that take two seconds to come in. */
  private CompletableFuture<?> restoreUnhurried() throws Exception {
    world.execute(
        database,
        "create function pause(int) returns boolean language sql as 'select true from pg_sleep(0.05)'",
        "create table unhurried (id int check (public.pause(id)))",
        "insert into unhurried select generate_series(1, 40)");
    before = world.everything(database);
    context.run(world.take, TAKE);
    PostgresWorld.changeBegins(context);
    world.execute(database, "drop table unhurried");
    CompletableFuture<?> running = InBackground.run(() -> context.run(world.restore, RESTORE));
    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> {
              // Not filling any more is not filling: it says why.
              if (running.isDone()) {
                running.join();
                throw new AssertionError("it was restored before it could be disturbed");
              }
              return !world.query(database, "select pid" + FILLING).isEmpty();
            });
    return running;
  }

  private void theNextAttemptDoesIt() throws Exception {
    assertThat(world.query(database, "select count(*) from messages")).containsExactly("50");
    context.retry(world.restore, RESTORE);
    assertThat(world.everything(database)).isEqualTo(before);
  }

  @Test
  void killedAfterTheSwap_isNotDoneTwice_andTheOldOneIsDropped() throws Exception {
    context.runKilled(world.restore, RESTORE);
    world.execute(
        database,
        "insert into customers (name) values ('came after the restore')",
        "create database "
            + ScratchDatabase.name("belay_replaced_", "run-1_restorePostgresBackup-3"));

    RestorePostgresBackup.Result result = context.retry(world.restore, RESTORE);

    assertThat(result.restored()).isTrue();
    assertThat(world.query(database, "select name from customers where id > 500"))
        .containsExactly("came after the restore");
  }

  @Test
  void backupOfOneDatabase_isNotRestoredOverAnother() throws Exception {
    PostgresTarget other = world.newDatabase();
    world.execute(other, "create table theirs (id int)");
    context.environment(world.context(other).environment());

    assertThatThrownBy(() -> context.run(world.restore, RESTORE))
        .isInstanceOf(TargetDiffers.class)
        .hasMessageContaining("/" + database.database() + " (")
        .hasMessageContaining("/" + other.database() + " (");
    assertThat(world.query(other, "select count(*) from theirs")).containsExactly("0");
  }

  @Test
  void databaseThatSomebodyElseMade_isNotTouched() throws Exception {
    context.runKilledAfterSave(2, RestoreBeside.CHECKPOINT, world.restore, RESTORE);
    world.asSuperuser(
        "postgres",
        "drop database %s with (force)".formatted(database.database()),
        "create database %s owner app".formatted(database.database()));
    world.execute(database, "create table theirs (id int)");

    assertThatThrownBy(() -> context.retry(world.restore, RESTORE))
        .isInstanceOf(TargetDiffers.class)
        .hasMessageContaining("database oid");
    assertThat(world.query(database, "select count(*) from theirs")).containsExactly("0");
    // What the killed attempt restored stays until a person decides which database is the target.
    world.asSuperuser(
        "postgres", "drop database belay_restored_run_1_restorepostgresbackup_3 with (force)");
  }

  @Test
  void whatFailed_isDoneTheSameWayByTheNextAttempt() throws Exception {
    context.runKilledAfterSave(RestoreBeside.CHECKPOINT, world.restore, RESTORE);
    PostgresTarget auto = PostgresWorld.restored(database, RestoreWay.AUTO);
    context.environment(world.context(auto).environment());

    theNextAttemptDoesIt();

    assertThat(context.logs()).noneMatch(line -> line.contains("in place"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "alter role app nocreatedb -> may not create databases",
        "alter role other in database %s set work_mem = '5MB' -> setting work_mem of other",
        "alter database %s set log_min_duration_statement = 0 -> log_min_duration_statement of the database",
        "alter database %s is_template true -> is a template"
      })
  void obstacle_isSaid_andTheTransactionTaken(String obstacle) throws Exception {
    String[] parts = obstacle.split(" -> ");
    world.asSuperuser("postgres", parts[0].formatted(database.database()));
    PostgresTarget auto = PostgresWorld.restored(database, RestoreWay.AUTO);

    RestoreWays.Choice choice = world.ways.choose(auto);

    assertThat(choice.way()).isEqualTo(RestoreWay.IN_PLACE);
    assertThat(choice.why()).contains(parts[1]);
    assertThatThrownBy(() -> context.run(world.restore, RESTORE))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining(parts[1])
        .hasMessageContaining("Nothing was changed");
    assertThatThrownBy(() -> world.restore.plan(RESTORE, context.environment()))
        .hasMessageContaining(parts[1]);
  }

  @Test
  void sessionOfASuperuser_isAnObstacle() throws Exception {
    PostgresTarget auto = PostgresWorld.restored(database, RestoreWay.AUTO);
    assertThat(world.ways.choose(auto).way()).isEqualTo(RestoreWay.BESIDE);
    assertThat(world.restore.plan(RESTORE, context.environment()).summary())
        .contains("restored side by side");
    try (Connection superuser = world.superuser(database.database())) {
      assertThat(superuser.isValid(1)).isTrue();
      assertThat(world.ways.choose(auto).why()).contains("may not end the session of postgres");
    }
  }

  @Test
  void otherEncoding_andOddNames_comeBackAsTheyWere() throws Exception {
    world.asSuperuser(
        "postgres",
        "create database latin owner app template template0 encoding latin1 locale 'C'");
    database = PostgresWorld.restored(world.target("latin", PASSWORD, null), RestoreWay.BESIDE);
    context = world.context(database);
    String table = "\"gr\u00f6\u00dfe;\n\\restrict '\"";
    world.execute(
        database,
        "create table " + table + " (id serial, what text)",
        "insert into " + table + " (what) select '\u00fc\\\n' || n from generate_series(1, 500) n");
    before = world.everything(database);
    context.run(world.take, TAKE);
    PostgresWorld.changeBegins(context);
    world.execute(database, "truncate " + table + " restart identity");

    context.run(world.restore, RESTORE);

    assertThat(world.everything(database)).isEqualTo(before);
    assertThat(
            world.query(database, "select count(*) from " + table + " where what like '\u00fc%'"))
        .containsExactly("500");
    assertThat(world.query(database, "show server_encoding")).containsExactly("LATIN1");
  }

  private interface Hook {
    void run() throws Exception;
  }

  private ArtifactStore hooked(ArtifactStore store) {
    return (ArtifactStore)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {ArtifactStore.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("open")) {
                beforeReading.run();
              }
              try {
                Object result = method.invoke(store, arguments);
                return result instanceof InputStream in ? hooked(in) : result;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private InputStream hooked(InputStream in) {
    return new FilterInputStream(in) {
      @Override
      public int read(byte[] bytes, int offset, int length) throws IOException {
        int n = super.read(bytes, offset, length);
        if (n < 0) {
          try {
            atItsEnd.run();
          } catch (Exception e) {
            throw new IOException(e);
          }
        }
        return n;
      }
    };
  }
}
