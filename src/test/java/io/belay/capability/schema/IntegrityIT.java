package io.belay.capability.schema;

import static io.belay.capability.schema.Databases.execute;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.belay.capability.schema.MigrationTarget.Tool;
import io.belay.step.BusinessStop;
import io.belay.step.FakeStepContext;
import io.belay.target.Cancellation;
import io.belay.target.Environment;
import io.belay.target.PostgresTarget;
import io.belay.target.Target;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Fingerprint, integrity, proof of a rollback and lost writes, by way of the delegates. */
class IntegrityIT {

  private static final TakeFingerprint.Input TAKE =
      new TakeFingerprint.Input("migration", "before");
  private static final CheckIntegrity.Input CHECK = new CheckIntegrity.Input("migration");
  private static final CompareFingerprint.Input COMPARE =
      new CompareFingerprint.Input("migration", "before");
  private static final CountLostWrites.Input COUNT =
      new CountLostWrites.Input("migration", "before");

  private final TakeFingerprint takeFingerprint = new TakeFingerprint(Databases.CONNECTIONS);
  private final CheckIntegrity checkIntegrity = new CheckIntegrity(Databases.CONNECTIONS);
  private final CompareFingerprint compareFingerprint =
      new CompareFingerprint(Databases.CONNECTIONS);
  private final CountLostWrites countLostWrites = new CountLostWrites(Databases.CONNECTIONS);
  private final ApplySchema applySchema = new ApplySchema(Databases.CONNECTIONS, null);
  private final RevertSchema revertSchema = new RevertSchema(Databases.CONNECTIONS, null);

  private PostgresTarget database;
  private FakeStepContext context;

  @BeforeEach
  void freshDatabase() {
    database = Databases.v1();
    context = new FakeStepContext(targets(List.of(), List.of()));
  }

  private Map<String, Target> targets(List<String> hashedTables, List<String> accepted) {
    return Map.of(
        "database",
        database,
        "migration",
        new MigrationTarget(
            "database",
            Tool.LIQUIBASE,
            "classpath:playground/v2-changelog.sql",
            null,
            null,
            null,
            List.of("users", "messages"),
            List.of("idx_messages_metadata", "idx_users_email"),
            List.of("messages.content", "users.preferences"),
            hashedTables,
            List.of("SELECT 1 FROM users", "SELECT count(metadata) FROM messages"),
            accepted,
            List.of()));
  }

  private void migrate() throws Exception {
    context.run(applySchema, new ApplySchema.Input("migration"));
  }

  @Test
  void fingerprint_isKeptAsAnArtifact_andAKilledAttemptIsNotTakenAnew() throws Exception {
    context.runKilled(takeFingerprint, TAKE);
    execute(database, "DELETE FROM ai_requests");
    TakeFingerprint.Result result = context.retry(takeFingerprint, TAKE);
    assertThat(result.tables()).isEqualTo(4);
    assertThat(result.rows()).isEqualTo(400);
    assertThat(result.artifact()).isEqualTo("run-1/fingerprint-before-takeFingerprint-1.json");
    assertThat(context.artifacts().find(result.artifact()))
        .hasValueSatisfying(artifact -> assertThat(artifact.kind()).isEqualTo("fingerprint"));
    assertThat(context.progressReports()).anyMatch(report -> report.contains("table users"));
  }

  @Test
  void migrationOfTheGuide_leavesEverythingIntact_whileTheApplicationAddsRows() throws Exception {
    context.run(takeFingerprint, TAKE);
    migrate();
    execute(
        database,
        "INSERT INTO webhook_events (event_id, event_type, payload) VALUES ('live', 'x', 'y')");
    CheckIntegrity.Result result = context.run(checkIntegrity, CHECK);
    assertThat(result.reason()).startsWith("4 tables with 400 rows are intact");
    assertThat(result)
        .usingRecursiveComparison()
        .ignoringFields("reason")
        .isEqualTo(new CheckIntegrity.Result(0, 0, 0, 0, 0, ""));
    assertThat(context.logs())
        .contains("Allowed: table messages was added")
        .anyMatch(line -> line.startsWith("Allowed: users: index idx_users_email is "))
        .contains("Allowed: conversations: index idx_conversations_user_id is missing");
  }

  @Test
  void everyKindOfDamage_isCounted() throws Exception {
    context.run(takeFingerprint, TAKE);
    migrate();
    execute(
        database,
        "DROP INDEX idx_messages_metadata",
        "DROP TABLE ai_requests",
        "ALTER TABLE messages ALTER COLUMN content TYPE text",
        "ALTER TABLE messages DROP COLUMN metadata",
        "ALTER TABLE users DROP COLUMN department",
        "ALTER TABLE conversations ALTER COLUMN message_count TYPE text",
        "UPDATE users SET email = 'lost@example.com' WHERE id = 3",
        "DELETE FROM webhook_events WHERE id = 5");
    CheckIntegrity.Result result = context.run(checkIntegrity, CHECK);
    assertThat(result.missingTables()).as("the table and its sequence").isEqualTo(2);
    assertThat(result.missingIndexes()).isEqualTo(1);
    assertThat(result.wrongColumns()).isEqualTo(3);
    assertThat(result.changedTables()).isEqualTo(2);
    assertThat(result.failedQueries()).isEqualTo(1);
    assertThat(result.reason()).hasSizeLessThanOrEqualTo(500).startsWith("9 findings: ");
    assertThat(context.logs())
        .contains(
            "Not intact: content of users changed in email",
            "Not intact: table webhook_events had 160 rows, of which it now has 159",
            "Not intact: column messages.content must be jsonb, but is text",
            "Not intact: column users.department is gone");
  }

  @Test
  void tablesWithoutAnAscendingKey_areIntact_whenRowsAndColumnsWereOnlyAdded() throws Exception {
    execute(
        database,
        "CREATE TABLE log (line text, at int)",
        "INSERT INTO log VALUES ('a', 1), ('b', 2)",
        "CREATE TABLE session (id uuid PRIMARY KEY, who text)",
        "INSERT INTO session SELECT gen_random_uuid(), 'u' || i FROM generate_series(1, 20) i");
    context.run(takeFingerprint, TAKE);
    migrate();
    execute(
        database,
        "ALTER TABLE log ADD COLUMN extra jsonb DEFAULT '{}'",
        "INSERT INTO log VALUES ('c', 3)",
        "INSERT INTO session SELECT gen_random_uuid(), 'new'");
    assertThat(context.run(checkIntegrity, CHECK).changedTables()).isZero();
    execute(
        database,
        "DELETE FROM log WHERE line = 'a'",
        "UPDATE session SET who = 'other' WHERE who = 'u7'");
    assertThat(context.run(checkIntegrity, CHECK).changedTables()).isEqualTo(2);
  }

  @Test
  void rewrittenTable_isIntact_whenItsContentIsTheSame() throws Exception {
    execute(
        database,
        "CREATE TABLE session (id uuid PRIMARY KEY, who text, old int)",
        "INSERT INTO session SELECT gen_random_uuid(), 'u' || i, i FROM generate_series(1, 20) i");
    context.run(takeFingerprint, TAKE);
    migrate();
    execute(database, "ALTER TABLE session ADD COLUMN token uuid DEFAULT gen_random_uuid()");
    assertThat(context.run(checkIntegrity, CHECK).changedTables()).isZero();
  }

  @Test
  void whatExisted_mustExist_andChangesThatAreWantedAreDeclared() throws Exception {
    execute(
        database,
        "CREATE TYPE mood AS ENUM ('sad', 'ok')",
        "CREATE TABLE shop (id int PRIMARY KEY, name varchar(20) NOT NULL DEFAULT 'x',"
            + " stock int DEFAULT 0, price numeric(8,2) DEFAULT 1.50, tax int DEFAULT 19,"
            + " CONSTRAINT positive CHECK (stock >= 0), CONSTRAINT one UNIQUE (name))",
        "CREATE UNIQUE INDEX shop_tax ON shop (tax)",
        "INSERT INTO shop VALUES (1, 'a', 1, 2.50, 3)",
        "CREATE VIEW cheap AS SELECT stock FROM shop WHERE stock < 5",
        "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END'",
        "CREATE TRIGGER touched BEFORE UPDATE ON shop FOR EACH ROW EXECUTE FUNCTION touch()");
    context.run(takeFingerprint, TAKE);
    migrate();
    execute(
        database,
        "ALTER TYPE mood ADD VALUE 'happy'",
        "ALTER TABLE shop ALTER name TYPE varchar(50), ALTER price TYPE numeric(12,2)",
        "ALTER TABLE shop ALTER id TYPE bigint, ALTER tax TYPE bigint");
    CheckIntegrity.Result widened = context.run(checkIntegrity, CHECK);
    assertThat(widened.reason()).contains("are intact");
    assertThat(context.logs())
        .contains(
            "Allowed: column shop.name is character varying(50), before character varying(20)");

    execute(
        database,
        "DROP VIEW cheap",
        "DROP TRIGGER touched ON shop",
        "DROP INDEX shop_tax",
        "ALTER TABLE shop DROP CONSTRAINT positive, DROP CONSTRAINT one",
        "ALTER TABLE shop ALTER stock DROP DEFAULT, ALTER name DROP NOT NULL",
        "CREATE OR REPLACE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN null; END'");
    CheckIntegrity.Result damaged = context.run(checkIntegrity, CHECK);
    assertThat(damaged.missingTables()).as(damaged.reason()).isEqualTo(5);
    assertThat(damaged.wrongColumns()).as(damaged.reason()).isEqualTo(3);
    assertThat(context.logs())
        .contains(
            "Not intact: view cheap is missing", "Not intact: shop: trigger touched is missing")
        .contains("Not intact: shop: constraint positive is missing")
        .contains("Not intact: column shop.stock is 'integer', before 'integer default 0'");

    context.environment(
        new Environment(
            "test",
            "",
            targets(
                List.of(),
                List.of(
                    "view cheap",
                    "shop: trigger touched",
                    "shop: index shop_tax",
                    "shop: constraint positive",
                    "shop: constraint one",
                    "column shop.stock",
                    "column shop.name",
                    "function touch()"))));
    CheckIntegrity.Result wanted = context.run(checkIntegrity, CHECK);
    assertThat(wanted.reason()).contains("are intact");
    assertThat(context.logs())
        .contains("Allowed: view cheap is missing (declared in accepted-changes)");
  }

  @Test
  void invalidIndex_isNotThere() throws Exception {
    context.run(takeFingerprint, TAKE);
    migrate();
    execute(
        database,
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'idx_messages_metadata'::regclass");
    assertThat(context.run(checkIntegrity, CHECK).missingIndexes()).isEqualTo(1);
  }

  @Test
  void contentOfOtherTables_isNotCompared_whenTablesAreNamed() throws Exception {
    context.environment(new Environment("test", "", targets(List.of("users"), List.of())));
    context.run(takeFingerprint, TAKE);
    migrate();
    execute(database, "UPDATE conversations SET title = 'new'");
    assertThat(context.run(checkIntegrity, CHECK).changedTables()).isZero();
    execute(database, "UPDATE users SET name = 'new' WHERE id = 1");
    assertThat(context.run(checkIntegrity, CHECK).changedTables()).isEqualTo(1);
  }

  @Test
  void testQuery_thatWrites_takesTooLong_orFindsNothing_fails() throws Exception {
    TestQueries queries = new TestQueries(Databases.CONNECTIONS, database);
    assertThat(
            queries.failures(
                List.of(
                    "DELETE FROM ai_requests RETURNING id",
                    "SELECT pg_sleep(30)",
                    "SELECT 1 FROM users WHERE id = -1",
                    "SELECT 1")))
        .hasSize(3)
        .anyMatch(failure -> failure.contains("read-only transaction"))
        .anyMatch(failure -> failure.contains("statement timeout"))
        .anyMatch(failure -> failure.startsWith("test query returns no row"));
  }

  @Test
  void withoutAFingerprint_nothingIsProven() throws Exception {
    assertThatThrownBy(() -> context.run(checkIntegrity, CHECK)).isInstanceOf(BusinessStop.class);
    assertThatThrownBy(() -> context.run(countLostWrites, COUNT)).isInstanceOf(BusinessStop.class);
    assertThat(context.run(compareFingerprint, COMPARE).equal())
        .as("what was not begun needs no proof")
        .isTrue();

    context.run(applySchema, new ApplySchema.Input("migration"));
    CompareFingerprint.Result result = context.run(compareFingerprint, COMPARE);
    assertThat(result.equal()).isFalse();
    assertThat(result.reason()).contains("nothing can be proven");
  }

  @Test
  void migrationThatNeverBegan_leavesUsersWritesAlone() throws Exception {
    context.run(takeFingerprint, TAKE);
    execute(
        database,
        "UPDATE users SET credit = credit + 1",
        "DELETE FROM webhook_events WHERE id = 5");

    assertThat(context.run(compareFingerprint, COMPARE))
        .as("nothing but users' writes can be lost by a restore")
        .isEqualTo(
            new CompareFingerprint.Result(
                true, 0, "this run changed nothing since its fingerprint"));
  }

  @Test
  void rollback_isProvenEqual_andASingleChangedValueIsNot() throws Exception {
    context.run(takeFingerprint, TAKE);
    migrate();
    assertThat(context.run(compareFingerprint, COMPARE).equal()).isFalse();
    context.run(revertSchema, new RevertSchema.Input("migration"));
    assertThat(context.run(compareFingerprint, COMPARE))
        .isEqualTo(new CompareFingerprint.Result(true, 0, "schema and content are the same"));

    execute(database, "UPDATE users SET credit = credit + 0.01 WHERE id = 9");
    CompareFingerprint.Result changed = context.run(compareFingerprint, COMPARE);
    assertThat(changed.differences()).isEqualTo(1);
    assertThat(changed.reason()).isEqualTo("1 difference: content of users.credit changed");
  }

  @Test
  void rowsThatTheApplicationAdds_doNoHarmToTheProof() throws Exception {
    execute(
        database,
        "CREATE TABLE session (id uuid PRIMARY KEY, who text)",
        "INSERT INTO session SELECT gen_random_uuid(), 'u' || i FROM generate_series(1, 20) i");
    context.run(takeFingerprint, TAKE);
    addRow("before the migration");
    migrate();
    addRow("after the migration");
    execute(database, "INSERT INTO session SELECT gen_random_uuid(), 'new'");
    assertThat(context.run(compareFingerprint, COMPARE).equal()).as("not reverted yet").isFalse();
    context.run(revertSchema, new RevertSchema.Input("migration"));
    addRow("after it was taken back");

    CompareFingerprint.Result result = context.run(compareFingerprint, COMPARE);
    assertThat(result.equal()).as(result.reason()).isTrue();
    assertThat(result.differences()).isZero();
    assertThat(result.reason())
        .isEqualTo(
            "schema and content are the same, except rows that the application added since: session 1, webhook_events 3");

    execute(database, "UPDATE session SET who = 'other' WHERE who = 'u7'");
    assertThat(context.run(compareFingerprint, COMPARE).equal())
        .as("nobody can tell who changed a row of then")
        .isFalse();
  }

  @Test
  void deletedRow_isNotHiddenByAnAddedOne() throws Exception {
    context.run(takeFingerprint, TAKE);
    migrate();
    context.run(revertSchema, new RevertSchema.Input("migration"));
    execute(database, "DELETE FROM webhook_events WHERE id = 5");
    addRow("instead");

    assertThat(context.run(compareFingerprint, COMPARE).equal()).isFalse();
  }

  @Test
  void rowsAddedWhileTheMigrationWorks_mayBeItsOwn_andAPersonIsAsked() throws Exception {
    context.run(takeFingerprint, TAKE);
    // As if a changeset had added a row and its rollback forgot it.
    execute(
        database,
        "CREATE FUNCTION forgotten() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN"
            + " INSERT INTO public.users (open_id, name, email) VALUES ('m', 'm', 'm@example.com')"
            + " ON CONFLICT DO NOTHING; END $$",
        "CREATE EVENT TRIGGER forgotten ON ddl_command_end WHEN TAG IN ('CREATE TABLE')"
            + " EXECUTE FUNCTION forgotten()");
    migrate();
    execute(database, "DROP EVENT TRIGGER forgotten", "DROP FUNCTION forgotten()");
    context.run(revertSchema, new RevertSchema.Input("migration"));

    CompareFingerprint.Result result = context.run(compareFingerprint, COMPARE);
    assertThat(result.equal()).isFalse();
    assertThat(result.reason()).contains("users", "while the migration worked");
  }

  private void addRow(String id) {
    execute(
        database,
        "INSERT INTO webhook_events (event_id, event_type, payload) VALUES ('%s', 'x', 'y')"
            .formatted(id));
  }

  @Test
  void lostWrites_areCountedExactly_whereTheKeyAscends() throws Exception {
    context.run(takeFingerprint, TAKE);
    assertThat(context.run(countLostWrites, COUNT).rows()).isZero();
    migrate();
    execute(
        database,
        "INSERT INTO webhook_events (event_id, event_type, payload) SELECT 'n' || i, 'x', 'y' FROM generate_series(1, 12) i",
        "UPDATE webhook_events SET processed = true WHERE id IN (1, 2, 3)",
        "UPDATE webhook_events SET processed = false WHERE id = 1",
        "DELETE FROM webhook_events WHERE id IN (20, 21)",
        "INSERT INTO messages (conversation_id, message_id, content) VALUES (1, 'm', '{}')");
    CountLostWrites.Result result = context.run(countLostWrites, COUNT);
    assertThat(result.report())
        .contains("webhook_events: 12 inserted, 3 updated, 2 deleted")
        .contains("messages: 1 rows in a table that is new since")
        .doesNotContain("users");
    assertThat(result.rows()).isEqualTo(18);
  }

  @Test
  void lostWritesOfATransactionInProgressAtTheFingerprint_areCounted() throws Exception {
    try (DatabaseSession late =
        DatabaseSession.open(Databases.CONNECTIONS, database, "late", Cancellation.NONE)) {
      late.connection().setAutoCommit(false);
      late.execute("UPDATE users SET name = 'late' WHERE id = 4");
      context.run(takeFingerprint, TAKE);
      late.connection().commit();
    }
    assertThat(context.run(countLostWrites, COUNT).report())
        .contains("users: 0 inserted, 1 updated, 0 deleted");
  }

  @Test
  void lostWritesWithoutAKey_areNeverCalledZero_afterTheStatisticsWereReset() throws Exception {
    execute(
        database,
        "CREATE TABLE log (line text)",
        "INSERT INTO log SELECT 'line ' || i FROM generate_series(1, 10) i");
    context.run(takeFingerprint, TAKE);
    execute(
        database,
        "INSERT INTO log SELECT 'more ' || i FROM generate_series(1, 5) i",
        "DELETE FROM log WHERE line = 'line 1'",
        "SELECT pg_stat_reset()");
    CountLostWrites.Result result = context.run(countLostWrites, COUNT);
    assertThat(result.rows()).isGreaterThanOrEqualTo(5);
    assertThat(result.report())
        .contains("log: at least 5 rows, the exact number is unknown (the server's statistics");
  }

  @Test
  void plans_sayHowMuchIsRead() throws Exception {
    assertThat(takeFingerprint.plan(TAKE, context.environment()).details().get(0))
        .startsWith("reads PostgreSQL " + database.database());
    assertThat(checkIntegrity.plan(CHECK, context.environment()).details())
        .contains("expected tables: [users, messages]");
    assertThat(takeFingerprint.plan(TAKE, context.environment()).expected()).isPositive();
  }
}
