package io.belay.capability.schema;

import static io.belay.capability.schema.Databases.execute;
import static io.belay.capability.schema.Databases.fingerprint;
import static io.belay.capability.schema.Databases.query;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.belay.capability.schema.MigrationTarget.Tool;
import io.belay.step.FakeStepContext;
import io.belay.step.StepPlan;
import io.belay.target.Cancellation;
import io.belay.target.PostgresTarget;
import io.belay.target.TargetException;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The embedded Liquibase against a real PostgreSQL, by way of the delegates. */
class MigrationIT {

  private static final ApplySchema.Input APPLY = new ApplySchema.Input("migration");
  private static final RevertSchema.Input REVERT = new RevertSchema.Input("migration");
  private static final String V2 = "classpath:playground/v2-changelog.sql";

  private final ApplySchema applySchema = new ApplySchema(Databases.CONNECTIONS, null);
  private final RevertSchema revertSchema = new RevertSchema(Databases.CONNECTIONS, null);

  @TempDir private Path directory;
  private PostgresTarget database;
  private FakeStepContext context;

  @BeforeEach
  void freshDatabase() {
    database = Databases.v1();
    context = context(V2);
  }

  private FakeStepContext context(String changelog) {
    return new FakeStepContext(Map.of("database", database, "migration", liquibase(changelog)));
  }

  private static MigrationTarget liquibase(String changelog) {
    return new MigrationTarget(
        "database",
        Tool.LIQUIBASE,
        changelog,
        null,
        null,
        null,
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of());
  }

  private String changelog(String... changesets) throws Exception {
    Path file = directory.resolve("changelog.sql");
    Files.writeString(file, "--liquibase formatted sql\n\n" + String.join("\n", changesets));
    return file.toString();
  }

  private String applied() {
    return query(database, "SELECT count(*) FROM databasechangelog WHERE author = 'main-server'");
  }

  @Test
  void migration_isApplied_andTakenBackWithoutATrace() throws Exception {
    String before = fingerprint(database).digest();

    assertThat(context.run(applySchema, APPLY).changes()).isEqualTo(6);
    assertThat(query(database, "SELECT to_regclass('messages')::text")).isEqualTo("messages");
    assertThat(context.logs())
        .contains("applying changeset v2-1-messages: New messages table for message persistence");

    assertThat(context.run(revertSchema, REVERT).reverted()).isEqualTo(6);
    assertThat(fingerprint(database).digest()).isEqualTo(before);
    assertThat(query(database, "SELECT to_regclass('databasechangelog')")).isNull();
    assertThat(query(database, "SELECT to_regclass('databasechangeloglock')")).isNull();
  }

  @Test
  void attemptKilledAfterItsEffect_isNotDoneTwice() throws Exception {
    context.runKilled(applySchema, APPLY);
    assertThat(context.retry(applySchema, APPLY).changes()).isEqualTo(6);
    assertThat(applied()).isEqualTo("6");
    assertThat(context.run(revertSchema, REVERT).reverted()).isEqualTo(6);
  }

  @Test
  void sessionKilledBetweenChangeAndRecord_leavesTheChangesetWhollyUndone() throws Exception {
    String file =
        changelog(
            "--changeset main-server:one",
            "CREATE TABLE one (id int);",
            "--rollback DROP TABLE one;",
            "--changeset main-server:two",
            "CREATE TABLE two (id int);",
            // Recording a changeset needs this table: the kill comes after the change took effect.
            "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END';",
            "CREATE TRIGGER die BEFORE INSERT ON databasechangelog FOR EACH ROW EXECUTE FUNCTION die();",
            "--rollback not needed;");
    FakeStepContext killed = context(file);
    assertThatThrownBy(() -> killed.run(applySchema, APPLY)).isInstanceOf(TargetException.class);

    assertThat(query(database, "SELECT to_regclass('one') IS NOT NULL")).isEqualTo("t");
    assertThat(query(database, "SELECT to_regclass('two') IS NULL")).isEqualTo("t");
    assertThat(applied()).isEqualTo("1");
    assertThat(query(database, "SELECT lockedby FROM databasechangeloglock WHERE locked"))
        .startsWith("Belay run run-1");

    killed.environment(
        context(
                changelog(
                    "--changeset main-server:one",
                    "CREATE TABLE one (id int);",
                    "--rollback DROP TABLE one;",
                    "--changeset main-server:two",
                    "CREATE TABLE two (id int);",
                    "--rollback DROP TABLE two;"))
            .environment());
    assertThat(killed.retry(applySchema, APPLY).changes()).isEqualTo(2);
    assertThat(killed.logs()).anyMatch(line -> line.contains("freeing the lock"));
    assertThat(killed.run(revertSchema, REVERT).reverted()).isEqualTo(2);
  }

  @Test
  void failingChangeset_isNamed_andWhatWasAppliedBeforeItIsTakenBack() throws Exception {
    String before = fingerprint(database).digest();
    FakeStepContext failing =
        context(
            changelog(
                "--changeset main-server:good",
                "ALTER TABLE users ADD COLUMN extra int;",
                "--rollback ALTER TABLE users DROP COLUMN extra;",
                "--changeset main-server:bad",
                "UPDATE users SET name = 'lost';",
                "ALTER TABLE nowhere ADD COLUMN extra int;",
                "--rollback empty"));
    assertThatThrownBy(() -> failing.run(applySchema, APPLY))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("changeset bad")
        .hasMessageContaining("relation \"nowhere\" does not exist")
        .hasMessageContaining("revertSchema");
    assertThat(applied()).isEqualTo("1");

    assertThat(failing.run(revertSchema, REVERT).reverted()).isEqualTo(1);
    assertThat(fingerprint(database).digest()).isEqualTo(before);
  }

  @Test
  void revert_onNothing_afterOnlyTheMark_andTwice_doesNothing() throws Exception {
    String before = fingerprint(database).digest();
    assertThat(context.run(revertSchema, REVERT).reverted()).isZero();
    assertThat(query(database, "SELECT to_regclass('databasechangelog')")).isNull();

    context.runKilledAfterSave(ApplySchema.MARK, applySchema, APPLY);
    assertThat(context.run(revertSchema, REVERT).reverted()).isZero();

    context.run(applySchema, APPLY);
    assertThat(context.run(revertSchema, REVERT).reverted()).isEqualTo(6);
    assertThat(context.run(revertSchema, REVERT).reverted()).isZero();
    assertThat(fingerprint(database).digest()).isEqualTo(before);
  }

  @Test
  void applyRetriedAfterTheRevert_findsItsMarkAgain() throws Exception {
    context.runKilled(applySchema, APPLY);
    assertThat(context.run(revertSchema, REVERT).reverted()).isEqualTo(6);
    assertThat(context.retry(applySchema, APPLY).changes()).isEqualTo(6);
    assertThat(context.run(revertSchema, REVERT).reverted()).isEqualTo(6);
  }

  @Test
  void revertKilledAfterItsEffect_isNotDoneTwice() throws Exception {
    context.run(applySchema, APPLY);
    context.runKilled(revertSchema, REVERT);
    assertThat(context.retry(revertSchema, REVERT).reverted()).isZero();
  }

  @Test
  void whatWasMigratedBeforeTheRun_staysWithItsTag() throws Exception {
    context(
            changelog(
                "--changeset earlier:base",
                "CREATE TABLE base (id int);",
                "--rollback DROP TABLE base;"))
        .run(applySchema, APPLY);
    execute(database, "UPDATE databasechangelog SET tag = 'release-1' WHERE author = 'earlier'");
    FakeStepContext later = context(V2).runId("run-2");

    later.run(applySchema, APPLY);
    assertThat(later.run(revertSchema, REVERT).reverted()).isEqualTo(6);
    assertThat(query(database, "SELECT tag FROM databasechangelog WHERE author = 'earlier'"))
        .isEqualTo("release-1");
    assertThat(query(database, "SELECT to_regclass('base')::text")).isEqualTo("base");
  }

  @Test
  void lockOfSomebodyElse_isRespected() throws Exception {
    context.run(applySchema, APPLY);
    execute(
        database,
        "UPDATE databasechangeloglock SET locked = true, lockgranted = now(), lockedby = 'ci-server (10.0.0.7)'");
    FakeStepContext other =
        context(changelog("--changeset main-server:new", "CREATE TABLE new (id int);"))
            .runId("run-2");
    assertThatThrownBy(() -> other.run(applySchema, APPLY))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("held by ci-server (10.0.0.7)");
    assertThat(query(database, "SELECT lockedby FROM databasechangeloglock"))
        .startsWith("ci-server");
    assertThat(query(database, "SELECT to_regclass('new')")).isNull();
  }

  @Test
  void lockIsFree_afterApplyAndRevert_andAfterAFailure() throws Exception {
    context.run(applySchema, APPLY);
    assertThat(query(database, "SELECT locked FROM databasechangeloglock")).isEqualTo("f");
    context.retry(applySchema, APPLY);
    assertThat(query(database, "SELECT locked FROM databasechangeloglock")).isEqualTo("f");
    FakeStepContext failing =
        context(changelog("--changeset main-server:bad", "SELECT nothing FROM nowhere;"));
    assertThatThrownBy(() -> failing.run(applySchema, APPLY)).isInstanceOf(TargetException.class);
    assertThat(query(database, "SELECT locked FROM databasechangeloglock")).isEqualTo("f");
  }

  @Test
  void secondSession_waitsAtTheFence_andIsToldWhoIsBehindIt() throws Exception {
    try (DatabaseSession second = session("belay second")) {
      try (DatabaseSession first = session("belay first")) {
        MigrationFence.hold(first, database);
        assertThatThrownBy(() -> MigrationFence.hold(second, database, Duration.ofMillis(200)))
            .isInstanceOf(TargetException.class)
            .hasMessageContaining("belay first");
      }
      MigrationFence.hold(second, database);
    }
  }

  private DatabaseSession session(String name) throws Exception {
    return DatabaseSession.open(Databases.CONNECTIONS, database, name, Cancellation.NONE);
  }

  @Test
  void plan_showsBothDirections_andHasNoEffect() throws Exception {
    StepPlan plan = applySchema.plan(APPLY, context.environment());
    assertThat(plan.effect()).isEqualTo(StepPlan.Effect.CHANGES);
    assertThat(plan.details()).contains("6 changesets to apply");
    assertThat(String.join("\n", plan.details()))
        .contains("CREATE TABLE messages")
        .contains("DROP TABLE IF EXISTS messages");
    assertThat(query(database, "SELECT to_regclass('databasechangelog')")).isNull();

    context.run(applySchema, APPLY);
    assertThat(applySchema.plan(APPLY, context.environment()).details())
        .contains("0 changesets to apply");
  }

  @Test
  void plan_saysWhatCannotBeTakenBack() throws Exception {
    StepPlan plan =
        applySchema.plan(
            APPLY,
            context(changelog("--changeset main-server:x", "CREATE TABLE x (id int);"))
                .environment());
    assertThat(plan.details()).anyMatch(line -> line.startsWith("cannot be taken back"));
  }

  @Test
  void cancelling_stopsTheStatementOnTheServer() throws Exception {
    FakeStepContext slow =
        context(
            changelog("--changeset main-server:slow", "SELECT pg_sleep(60);", "--rollback empty"));
    Thread canceller =
        new Thread(
            () -> {
              await().until(() -> sleeping().equals("1"));
              slow.cancel();
            });
    canceller.start();
    assertThatThrownBy(() -> slow.run(applySchema, APPLY))
        .isInstanceOf(CancellationException.class);
    canceller.join();
    await().until(() -> sleeping().equals("0"));
  }

  private String sleeping() {
    return query(
        database,
        "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'SELECT pg_sleep%' AND datname = current_database()");
  }

  @Test
  void liquibase_saysNothingOnStandardOutput() throws Exception {
    PrintStream console = System.out;
    ByteArrayOutputStream captured = new ByteArrayOutputStream();
    System.setOut(new PrintStream(captured, true));
    try {
      context.run(applySchema, APPLY);
      context.run(revertSchema, REVERT);
    } finally {
      System.setOut(console);
    }
    assertThat(captured.toString()).isEmpty();
  }

  @Test
  void missingChangelog_isNamed_andNothingIsTouched() {
    FakeStepContext missing = context("/nowhere/changelog.xml");
    assertThatThrownBy(() -> missing.run(applySchema, APPLY))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("/nowhere/changelog.xml cannot be read");
    assertThat(query(database, "SELECT to_regclass('databasechangelog')")).isNull();
  }
}
