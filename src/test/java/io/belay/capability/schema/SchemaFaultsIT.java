package io.belay.capability.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.belay.capability.schema.MigrationTarget.Tool;
import io.belay.command.ChildProcesses;
import io.belay.faults.FrozenProcesses;
import io.belay.faults.InBackground;
import io.belay.step.FakeStepContext;
import io.belay.target.Command;
import io.belay.target.PostgresTarget;
import io.belay.target.RestoreWay;
import io.belay.target.TargetException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The server ends sessions or is stopped in the middle of a migration or a fingerprint: the step
 * ends in time with what happened and in which state things are, and the next attempt does it.
 */
@Timeout(180)
@SuppressWarnings("try") // what is held or stopped while a block runs
class SchemaFaultsIT {

  private static final ApplySchema.Input APPLY = new ApplySchema.Input("migration");
  private static final TakeFingerprint.Input TAKE =
      new TakeFingerprint.Input("migration", "before");

  private final ApplySchema applySchema = new ApplySchema(Databases.CONNECTIONS, null);
  private final TakeFingerprint takeFingerprint = new TakeFingerprint(Databases.CONNECTIONS);

  @TempDir private Path directory;
  private PostgresTarget database;
  private FakeStepContext context;

  @BeforeEach
  void freshDatabase() throws Exception {
    PostgresTarget fresh = Databases.v1();
    database =
        new PostgresTarget(
            fresh.host(),
            fresh.port(),
            fresh.database(),
            fresh.username(),
            fresh.password(),
            12,
            null,
            Duration.ofSeconds(2),
            Duration.ofSeconds(2),
            RestoreWay.AUTO);
    Path changelog = directory.resolve("changelog.sql");
    Files.writeString(
        changelog,
        """
        --liquibase formatted sql

        --changeset main-server:one
        CREATE TABLE one (id int);
        --rollback DROP TABLE one;

        --changeset main-server:two
        CREATE TABLE two (id int);
        SELECT count(*) FROM conversations;
        --rollback DROP TABLE two;
        """);
    context = context(migration(Tool.LIQUIBASE, changelog.toString(), null));
  }

  private FakeStepContext context(MigrationTarget migration) {
    return new FakeStepContext(Map.of("database", database, "migration", migration));
  }

  private static MigrationTarget migration(Tool tool, String changelog, Command apply) {
    return new MigrationTarget(
        "database",
        tool,
        changelog,
        apply,
        apply,
        null,
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of());
  }

  @Test
  void sessionEndedDuringTheMigration_namesTheChangeset_andTheNextAttemptGoesOn() throws Exception {
    try (Connection other = lock()) {
      CompletableFuture<?> running = InBackground.run(() -> context.run(applySchema, APPLY));
      soon().until(this::waitsForLock);
      endSessions("application_name like 'belay%'");

      assertThatThrownBy(running::join)
          .hasCauseInstanceOf(TargetException.class)
          .hasMessageContaining("PostgreSQL " + database.database())
          .hasMessageContaining("at changeset two")
          .hasMessageContaining("terminating connection due to administrator command")
          .hasMessageContaining("Each changeset is applied whole or not at all");
    }
    goesOn();
  }

  @Test
  void serverStoppedDuringTheMigration_isGivenUp_andTheNextAttemptGoesOn() throws Exception {
    try (Connection other = lock()) {
      CompletableFuture<?> running = InBackground.run(() -> context.run(applySchema, APPLY));
      soon().until(this::waitsForLock);
      try (FrozenProcesses stopped = FrozenProcesses.serverOf(other)) {
        assertThatThrownBy(running::join)
            .hasCauseInstanceOf(TargetException.class)
            .hasMessageContaining("at changeset two")
            .hasMessageContaining("has given no sign of life for 2 s")
            .hasMessageContaining("Each changeset is applied whole or not at all");
      }
    }
    goesOn();
  }

  private void goesOn() throws Exception {
    assertThat(Databases.query(database, "SELECT to_regclass('one') IS NOT NULL")).isEqualTo("t");
    assertThat(context.retry(applySchema, APPLY).changes()).isEqualTo(2);
    assertThat(
            Databases.query(
                database,
                "SELECT string_agg(id, ',' ORDER BY orderexecuted) FROM databasechangelog WHERE author = 'main-server'"))
        .isEqualTo("one,two");
  }

  @Test
  void sessionEndedDuringTheFingerprint_saysSo_andTheNextAttemptTakesIt() throws Exception {
    try (Connection other = lock()) {
      CompletableFuture<?> running = InBackground.run(() -> context.run(takeFingerprint, TAKE));
      soon().until(this::waitsForLock);
      endSessions("application_name like 'belay%'");

      assertThatThrownBy(running::join)
          .hasCauseInstanceOf(TargetException.class)
          .hasMessageContaining("the fingerprint of PostgreSQL " + database.database())
          .hasMessageContaining("terminating connection due to administrator command")
          .hasMessageContaining("Nothing was changed; the step can be retried");
    }
    assertThat(context.retry(takeFingerprint, TAKE).tables()).isPositive();
  }

  @Test
  void serverStoppedDuringTheFingerprint_isGivenUp_andTheNextAttemptTakesIt() throws Exception {
    try (Connection other = lock()) {
      CompletableFuture<?> running = InBackground.run(() -> context.run(takeFingerprint, TAKE));
      soon().until(this::waitsForLock);
      try (FrozenProcesses stopped = FrozenProcesses.serverOf(other)) {
        assertThatThrownBy(running::join)
            .hasCauseInstanceOf(TargetException.class)
            .hasMessageContaining("the fingerprint of PostgreSQL " + database.database())
            .hasMessageContaining("has given no sign of life for 2 s")
            .hasMessageContaining("Nothing was changed; the step can be retried");
      }
    }
    assertThat(context.retry(takeFingerprint, TAKE).tables()).isPositive();
  }

  /** Without its fence another attempt could begin while the command still works. */
  @Test
  void commandWhoseFenceIsGone_isKilled_andSaysWhy() throws Exception {
    Command apply =
        new Command(
            List.of("sh", "-c", "echo begun > begun; sleep 300"),
            directory,
            Map.of(),
            Duration.ofMinutes(5));
    FakeStepContext command = context(migration(Tool.COMMAND, null, apply));
    CompletableFuture<?> running =
        InBackground.run(
            () -> command.run(new ApplySchema(Databases.CONNECTIONS, new ChildProcesses()), APPLY));
    soon().until(() -> Files.exists(directory.resolve("begun")));
    endSessions("application_name like 'belay run%'");

    assertThatThrownBy(running::join)
        .hasCauseInstanceOf(TargetException.class)
        .hasMessageContaining("no longer knows the session that worked there")
        .hasMessageContaining("killed");
  }

  private Connection lock() throws Exception {
    Connection other = Databases.CONNECTIONS.postgres(database);
    other.setAutoCommit(false);
    other.createStatement().execute("LOCK TABLE conversations IN ACCESS EXCLUSIVE MODE");
    return other;
  }

  private boolean waitsForLock() {
    return !Databases.query(
            database,
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
        .equals("0");
  }

  private void endSessions(String which) {
    Databases.query(
        database,
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database()"
            + " AND pid <> pg_backend_pid() AND (wait_event_type = 'Lock' OR query LIKE '%advisory%') AND "
            + which);
  }

  private static ConditionFactory soon() {
    return await().atMost(Duration.ofSeconds(60));
  }
}
