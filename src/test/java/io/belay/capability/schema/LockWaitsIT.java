package io.belay.capability.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.belay.capability.schema.MigrationTarget.Tool;
import io.belay.command.ChildProcesses;
import io.belay.step.FakeStepContext;
import io.belay.target.Command;
import io.belay.target.PostgresTarget;
import io.belay.target.Secret;
import io.belay.target.TargetException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An application has begun a transaction and forgotten it: whoever it holds up tells its name. */
@Timeout(120)
class LockWaitsIT {

  private static final ApplySchema.Input APPLY = new ApplySchema.Input("migration");
  private static final String ALTER = "alter table conversations add x int";

  private final ApplySchema applySchema =
      new ApplySchema(Databases.CONNECTIONS, new ChildProcesses());

  @TempDir private Path directory;
  private PostgresTarget database;
  private Connection application;
  private int pid;

  @BeforeEach
  void forgottenTransaction() throws Exception {
    database = Databases.v1();
    application =
        DriverManager.getConnection(
            "jdbc:postgresql://localhost:%d/%s?ApplicationName=shop"
                .formatted(database.port(), database.database()),
            "postgres",
            "postgres");
    application.setAutoCommit(false);
    try (var row = application.createStatement().executeQuery("select pg_backend_pid()")) {
      row.next();
      pid = row.getInt(1);
    }
    application
        .createStatement()
        .execute("update conversations set title = 'forgotten' where id = 1");
  }

  @AfterEach
  void end() throws Exception {
    application.close();
  }

  private FakeStepContext context(Tool tool, Command apply, String changelog) {
    MigrationTarget migration =
        new MigrationTarget(
            "database",
            tool,
            changelog,
            apply,
            null,
            null,
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of());
    return new FakeStepContext(Map.of("database", database, "migration", migration));
  }

  private AbstractThrowableAssert<?, ?> namesTheApplication(AbstractThrowableAssert<?, ?> failure) {
    return failure
        .isInstanceOf(TargetException.class)
        .hasMessageContaining(
            "behind session %d of user postgres (application 'shop', idle in transaction, its transaction is 00:00:"
                .formatted(pid))
        .hasMessageContaining(
            "which last ran: update conversations set title = 'forgotten' where id = 1");
  }

  @Test
  void command_waitsForAFewSeconds_andNamesWhoIsInTheWay() {
    FakeStepContext context = context(Tool.COMMAND, Command.of("psql", "-c", ALTER), null);
    namesTheApplication(assertThatThrownBy(() -> context.run(applySchema, APPLY)))
        .hasMessageContaining("canceling statement due to lock timeout");
  }

  /** As a JDBC driver would. */
  @Test
  void commandThatReadsNoOptions_isKilledAtItsLimit_andNamesWhoIsInTheWay() {
    Command deaf =
        new Command(
            List.of("sh", "-c", "PGOPTIONS= PGAPPNAME=mine psql -c '" + ALTER + "'"),
            null,
            Map.of(),
            Duration.ofSeconds(8));
    FakeStepContext context = context(Tool.COMMAND, deaf, null);
    namesTheApplication(assertThatThrownBy(() -> context.run(applySchema, APPLY)))
        .hasMessageContaining("did not end within PT8S");
  }

  @Test
  void liquibase_namesWhoIsInTheWay() throws Exception {
    Path changelog = directory.resolve("changelog.sql");
    Files.writeString(
        changelog, "--liquibase formatted sql\n--changeset main-server:one\n" + ALTER + ";");
    FakeStepContext context = context(Tool.LIQUIBASE, null, changelog.toString());
    namesTheApplication(assertThatThrownBy(() -> context.run(applySchema, APPLY)))
        .hasMessageContaining("canceling statement due to lock timeout");
  }

  @Test
  void fingerprint_namesWhoIsInTheWay() throws Exception {
    application.createStatement().execute("lock table conversations");
    FakeStepContext context = context(Tool.COMMAND, Command.of("true"), null);
    assertThatThrownBy(
            () ->
                context.run(
                    new TakeFingerprint(Databases.CONNECTIONS),
                    new TakeFingerprint.Input("migration", "before")))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("behind session %d of user postgres".formatted(pid))
        .hasMessageContaining("which last ran: lock table conversations");
  }

  @Test
  void commandsOwnOptions_countMore_andThePlanTellsTheLimit() throws Exception {
    Command show = Command.of("psql", "-c", "show lock_timeout", "-c", "show work_mem");
    FakeStepContext context = context(Tool.COMMAND, show, null);
    context.run(applySchema, APPLY);
    assertThat(context.logs()).contains(" 5s");
    assertThat(applySchema.plan(APPLY, context.environment()).details())
        .anyMatch(line -> line.startsWith("statements wait 5s for a lock at most"));

    FakeStepContext own =
        context(
            Tool.COMMAND,
            new Command(
                show.arguments(),
                null,
                Map.of("PGOPTIONS", Secret.of("-c lock_timeout=300ms -c work_mem=7MB")),
                Duration.ofMinutes(1)),
            null);
    own.run(applySchema, APPLY);
    assertThat(own.logs()).contains(" 300ms", " 7MB");
  }
}
