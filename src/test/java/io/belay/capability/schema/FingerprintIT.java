package io.belay.capability.schema;

import static io.belay.capability.schema.Databases.execute;
import static io.belay.capability.schema.Databases.fingerprint;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.belay.command.ChildProcesses;
import io.belay.command.Commands;
import io.belay.target.Cancellation;
import io.belay.target.Command;
import io.belay.target.PostgresTarget;
import io.belay.target.Progress;
import io.belay.target.Secret;
import io.belay.target.SettableCancellation;
import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FingerprintIT {

  @Test
  void sameSchemaAndContent_haveTheSameDigest_andCountEveryRow() {
    Fingerprint one = fingerprint(Databases.v1());
    PostgresTarget rebuilt = Databases.empty();
    execute(rebuilt, "SET playground.rows = 400", Databases.resource("v1-schema.sql"));
    Fingerprint other = fingerprint(rebuilt);

    assertThat(FingerprintComparison.equality(one, other).first()).isEmpty();
    assertThat(other.digest()).isEqualTo(one.digest()).hasSize(64);
    assertThat(one.rows()).isEqualTo(400);
    assertThat(one.tables().keySet())
        .containsExactly("ai_requests", "conversations", "users", "webhook_events");
    assertThat(one.tables().get("users").keyMax()).isEqualTo(40);
  }

  @Test
  void settingsOfTheDatabase_doNotChangeTheDigest() {
    PostgresTarget database = Databases.v1();
    String before = fingerprint(database).digest();
    for (String setting :
        List.of(
            "TimeZone = 'Asia/Tokyo'",
            "DateStyle = 'German'",
            "extra_float_digits = 0",
            "bytea_output = 'escape'",
            "search_path = 'nowhere'")) {
      execute(database, "ALTER DATABASE %s SET %s".formatted(database.database(), setting));
    }
    assertThat(fingerprint(database).digest()).isEqualTo(before);
  }

  /** Each of these escapes hashes that are summed plainly or taken of the typed value. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "text     | 'a'        | 'b'        | swapped",
        "text     | NULL       | ''         | set",
        "numeric  | 0.5        | 0.50       | set",
        "float8   | 0          | '-0'       | set",
        "interval | '24 hours' | '1 day'    | set",
        "jsonb    | '1'        | '1.0'      | set",
        "bytea    | '\\x00'    | '\\x0000'  | set",
        "int      | 1          | 2          | swapped",
      })
  void smallestChangeOfContent_isSeen(String type, String old, String changed, String how) {
    PostgresTarget database = Databases.empty();
    execute(
        database,
        "CREATE TABLE t (id int PRIMARY KEY, v %s, w text)".formatted(type),
        "INSERT INTO t VALUES (1, %s, 'x'), (2, %s, 'y')".formatted(old, changed));
    Fingerprint before = fingerprint(database);
    execute(database, "UPDATE t SET v = %s WHERE id = 1".formatted(changed));
    if (how.equals("swapped")) {
      execute(database, "UPDATE t SET v = %s WHERE id = 2".formatted(old));
    }

    assertThat(FingerprintComparison.equality(before, fingerprint(database)).first())
        .containsExactly("content of t.v changed");
  }

  @Test
  void tableWithoutPrimaryKey_showsAChangedRow_andAnAddedPairOfEqualRows() {
    PostgresTarget database = Databases.empty();
    execute(database, "CREATE TABLE t (a int, b text)", "INSERT INTO t VALUES (1, 'x'), (2, 'y')");
    Fingerprint before = fingerprint(database);
    execute(database, "UPDATE t SET b = CASE b WHEN 'x' THEN 'y' ELSE 'x' END");
    assertThat(FingerprintComparison.equality(before, fingerprint(database)).first())
        .containsExactly("content of t.a changed", "content of t.b changed");

    execute(
        database, "DELETE FROM t", "INSERT INTO t VALUES (1, 'x'), (2, 'y'), (3, 'z'), (3, 'z')");
    assertThat(FingerprintComparison.equality(before, fingerprint(database)).first())
        .containsExactly("table t: 4 rows, before 2");
  }

  @Test
  void everyKindOfChange_isNamedInWords() {
    PostgresTarget database = Databases.v1();
    execute(
        database,
        "CREATE FUNCTION twice(i int) RETURNS int LANGUAGE sql AS 'SELECT i * 2'",
        "CREATE TYPE mood AS ENUM ('fine', 'bad')");
    Fingerprint before = fingerprint(database);
    execute(
        database,
        "DROP TABLE ai_requests",
        "ALTER TABLE users ADD COLUMN phone text",
        "ALTER TABLE users ALTER COLUMN department SET DEFAULT 'none'",
        "DELETE FROM webhook_events WHERE id = 7",
        "DROP INDEX idx_users_email",
        "CREATE INDEX idx_users_email ON users (lower(email))",
        "CREATE OR REPLACE FUNCTION twice(i int) RETURNS int LANGUAGE sql AS 'SELECT i + i'",
        "ALTER TYPE mood ADD VALUE 'worse'",
        "SELECT setval('users_id_seq', 500)",
        "CREATE SCHEMA extra",
        "CREATE TABLE extra.t (id int)");
    FingerprintComparison comparison =
        FingerprintComparison.equality(before, fingerprint(database));

    assertThat(comparison.equal()).isFalse();
    assertThat(comparison.first())
        .contains(
            "table ai_requests is missing; it had 120 rows",
            "column users.phone was added",
            "table webhook_events: 159 rows, before 160",
            "table extra.t was added; it has 0 rows",
            "schema extra was added",
            "sequence users_id_seq is '500', before '40'",
            "type mood is 'fine,bad,worse', before 'fine,bad'")
        .anyMatch(line -> line.startsWith("column users.department is "))
        .anyMatch(line -> line.startsWith("users: index idx_users_email is "))
        .anyMatch(line -> line.startsWith("function twice(integer) is "))
        .doesNotContain("content of users.email changed");
    assertThat(comparison.describe("difference", 200))
        .hasSizeLessThanOrEqualTo(200)
        .contains("more");
  }

  @Test
  void booksOfMigrationTools_areLeftOut() {
    PostgresTarget database = Databases.v1();
    String before = fingerprint(database).digest();
    execute(
        database,
        "CREATE TABLE databasechangelog (id text)",
        "CREATE TABLE databasechangeloglock (id int)",
        "CREATE TABLE _prisma_migrations (id text)",
        "CREATE TABLE knex_migrations (id serial PRIMARY KEY, name text, batch int, migration_time timestamptz)",
        "INSERT INTO knex_migrations (name) VALUES ('one')",
        "CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL)",
        "CREATE TABLE \"SequelizeMeta\" (name text PRIMARY KEY)");
    assertThat(fingerprint(database).digest()).isEqualTo(before);
  }

  @Test
  void tableNamedLikeAToolsBook_isData_whenItHasColumnsOfItsOwn() {
    PostgresTarget database = Databases.v1();
    execute(database, "CREATE TABLE migrations (id serial, name text, herd text)");
    assertThat(fingerprint(database).tables()).containsKey("migrations");
    assertThat(
            new FingerprintReader(
                    Databases.CONNECTIONS,
                    database,
                    List.of("migrations"),
                    Cancellation.NONE,
                    Progress.NONE)
                .take())
        .satisfies(
            without -> {
              assertThat(without.tables()).doesNotContainKey("migrations");
              assertThat(without.objects()).doesNotContainKey("sequence migrations_id_seq");
            });
  }

  @Test
  void writesWhileItIsTaken_areNotSeen() {
    PostgresTarget database = Databases.v1();
    String before = fingerprint(database).digest();
    Progress writer =
        (done, total, unit, message) -> {
          if (message.equals("table ai_requests")) {
            execute(database, "UPDATE users SET name = 'changed meanwhile'");
          }
        };
    Fingerprint taken =
        new FingerprintReader(Databases.CONNECTIONS, database, List.of(), Cancellation.NONE, writer)
            .take();
    assertThat(taken.tables().get("users"))
        .usingRecursiveComparison()
        .ignoringFields("writes")
        .isEqualTo(fingerprint(Databases.v1()).tables().get("users"));
    assertThat(fingerprint(database).digest()).isNotEqualTo(before);
  }

  @Test
  void json_isStableAndComesBackTheSame() throws Exception {
    Fingerprint fingerprint = fingerprint(Databases.v1());
    Fingerprint read = Fingerprint.fromJson(new ByteArrayInputStream(fingerprint.toJson()));
    assertThat(read).isEqualTo(fingerprint);
    assertThat(read.digest()).isEqualTo(fingerprint.digest());
    assertThat(read.toJson()).isEqualTo(fingerprint.toJson());
  }

  @Test
  void databaseRestoredFromADump_hasTheSameDigest() {
    PostgresTarget original = Databases.v1();
    execute(
        original,
        "ALTER TABLE users DROP COLUMN department",
        "ALTER TABLE users ADD COLUMN department text DEFAULT 'none'",
        "CREATE TABLE part (id int, at date) PARTITION BY RANGE (at)",
        "CREATE TABLE part_2024 PARTITION OF part FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')",
        "INSERT INTO part SELECT i, date '2024-01-01' + i FROM generate_series(1, 30) i",
        "CREATE FUNCTION twice(i int) RETURNS int LANGUAGE sql AS 'SELECT i * 2'",
        "CREATE TYPE mood AS ENUM ('fine', 'bad')",
        "CREATE MATERIALIZED VIEW busy AS SELECT count(*) FROM part");
    PostgresTarget restored = Databases.empty();
    Commands.Result result =
        new ChildProcesses()
            .run(
                Command.of(
                    "sh",
                    "-c",
                    "pg_dump %s | psql -q -v ON_ERROR_STOP=1 %s"
                        .formatted(original.database(), restored.database())),
                Map.of(
                    "PGHOST", Secret.of(original.host()),
                    "PGPORT", Secret.of(Integer.toString(original.port())),
                    "PGUSER", Secret.of(original.username()),
                    "PGPASSWORD", original.password()),
                Cancellation.NONE,
                line -> {});
    assertThat(result.output()).doesNotContain("ERROR");

    Fingerprint fingerprint = fingerprint(original);
    assertThat(fingerprint.tables().get("part_2024").rows()).isEqualTo(30);
    assertThat(FingerprintComparison.equality(fingerprint, fingerprint(restored)).first())
        .isEmpty();
    assertThat(fingerprint(restored).digest()).isEqualTo(fingerprint.digest());
  }

  @Test
  void oddNames_areQuoted() {
    PostgresTarget database = Databases.empty();
    execute(
        database,
        "CREATE TABLE \"Odd \"\"name\" (\"select\" int PRIMARY KEY, \"it's\" text, belay_t text)",
        "INSERT INTO \"Odd \"\"name\" VALUES (1, 'a', 'b')");
    Fingerprint before = fingerprint(database);
    execute(database, "UPDATE \"Odd \"\"name\" SET belay_t = 'c'");
    assertThat(FingerprintComparison.equality(before, fingerprint(database)).first())
        .containsExactly("content of Odd \"name.belay_t changed");
  }

  @Test
  void cancelling_stopsTheReading_andSaysSo() {
    PostgresTarget database = Databases.v1();
    SettableCancellation cancellation = new SettableCancellation();
    List<String> seen = new ArrayList<>();
    Progress progress =
        (done, total, unit, message) -> {
          seen.add(message);
          cancellation.cancel();
        };
    FingerprintReader reader =
        new FingerprintReader(Databases.CONNECTIONS, database, List.of(), cancellation, progress);
    assertThatThrownBy(reader::take).isInstanceOf(CancellationException.class);
    assertThat(seen).hasSize(1);
  }
}
