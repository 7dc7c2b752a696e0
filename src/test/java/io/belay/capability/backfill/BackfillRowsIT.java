package io.belay.capability.backfill;

import static io.belay.capability.backfill.BackfillWorld.input;
import static io.belay.capability.backfill.BackfillWorld.undo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.belay.step.BusinessStop;
import io.belay.step.FakeStepContext;
import io.belay.target.Environment;
import io.belay.target.TargetException;
import java.util.Map;
import org.assertj.core.util.Throwables;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class BackfillRowsIT {

  private static BackfillWorld world;

  private FakeStepContext context;

  @BeforeAll
  static void start() throws Exception {
    world = new BackfillWorld();
  }

  @AfterAll
  static void stop() throws Exception {
    world.close();
  }

  @BeforeEach
  void tables() throws Exception {
    world.sql(
        "DROP SCHEMA public CASCADE",
        "CREATE SCHEMA public",
        "CREATE TABLE worker_profiles (id serial PRIMARY KEY, \"cityId\" text, \"lastActiveAt\" timestamptz)",
        "INSERT INTO worker_profiles (\"cityId\", \"lastActiveAt\")"
            + " SELECT CASE WHEN n % 3 = 0 THEN 'rosario' END, 'infinity' FROM generate_series(1, 95) n");
    context = world.context();
  }

  private static BackfillRows.Input city() {
    return input("worker_profiles", "\"cityId\" = 'default'", "\"cityId\" IS NULL").get();
  }

  private static long cities(String name) throws Exception {
    return world.count(
        "SELECT count(*) FROM worker_profiles WHERE \"cityId\" = '%s'".formatted(name));
  }

  @Test
  void theThreeUpdatesOfTheGuide_areMade_andTakenBack() throws Exception {
    world.sql(
        "CREATE TABLE service_requests (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), version int, \"cityId\" text)",
        "INSERT INTO service_requests (version) SELECT CASE WHEN n % 2 = 0 THEN 7 END FROM generate_series(1, 41) n");
    assertThat(
            context
                .run(
                    world.backfill,
                    input("service_requests", "version = 1", "version IS NULL").get())
                .changed())
        .isEqualTo(21);
    assertThat(
            context
                .run(
                    world.backfill,
                    input("service_requests", "\"cityId\" = 'default'", "\"cityId\" IS NULL").get())
                .changed())
        .isEqualTo(41);
    assertThat(
            context
                .run(
                    world.backfill,
                    input(
                            "worker_profiles",
                            "\"cityId\" = 'buenos-aires',\n\"lastActiveAt\" = NOW()",
                            "\"cityId\" IS NULL")
                        .get())
                .changed())
        .isEqualTo(64);
    assertThat(cities("buenos-aires")).isEqualTo(64);
    assertThat(world.count("SELECT count(*) FROM service_requests WHERE version = 1"))
        .isEqualTo(21);
    assertThat(world.tables()).isEqualTo(3);

    assertThat(context.run(world.restore, undo()).restored()).isEqualTo(126);
    assertThat(world.count("SELECT count(*) FROM service_requests WHERE version IS NULL"))
        .isEqualTo(21);
    assertThat(world.count("SELECT count(*) FROM service_requests WHERE \"cityId\" IS NULL"))
        .isEqualTo(41);
    assertThat(
            world.count(
                "SELECT count(*) FROM worker_profiles WHERE \"cityId\" IS NULL AND \"lastActiveAt\" = 'infinity'"))
        .isEqualTo(64);
    assertThat(cities("rosario")).isEqualTo(31);
    assertThat(world.tables()).isZero();
    assertThat(context.takenBack())
        .containsExactly("backfillRows-1", "backfillRows-2", "backfillRows-3");
  }

  @Test
  void rowsAreChangedInBatches_andTheProgressSaysHowMany() throws Exception {
    world.sql("ANALYZE worker_profiles");
    context.run(world.backfill, city());

    assertThat(
            world.count(
                "SELECT count(DISTINCT xmin::text) FROM worker_profiles WHERE \"cityId\" = 'default'"))
        .isEqualTo(10);
    assertThat(context.progressReports()).first().asString().isEqualTo("10/95 rows 7 changed");
    assertThat(context.progressReports()).last().asString().isEqualTo("95/95 rows 64 changed");
  }

  /** The condition still holds after the change, so it would find the same rows for ever. */
  @Test
  void conditionThatTheChangeLeavesTrue_isAppliedOnceToEachRow() throws Exception {
    world.sql("CREATE TABLE counter (id int PRIMARY KEY, n int DEFAULT 0)");
    world.sql("INSERT INTO counter SELECT generate_series(1, 30)");
    BackfillRows.Input add = input("counter", "n = n + 1", "true").get();
    assertThat(context.run(world.backfill, add).changed()).isEqualTo(30);
    assertThat(context.retry(world.backfill, add).changed()).isEqualTo(30);

    assertThat(world.count("SELECT count(*) FROM counter WHERE n = 1")).isEqualTo(30);
    context.run(world.backfill, add); // another execution
    assertThat(world.count("SELECT count(*) FROM counter WHERE n = 2")).isEqualTo(30);
    context.run(world.restore, undo());
    assertThat(world.count("SELECT count(*) FROM counter WHERE n = 0")).isEqualTo(30);
  }

  @Test
  void keysOfAnyKind_areGoneThroughOnce() throws Exception {
    world.sql(
        "CREATE TABLE \"Line \"\"%\"\" Items\" (\"tenantId\" text COLLATE \"C\", n numeric(6, 2), code char(4), v float8,"
            + " note jsonb, PRIMARY KEY (code, \"tenantId\", n))",
        "INSERT INTO \"Line \"\"%\"\" Items\" SELECT t, n, c, 'NaN', '{\"a?\": 1.0}'"
            + " FROM unnest(ARRAY['zZ-1', 'aé', 'a_b', '', 'it''s', '{,}']) t, unnest(ARRAY[0.5, -1, 'NaN']) n, unnest(ARRAY['a', 'B ']) c");
    BackfillRows.Input all =
        input(
                "\"Line \"\"%\"\" Items\"",
                "v = '-Infinity'\nnote = note || '{\"b\": 2}'", "note ? 'a?' AND code LIKE '%'")
            .batch(5)
            .get();
    assertThat(context.run(world.backfill, all).changed()).isEqualTo(36);
    assertThat(
            world.count(
                "SELECT count(*) FROM \"Line \"\"%\"\" Items\" WHERE v = '-Infinity' AND note ? 'b'"))
        .isEqualTo(36);

    assertThat(context.run(world.restore, undo()).restored()).isEqualTo(36);
    assertThat(
            world.count(
                "SELECT count(*) FROM \"Line \"\"%\"\" Items\" WHERE v = 'NaN' AND note::text = '{\"a?\": 1.0}'"))
        .isEqualTo(36);
  }

  @Test
  void otherUniqueKey_isTaken_whereThereIsNoPrimaryKey() throws Exception {
    world.sql(
        "CREATE TABLE city (code text NOT NULL, name text, plain text)",
        "INSERT INTO city SELECT 'c' || n FROM generate_series(1, 25) n");
    BackfillRows.Input named = input("city", "name = upper(code)", "name IS NULL").get();
    assertThatThrownBy(() -> context.run(world.backfill, named))
        .isInstanceOf(BusinessStop.class)
        .hasMessageContainingAll("no primary key", "Nothing was changed");
    world.sql("CREATE UNIQUE INDEX ON city (plain) ", "CREATE UNIQUE INDEX ON city (code)");
    assertThatThrownBy(
            () ->
                context.run(world.backfill, input("city", "name = 'x'", "true").key("plain").get()))
        .isInstanceOf(BusinessStop.class)
        .hasMessageContaining("no unique index on exactly [plain], all NOT NULL");
    assertThat(context.run(world.backfill, named).changed()).isEqualTo(25);
    assertThat(context.run(world.restore, undo()).restored()).isEqualTo(25);
  }

  @Test
  void partitionedTable_isOneTable() throws Exception {
    world.sql(
        "CREATE TABLE visit (region text, id int, note text, PRIMARY KEY (region, id)) PARTITION BY LIST (region)",
        "CREATE TABLE visit_north PARTITION OF visit FOR VALUES IN ('north')",
        "CREATE TABLE visit_other PARTITION OF visit DEFAULT",
        "INSERT INTO visit SELECT r, n FROM unnest(ARRAY['south', 'north']) r, generate_series(1, 25) n");
    assertThat(context.run(world.backfill, input("visit", "note = region", "note IS NULL").get()))
        .extracting(BackfillRows.Result::changed)
        .isEqualTo(50L);
    assertThat(context.run(world.restore, undo()).restored()).isEqualTo(50);
  }

  /** A message goes to the journal, and the server's detail shows the whole row. */
  @Test
  void rowThatTheServerRefuses_endsTheAttempt_withoutItsValues() throws Exception {
    world.sql(
        "ALTER TABLE worker_profiles ADD secret text DEFAULT 'hunter2'",
        "ALTER TABLE worker_profiles ADD CHECK (\"cityId\" <> 'default' OR id < 50)");
    assertThatThrownBy(() -> context.run(world.backfill, city()))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("violates check constraint")
        .extracting(Throwables::getStackTrace) // with all causes
        .asString()
        .doesNotContain("hunter2");
    assertThat(context.run(world.restore, undo()).restored()).isEqualTo(27);
    assertThat(cities("default")).isZero();
  }

  @Test
  void emptyTable_hasNothingToChange() throws Exception {
    world.sql("TRUNCATE worker_profiles");
    assertThat(context.run(world.backfill, city())).isEqualTo(new BackfillRows.Result(0, 0, ""));
    assertThat(context.run(world.restore, undo()).restored()).isZero();
    assertThat(world.tables()).isZero();
  }

  @Test
  void whatCannotBeTakenBack_isRefusedBeforeTheFirstChange() throws Exception {
    world.sql(
        "CREATE TABLE t (id int PRIMARY KEY, code int UNIQUE, twice int GENERATED ALWAYS AS (code * 2) STORED)",
        "CREATE TABLE child (code int REFERENCES t (code) ON UPDATE CASCADE)",
        "CREATE VIEW v AS SELECT * FROM t",
        "CREATE TABLE base (id int PRIMARY KEY, a int)",
        "CREATE TABLE derived () INHERITS (base)",
        "INSERT INTO t VALUES (1, 1)");
    refused("t", "id = 2", "part of the key");
    refused("t", "twice = 2", "which the server generates");
    refused("t", "code = 2", "rows of other tables follow by foreign key");
    refused("t", "absent = 2", "column \"absent\"");
    refused("t", "code = 'x'", "invalid input syntax");
    refused("v", "code = 2", "it is no table");
    refused("base", "a = 2", "other tables inherit from it");
    refused("nothing", "a = 2", "there is no table \"nothing\"");
    world.sql("CREATE PUBLICATION all_of_it FOR ALL TABLES");
    try {
      refused("worker_profiles", "\"cityId\" = 'x'", "publication all_of_it publishes all tables");
    } finally {
      world.sql("DROP PUBLICATION all_of_it");
    }
    world.sql("CREATE PUBLICATION all_of_it FOR TABLES IN SCHEMA public");
    try {
      refused("worker_profiles", "\"cityId\" = 'x'", "publication all_of_it would publish");
    } finally {
      world.sql("DROP PUBLICATION all_of_it");
    }
    world.sql(
        "DO $$ BEGIN CREATE ROLE app LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$",
        "GRANT USAGE ON SCHEMA public TO app",
        "GRANT SELECT, UPDATE ON worker_profiles TO app",
        "ALTER TABLE worker_profiles ENABLE ROW LEVEL SECURITY");
    context = new FakeStepContext(Map.of("db", world.target("app")));
    refused("worker_profiles", "\"cityId\" = 'x'", "row security hides rows from this login");
    refused("worker_profiles", "\"cityId\" = 'x'", "grant CREATE on schema public");
    assertThat(world.tables()).isZero();
  }

  private void refused(String table, String set, String why) {
    assertThatThrownBy(() -> context.run(world.backfill, input(table, set, "true").get()))
        .isInstanceOf(BusinessStop.class)
        .hasMessageContainingAll(why, "Nothing was changed");
  }

  @Test
  void wrongInput_isToldBeforeTheRun() {
    Environment environment = new Environment("t", "", Map.of("db", world.target("postgres")));
    BackfillRows.Input wrong =
        input("a.b.c", "a = (1", "x IS NULL) OR (true")
            .key("a b")
            .batch(100_001)
            .load("a;b", "= 1")
            .get();
    assertThat(world.backfill.check(wrong, environment))
        .containsExactly(
            "'table' must be a name, or a schema and a name",
            "'key': 'a b' is no name; write it as in SQL, with double quotes where it has capitals",
            "'set' has the line 'a = (1': the expression lacks a ')'",
            "'condition' has a ')' that nothing opens",
            "'load' must be one expression, without ';' and '$1'",
            "'batch' must be at most 100000");
    assertThat(world.backfill.check(city(), environment)).isEmpty();
  }

  @Test
  void plan_namesTheStatement_theTriggers_andWhatStandsInTheWay() throws Exception {
    world.sql(
        "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "CREATE TRIGGER touched BEFORE UPDATE ON worker_profiles FOR EACH ROW EXECUTE FUNCTION touch()",
        "CREATE TRIGGER inserted BEFORE INSERT ON worker_profiles FOR EACH ROW EXECUTE FUNCTION touch()",
        "ANALYZE worker_profiles");
    Environment environment = new Environment("t", "", Map.of("db", world.target("postgres")));
    assertThat(world.backfill.plan(city(), environment).details())
        .contains(
            "UPDATE worker_profiles SET \"cityId\" = ('default') WHERE (\"cityId\" IS NULL)",
            "10 rows at a time along the key (id) of about 95 rows, a pause of 0 ms after each, at most 100 ms of waiting for a lock",
            "the undo does not take back what these triggers do; it fires them again")
        .anyMatch(line -> line.startsWith("each change fires: CREATE TRIGGER touched"))
        .noneMatch(line -> line.contains("TRIGGER inserted"))
        .noneMatch(line -> line.startsWith("not possible"));
    assertThat(
            world.backfill.plan(input("later", "a = 1", "a IS NULL").get(), environment).details())
        .contains("not possible as it is now: there is no table \"later\"");
    assertThat(cities("default")).isZero();
  }

  @Test
  void undo_findsNothing_whereNothingWasBegun() throws Exception {
    assertThat(context.run(world.restore, undo()).restored()).isZero();
    context.runKilledAfterSave(BackfillRows.BEGUN, world.backfill, city());
    assertThat(context.run(world.restore, undo()).restored()).isZero();
    assertThat(context.takenBack()).containsExactly("backfillRows-2");
  }

  @Test
  void previousValues_areDroppedAtTheGoodEnd_andTheUndoThenSaysSo() throws Exception {
    context.run(world.backfill, city());
    DropPreviousRows drop = new DropPreviousRows(world.connections);
    assertThat(context.run(drop, new DropPreviousRows.Input("db")).dropped()).isEqualTo(1);
    assertThat(world.tables()).isZero();
    context.run(drop, new DropPreviousRows.Input("db"));

    assertThatThrownBy(() -> context.run(world.restore, undo()))
        .isInstanceOf(TargetException.class)
        .hasMessageContainingAll("previous values is gone", "override this step");
    assertThatThrownBy(() -> context.retry(world.backfill, city()))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("is gone from 'db'");
    assertThat(cities("default")).isEqualTo(64);
  }
}
