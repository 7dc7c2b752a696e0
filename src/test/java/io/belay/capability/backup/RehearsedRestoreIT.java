package io.belay.capability.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.belay.artifact.Artifact;
import io.belay.playground.Ports;
import io.belay.step.FakeStepContext;
import io.belay.step.Verdict;
import io.belay.target.PostgresTarget;
import io.belay.target.RedisTarget;
import io.belay.target.RestoreWay;
import io.belay.target.Secret;
import io.belay.target.TargetException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import redis.embedded.RedisServer;

/**
 * Schemas as real systems have them, on a server with its default lock table: either the backup
 * passes and its restore brings back exactly what was there, or the backup does not count and the
 * reason names the obstacle and its cure.
 */
@Timeout(300)
class RehearsedRestoreIT {

  private static final TakePostgresBackup.Input TAKE =
      new TakePostgresBackup.Input(List.of("database"), DumpFormat.CUSTOM);
  private static final VerifyBackup.Input REHEARSE =
      new VerifyBackup.Input(List.of("database"), List.of("cache"), List.of(), true);
  private static final VerifyBackup.Input VERIFY =
      new VerifyBackup.Input(List.of("database"), List.of("cache"), List.of(), false);
  private static final RestorePostgresBackup.Input RESTORE =
      new RestorePostgresBackup.Input("database");

  private static PostgresWorld world;
  private static RedisServer redis;
  private static RedisTarget cache;

  private PostgresTarget database;
  private FakeStepContext context;

  @BeforeAll
  static void start() throws Exception {
    world = new PostgresWorld(Map.of("max_connections", "100", "max_prepared_transactions", "10"));
    world.asSuperuser("postgres", "create role vendor", "create role crew", "grant crew to app");
    int port = Ports.free();
    redis = RedisServer.newRedisServer().port(port).build();
    redis.start();
    cache = new RedisTarget("localhost", port, "", Secret.none(), 5, Duration.ofSeconds(10));
  }

  @AfterAll
  static void stop() throws Exception {
    redis.stop();
    world.close();
  }

  @BeforeEach
  void newDatabase() throws Exception {
    database = world.newDatabase();
  }

  @AfterEach
  void nothingIsLeft() throws Exception {
    assertThat(world.query(database, "select datname from pg_database where datname ~ '^belay_'"))
        .isEmpty();
    world.asSuperuser(
        "postgres",
        "alter role app createdb",
        "drop database if exists \"%s\" with (force)"
            .formatted(database.database().replace("\"", "\"\"")));
  }

  /**
   * @param login that Belay gets
   * @param first what a superuser makes there
   * @param made what the login makes
   * @param destroyed what happens to it between backup and restore
   */
  record Case(
      String name,
      String login,
      RestoreWay setting,
      List<String> first,
      List<String> made,
      List<String> destroyed) {

    static Case of(String name, RestoreWay setting, String... made) {
      return new Case(
          name, "app", setting, List.of(), List.of(made), List.of("create table later (id int)"));
    }

    Case ofSuperuser() {
      return new Case(name, "postgres", setting, first, made, destroyed);
    }

    Case after(String... sql) {
      return new Case(name, login, setting, List.of(sql), made, destroyed);
    }

    Case destroyedBy(String... sql) {
      return new Case(name, login, setting, first, made, List.of(sql));
    }

    @Override
    public String toString() {
      return "%s, %s, login %s".formatted(name, setting, login);
    }
  }

  private static final String FROZEN =
      "do $$ begin"
          + " execute format('alter database %I set default_transaction_read_only = on', current_database());"
          + " execute format('alter database %I set quote_all_identifiers = on', current_database());"
          + " end $$";

  private static final String THAW_AND_DESTROY = "begin read write; drop table t; commit";

  private static final String SUBSCRIPTION =
      "create subscription sub connection 'host=nowhere' publication p with (connect = false, slot_name = none)";

  /** In one statement no more than the lock table has room for. */
  private static String tables(int from) {
    return "do $$ begin for g in %d..%d loop execute format('create table tenant_%%s (id serial primary key, v text unique)', g); end loop; end $$"
        .formatted(from, from + 299);
  }

  private static String partitions(int from) {
    return "do $$ begin for g in %d..%d loop execute format('create table p_%%s partition of p for values from (%%s) to (%%s)', g, g, g + 1); end loop; end $$"
        .formatted(from, from + 399);
  }

  private static final String[] TABLES_900 = {tables(1), tables(301), tables(601)};

  private static final String[] PARTITIONS_2000 = {
    "create table p (id int primary key) partition by range (id)",
    partitions(0),
    partitions(400),
    partitions(800),
    partitions(1200),
    partitions(1600)
  };

  private static final String[] LARGE_OBJECTS_14000 =
      Stream.generate(() -> "select lo_from_bytea(0, 'x') from generate_series(1, 3500)")
          .limit(4)
          .toArray(String[]::new);

  static List<Case> many_areRestored() {
    return List.of(
        Case.of("900 tables", RestoreWay.AUTO, TABLES_900)
            .destroyedBy("alter table tenant_1 add column x int"),
        Case.of("2000 partitions", RestoreWay.AUTO, PARTITIONS_2000)
            .destroyedBy("create table q (id int)"),
        Case.of("14000 large objects", RestoreWay.AUTO, LARGE_OBJECTS_14000)
            .destroyedBy("select lo_unlink(max(oid)) from pg_largeobject_metadata"));
  }

  static List<Case> restored() {
    String superuser = sql("kinds-of-a-superuser.sql");
    String login = sql("kinds-of-a-login.sql");
    return List.of(
        Case.of("kinds of a superuser", RestoreWay.AUTO, superuser)
            .ofSuperuser()
            .destroyedBy("drop access method heap2 cascade", "drop event trigger noticing"),
        Case.of("kinds of a superuser", RestoreWay.IN_PLACE, superuser).ofSuperuser(),
        Case.of("kinds of a superuser came later", RestoreWay.AUTO, "create table u (id int)")
            .ofSuperuser()
            .destroyedBy(superuser),
        Case.of("kinds of a superuser came later", RestoreWay.IN_PLACE, "create table u (id int)")
            .ofSuperuser()
            .destroyedBy(superuser),
        Case.of("kinds of a login", RestoreWay.AUTO, login).destroyedBy("drop table t"),
        Case.of("kinds of a login", RestoreWay.IN_PLACE, login).destroyedBy("drop table t"),
        Case.of("kinds of a login came later", RestoreWay.IN_PLACE, "create table u (id int)")
            .destroyedBy(login),
        Case.of("default privileges", RestoreWay.IN_PLACE, "create table secrets (id serial)")
            .destroyedBy(
                "alter table secrets add column x int",
                "alter default privileges grant all on tables to public",
                "alter default privileges grant all on sequences to reader with grant option",
                "alter default privileges revoke execute on functions from public"),
        Case.of("frozen, names quoted", RestoreWay.AUTO, "create table t (id int)")
            .after(FROZEN)
            .destroyedBy(THAW_AND_DESTROY),
        Case.of("frozen, names quoted", RestoreWay.IN_PLACE, "create table t (id int)")
            .after(FROZEN)
            .destroyedBy(THAW_AND_DESTROY));
  }

  private static String sql(String file) {
    try (InputStream in = RehearsedRestoreIT.class.getResourceAsStream("/backup/" + file)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @MethodSource
  void restored(Case given) throws Exception {
    prepare(given);
    String before = everything();

    VerifyBackup.Result result = backUpAndVerify(REHEARSE);

    assertThat(result.reason()).endsWith("restored in a rehearsal");
    assertThat(result.verdict()).isEqualTo(Verdict.PASS);
    assertThat(everything()).isEqualTo(before);
    execute(given.login(), given.destroyed());
    assertThat(everything()).isNotEqualTo(before);

    context.run(world.restore, RESTORE);

    assertThat(everything()).isEqualTo(before);
    String way = given.setting() == RestoreWay.IN_PLACE ? "in place" : "side by side";
    assertThat(context.logs()).anyMatch(line -> line.matches("restoring .* " + way + ": .*"));
  }

  @ParameterizedTest
  @MethodSource
  void many_areRestored(Case given) throws Exception {
    restored(given);
  }

  /** How the database is made; what belongs to it and not to its dump stays with the name. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "create database \"Odd \"\"shop\" owner app template template0 locale_provider icu icu_locale 'de-AT'",
        "create database \"Odd \"\"shop\" owner app template template0 encoding 'LATIN1' locale 'C'",
        "create database \"Odd \"\"shop\" owner app template template0 encoding 'SQL_ASCII' locale 'C' connection limit 6",
        "create database \"Odd \"\"shop\" owner crew",
      })
  void databaseOfAnotherMake_isRestoredWithItsProperties(String create) throws Exception {
    world.asSuperuser("postgres", create);
    database = world.target("Odd \"shop", PostgresWorld.PASSWORD, null);
    world.asSuperuser(
        "postgres",
        "alter database \"Odd \"\"shop\" set work_mem = '5MB'",
        "alter role app in database \"Odd \"\"shop\" set statement_timeout = '20min'",
        "comment on database \"Odd \"\"shop\" is 'ours'",
        "revoke temporary on database \"Odd \"\"shop\" from public",
        "grant connect on database \"Odd \"\"shop\" to reader");
    prepare(
        Case.of(
            "",
            RestoreWay.AUTO,
            "create table t (id int, w text)",
            "insert into t values (1, 'a')"));
    String before = everything();
    String properties = properties();

    VerifyBackup.Result result = backUpAndVerify(REHEARSE);
    assertThat(result.reason()).endsWith("restored in a rehearsal");
    world.execute(database, "drop table t");
    context.run(world.restore, RESTORE);

    assertThat(everything()).isEqualTo(before);
    assertThat(properties()).isEqualTo(properties);
  }

  /** All that {@code pg_database} and the settings say, but for the object id and the horizons. */
  private String properties() throws Exception {
    return world
        .query(
            database,
            "select (to_jsonb(d) - '{oid,datacl,datfrozenxid,datminmxid}'::text[])::text"
                + " || array(select a::text from unnest(datacl) a order by 1)::text"
                + " || (select jsonb_agg(to_jsonb(s) - 'setdatabase' order by setrole) from pg_db_role_setting s where setdatabase = d.oid)"
                + " || shobj_description(d.oid, 'pg_database')"
                + " from pg_database d where datname = current_database()")
        .get(0);
  }

  /** The backup does not count; the reason has both texts. */
  record Refused(Case given, String obstacle, String cure) {

    @Override
    public String toString() {
      return given.toString();
    }
  }

  static List<Refused> refused() {
    String locks = "locks in one transaction, the server has room for 7040";
    String cure = "restore side by side, or set max_locks_per_transaction to ";
    return List.of(
        new Refused(Case.of("900 tables", RestoreWay.IN_PLACE, TABLES_900), locks, cure),
        new Refused(Case.of("2000 partitions", RestoreWay.IN_PLACE, PARTITIONS_2000), locks, cure),
        new Refused(
            Case.of("14000 large objects", RestoreWay.IN_PLACE, LARGE_OBJECTS_14000), locks, cure),
        new Refused(
            Case.of("subscription", RestoreWay.AUTO, SUBSCRIPTION).ofSuperuser(),
            "it has the subscription sub",
            "drop it"),
        new Refused(
            Case.of("subscription", RestoreWay.IN_PLACE, SUBSCRIPTION).ofSuperuser(),
            "it has the subscription sub",
            "drop it"),
        new Refused(
            Case.of("function and aggregate", RestoreWay.AUTO)
                .after(
                    "create function public.dba_helper() returns int language sql as 'select 1'",
                    "create aggregate public.myagg(int) (sfunc = int4pl, stype = int)"),
            "FUNCTION public dba_helper() belongs to postgres",
            "make app the owner of what postgres owns there"),
        new Refused(
            Case.of("large object", RestoreWay.IN_PLACE).after(largeObjectOf("postgres")),
            "belongs to postgres",
            "make app its owner"),
        new Refused(
            Case.of("large object", RestoreWay.AUTO).after(largeObjectOf("vendor")),
            "belongs to vendor",
            "make app the owner of what vendor owns there"),
        new Refused(
            Case.of("cast", RestoreWay.AUTO)
                .after("create cast (varchar as json) with inout as assignment"),
            "only a superuser may create or drop the cast (character varying AS pg_catalog.json)",
            "use the login of one"),
        new Refused(
            Case.of("extension", RestoreWay.AUTO).after("create extension pg_stat_statements"),
            "only a superuser may create the extension pg_stat_statements",
            "use the login of one"),
        new Refused(
            Case.of("default privileges", RestoreWay.IN_PLACE)
                .after("alter default privileges for role vendor grant select on tables to app"),
            "default privileges of vendor are not the login's to clear",
            "GRANT vendor TO app"),
        new Refused(
            Case.of("prepared transaction", RestoreWay.BESIDE)
                .after("begin; create table pending (id int); prepare transaction 'pending'"),
            "transaction 'pending' is prepared there",
            "commit it or roll it back"));
  }

  private static String largeObjectOf(String owner) {
    return "do $$ declare o oid := lo_from_bytea(0, 'x'); begin execute format('alter large object %%s owner to %s', o); execute format('grant select on large object %%s to app', o); end $$"
        .formatted(owner);
  }

  @ParameterizedTest
  @MethodSource
  void refused(Refused refused) throws Exception {
    prepare(refused.given());
    String before = everything();

    VerifyBackup.Result result = backUpAndVerify(VERIFY);

    assertThat(result.reason()).contains("cannot restore it", refused.obstacle(), refused.cure());
    assertThat(result.verdict()).isEqualTo(Verdict.FAIL);
    assertThat(everything()).isEqualTo(before);
    world.asSuperuser(
        database.database(),
        "do $$ begin if exists (select from pg_subscription) then execute 'drop subscription sub'; end if; end $$");
    for (String prepared : world.query(database, "select gid from pg_prepared_xacts")) {
      world.asSuperuser(database.database(), "rollback prepared '" + prepared + "'");
    }
  }

  /** What a schema needs that no catalog tells shows in the rehearsal. */
  @ParameterizedTest
  @EnumSource(RestoreWay.class)
  void whatFailsInTheRehearsal_doesNotCount(RestoreWay way) throws Exception {
    prepare(
        Case.of(
            "check that asks another table",
            way,
            "create table later (id int)",
            "insert into later values (1)",
            "create function known(int) returns boolean language sql as 'select exists (select from later where id = $1)'",
            "create table early (id int check (known(id)))",
            "insert into early values (1)"));

    VerifyBackup.Result result = backUpAndVerify(REHEARSE);

    assertThat(result.verdict()).isEqualTo(Verdict.FAIL);
    assertThat(result.reason())
        .contains("its rehearsal fails", "relation \"later\" does not exist");
  }

  @Test
  void rightRevokedAfterTheBackup_refusesTheRestore_untilAPersonDecides() throws Exception {
    prepare(Case.of("", RestoreWay.AUTO, "create table t (id int)"));
    String before = everything();
    Artifact backup = backUp();
    assertThat(backup.details()).containsEntry("restoreWay", "BESIDE");
    world.execute(database, "drop table t");
    world.asSuperuser("postgres", "alter role app nocreatedb");
    String destroyed = everything();

    assertThatThrownBy(() -> context.run(world.restore, RESTORE))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("cannot be restored side by side")
        .hasMessageContaining("the login may not create databases (ALTER ROLE app CREATEDB)")
        .hasMessageContaining("Nothing was changed")
        .hasMessageContaining("set 'restore' of the target to 'in-place'");
    assertThat(everything()).isEqualTo(destroyed);

    context.environment(
        world.context(PostgresWorld.restored(database, RestoreWay.IN_PLACE)).environment());
    context.retry(world.restore, RESTORE);

    assertThat(everything()).isEqualTo(before);
    assertThat(context.logs())
        .anyMatch(line -> line.contains("the backup was taken for a restore side by side"));
  }

  @Test
  void loginWithoutTheRight_restoresInPlace_andSaysWhy() throws Exception {
    prepare(Case.of("", RestoreWay.AUTO, "create table t (id int)"));
    String before = everything();
    world.asSuperuser("postgres", "alter role app nocreatedb");
    Artifact backup = backUp();
    assertThat(backup.details())
        .containsEntry("restoreWay", "IN_PLACE")
        .hasEntrySatisfying(
            "restoreWayBecause", why -> assertThat(why).contains("may not create databases"));
    world.execute(database, "drop table t");
    world.asSuperuser("postgres", "alter role app createdb");

    context.run(world.restore, RESTORE);

    assertThat(everything()).isEqualTo(before);
    assertThat(context.logs()).anyMatch(line -> line.matches("restoring .* in place: .*"));
  }

  @Test
  void whatASuperuserAddedLater_isNoObstacleSideBySide_butOneInPlace() throws Exception {
    prepare(Case.of("", RestoreWay.AUTO, "create table t (id int)"));
    String before = everything();
    backUp();
    world.asSuperuser(
        database.database(),
        sql("kinds-of-a-superuser.sql").replace(" t ", " theirs "),
        "create extension pg_stat_statements");
    String destroyed = everything();
    context.environment(
        world.context(PostgresWorld.restored(database, RestoreWay.IN_PLACE)).environment());
    assertThatThrownBy(() -> context.run(world.restore, RESTORE))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("may create or drop the access method heap2")
        .hasMessageContaining("Nothing was changed");
    assertThat(everything()).isEqualTo(destroyed);
    context.environment(world.context(database).environment());

    context.retry(world.restore, RESTORE);

    assertThat(everything()).isEqualTo(before);
  }

  @Test
  void subscriptionThatCameAfterTheBackup_refusesTheRestore() throws Exception {
    prepare(Case.of("", RestoreWay.IN_PLACE, "create table t (id int)").ofSuperuser());
    backUp();
    world.asSuperuser(database.database(), SUBSCRIPTION, "drop table t");
    String destroyed = everything();

    assertThatThrownBy(() -> context.run(world.restore, RESTORE))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("it has the subscription sub")
        .hasMessageContaining("Nothing was changed");

    assertThat(everything()).isEqualTo(destroyed);
    world.asSuperuser(database.database(), "drop subscription sub");
  }

  private void prepare(Case given) throws Exception {
    if (given.login().equals("postgres")) {
      database = world.ofSuperuser(database);
    }
    database = PostgresWorld.restored(database, given.setting());
    context = new FakeStepContext(Map.of("database", database, "cache", cache));
    execute(given.login(), given.made());
    execute("postgres", given.first());
  }

  private void execute(String login, List<String> sql) throws Exception {
    String[] all = sql.toArray(String[]::new);
    if (login.equals("postgres")) {
      world.asSuperuser(database.database(), all);
    } else {
      world.execute(database, all);
    }
  }

  private Artifact backUp() throws Exception {
    TakePostgresBackup.Result taken = context.run(world.take, TAKE);
    PostgresWorld.changeBegins(context);
    return context.artifacts().find(taken.artifacts()).orElseThrow();
  }

  private VerifyBackup.Result backUpAndVerify(VerifyBackup.Input input) throws Exception {
    backUp();
    RedisMemory memory = new RedisMemory(world.connections);
    context.run(
        new TakeRedisBackup(new RedisBackup(memory), memory),
        new TakeRedisBackup.Input(List.of("cache")));
    return context.run(new VerifyBackup(world.verification), input);
  }

  private String everything() throws Exception {
    return world.everything(world.ofSuperuser(database));
  }
}
