package io.belay.playground;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import liquibase.Contexts;
import liquibase.LabelExpression;
import liquibase.Liquibase;
import liquibase.database.DatabaseFactory;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.MigrationFailedException;
import liquibase.resource.DirectoryResourceAccessor;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Equal on an untouched world, and different after each kind of change. */
class WorldFingerprintIT {

  /** Something that a run could leave behind. */
  @FunctionalInterface
  interface Change {
    void applyTo(World world) throws Exception;
  }

  private final World world = World.shared();

  @AfterAll
  static void usersRest() {
    World.shared().users().rest();
  }

  @BeforeEach
  void atTheBeginning() {
    world.reset();
  }

  @Test
  void untouchedWorld_staysEqual_whileUsersWork() {
    WorldFingerprint before = world.fingerprint();
    long served = world.users().counts().requests();
    org.awaitility.Awaitility.await().until(() -> world.users().counts().requests() > served + 30);

    assertThat(world.fingerprint().differencesFrom(before)).isEmpty();
    assertThat(world.fingerprint()).isEqualTo(before);
    assertThat(before.facts()).hasSizeGreaterThan(400);
  }

  static Stream<Named<Change>> changes() {
    return Stream.of(
        sql("a row more", "INSERT INTO users (open_id, name, email) VALUES ('x', 'x', 'x')"),
        sql("a row less", "DELETE FROM webhook_events WHERE id = 7"),
        sql("null for empty", "UPDATE users SET department = NULL WHERE department = ''"),
        sql(
            "values swapped between rows",
            "UPDATE users SET credit = (SELECT sum(credit) FROM users u WHERE u.id IN (1, 2))"
                + " - credit WHERE id IN (1, 2)"),
        sql("another type", "ALTER TABLE users ALTER COLUMN email TYPE varchar(256)"),
        sql("a column more", "ALTER TABLE users ADD COLUMN nickname text"),
        sql("an index less", "DROP INDEX idx_users_email"),
        sql("a constraint less", "ALTER TABLE users DROP CONSTRAINT users_open_id_key CASCADE"),
        sql("a table more", "CREATE TABLE leftovers (id int)"),
        sql("a schema more", "CREATE SCHEMA scratch"),
        sql("a view less", "DROP VIEW open_conversations"),
        sql("a sequence moved", "SELECT nextval('users_id_seq')"),
        sql("another grant", "GRANT SELECT ON users TO PUBLIC"),
        sql("a database more", "CREATE DATABASE rehearsal"),
        redis("a key more", "SET", "stray", "1"),
        redis("a key less", "DEL", "session:17"),
        redis("another value", "SET", "session:17", "other", "KEEPTTL"),
        redis("no expiry any more", "PERSIST", "session:17"),
        redis("a field less", "HDEL", "user:9", "language"),
        redis("another order", "LMOVE", "queue:outgoing", "queue:outgoing", "LEFT", "RIGHT"),
        Named.of("weight moved", world -> routes(world, 10, "")),
        Named.of("server drained", world -> routes(world, 0, "\"main-2\"")),
        Named.of("v2 left running", world -> world.services().start("v2", List.of("green"))),
        Named.of("v1 not running", world -> world.services().stop("v1", List.of("main-2"))),
        Named.of(
            "configuration changed",
            world -> Files.writeString(configuration(world, "v2.env"), "LARK_APP_ID=\n")),
        Named.of(
            "configuration file left",
            world -> Files.writeString(configuration(world, "v2.env.bak"), "")));
  }

  @ParameterizedTest
  @MethodSource("changes")
  void eachKindOfChange_isSeen_andResetTakesItBack(Change change) throws Exception {
    WorldFingerprint before = world.fingerprint();

    change.applyTo(world);

    List<String> differences = world.fingerprint().differencesFrom(before);
    assertThat(differences).isNotEmpty();
    world.reset();
    assertThat(world.fingerprint()).isEqualTo(before);
  }

  @Test
  void migrationAndItsRollback_leaveNothing() throws Exception {
    WorldFingerprint before = world.fingerprint();

    update();
    assertThat(world.fingerprint().differencesFrom(before))
        .anyMatch(line -> line.contains("table public.messages"));
    rollback();

    assertThat(world.fingerprint().differencesFrom(before)).isEmpty();
  }

  @Test
  void corruptingMigration_losesContentThatItsRollbackDoesNotBring() throws Exception {
    WorldFingerprint before = world.fingerprint();
    world.fault(Fault.dataCorruption());

    update();
    rollback();

    assertThat(world.fingerprint().differencesFrom(before))
        .singleElement()
        .asString()
        .contains("content public.users");
  }

  @Test
  void failingMigration_stopsHalfWay() throws Exception {
    world.fault(Fault.migration());
    WorldFingerprint before = world.fingerprint();

    Assertions.assertThatThrownBy(this::update)
        .hasRootCauseInstanceOf(org.postgresql.util.PSQLException.class)
        .hasStackTraceContaining(MigrationFailedException.class.getName())
        .hasStackTraceContaining("last_message");

    assertThat(world.fingerprint().differencesFrom(before))
        .anyMatch(line -> line.contains("table public.messages"))
        .noneMatch(line -> line.contains("preferences"));
  }

  private void update() throws Exception {
    liquibase(liquibase -> liquibase.update(new Contexts(), new LabelExpression()));
  }

  private void rollback() throws Exception {
    liquibase(
        liquibase ->
            liquibase.rollback(
                liquibase.getDatabase().getRanChangeSetList().size(),
                null,
                new Contexts(),
                new LabelExpression()));
  }

  /** What can go wrong while Liquibase works. */
  @FunctionalInterface
  private interface Work {
    void with(Liquibase liquibase) throws Exception;
  }

  private void liquibase(Work work) throws Exception {
    Path changelog = Path.of(world.properties().get("playground.changelog"));
    try (Connection connection = world.database();
        Liquibase liquibase =
            new Liquibase(
                changelog.getFileName().toString(),
                new DirectoryResourceAccessor(changelog.getParent()),
                DatabaseFactory.getInstance()
                    .findCorrectDatabaseImplementation(new JdbcConnection(connection)))) {
      work.with(liquibase);
    }
  }

  private static Named<Change> sql(String name, String sql) {
    return Named.of(
        name,
        world -> {
          try (Connection connection = world.database();
              Statement statement = connection.createStatement()) {
            statement.execute(sql);
          }
        });
  }

  private static Named<Change> redis(String name, Object... command) {
    return Named.of(
        name,
        world -> {
          try (RedisConnection redis = world.redis()) {
            redis.call(command);
          }
        });
  }

  private static void routes(World world, int weight, String drained) throws Exception {
    Map<String, String> properties = world.properties();
    String body =
        "{\"routes\":[{\"path\":\"/\",\"baseline\":\"v1\",\"candidate\":\"v2\",\"weight\":%d}],\"drained\":[%s]}"
            .formatted(weight, drained);
    HttpRequest put =
        HttpRequest.newBuilder(
                URI.create(properties.get("playground.gateway.admin")).resolve("/routes"))
            .header("Authorization", "Bearer " + properties.get("playground.gateway.token"))
            .header("If-Match", "*")
            .PUT(HttpRequest.BodyPublishers.ofString(body))
            .build();
    assertThat(
            HttpClient.newHttpClient().send(put, HttpResponse.BodyHandlers.ofString()).statusCode())
        .isEqualTo(200);
  }

  private static Path configuration(World world, String file) {
    return world.directory().resolve("config").resolve(file);
  }
}
