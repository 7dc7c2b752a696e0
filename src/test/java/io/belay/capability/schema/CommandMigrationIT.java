package io.belay.capability.schema;

import static io.belay.capability.schema.Databases.fingerprint;
import static io.belay.capability.schema.Databases.query;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.belay.capability.schema.MigrationTarget.Tool;
import io.belay.command.ChildProcesses;
import io.belay.step.FakeStepContext;
import io.belay.target.Command;
import io.belay.target.PostgresTarget;
import io.belay.target.TargetException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Migrating with commands: a real psql as a child process. */
class CommandMigrationIT {

  private static final ApplySchema.Input APPLY = new ApplySchema.Input("migration");
  private static final RevertSchema.Input REVERT = new RevertSchema.Input("migration");

  private final ApplySchema applySchema =
      new ApplySchema(Databases.CONNECTIONS, new ChildProcesses());
  private final RevertSchema revertSchema =
      new RevertSchema(Databases.CONNECTIONS, new ChildProcesses());

  private PostgresTarget database;

  @BeforeEach
  void freshDatabase() {
    database = Databases.v1();
  }

  private FakeStepContext context(Command apply, Command revert, Command preview) {
    MigrationTarget migration =
        new MigrationTarget(
            "database",
            Tool.COMMAND,
            null,
            apply,
            revert,
            preview,
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of());
    return new FakeStepContext(Map.of("database", database, "migration", migration));
  }

  private static Command psql(String sql) {
    return Command.of("psql", "-v", "ON_ERROR_STOP=1", "-c", sql);
  }

  @Test
  void commands_reachTheDatabaseByTheirEnvironment_andTakeBackOnce() throws Exception {
    String before = fingerprint(database).digest();
    FakeStepContext context =
        context(psql("CREATE TABLE messages (id int)"), psql("DROP TABLE messages"), null);
    assertThat(context.run(revertSchema, REVERT).reverted()).isZero();
    assertThat(context.run(applySchema, APPLY).changes()).isEqualTo(1);
    assertThat(query(database, "SELECT to_regclass('messages')::text")).isEqualTo("messages");

    assertThat(context.run(revertSchema, REVERT).reverted()).isEqualTo(1);
    assertThat(context.run(revertSchema, REVERT).reverted()).isZero();
    assertThat(fingerprint(database).digest()).isEqualTo(before);
  }

  @Test
  void databaseUrlAndRun_areInTheEnvironment_andThePasswordIsShownNowhere() throws Exception {
    FakeStepContext context =
        context(
            Command.of(
                "sh",
                "-c",
                "psql \"$DATABASE_URL\" -c \"CREATE TABLE run_of_$(echo $BELAY_RUN | tr -d -) (id int)\"; echo $DATABASE_URL; test -r $PGPASSFILE"),
            null,
            null);
    context.run(applySchema, APPLY);
    assertThat(query(database, "SELECT to_regclass('run_of_run1')::text")).isEqualTo("run_of_run1");
    assertThat(context.logs())
        .anyMatch(line -> line.contains("******"))
        .noneMatch(line -> line.contains("postgres:postgres@"));
  }

  @Test
  void failingCommand_tellsItsExitCodeAndOutput() {
    FakeStepContext context = context(psql("ALTER TABLE nowhere ADD COLUMN x int"), null, null);
    assertThatThrownBy(() -> context.run(applySchema, APPLY))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("exit code 1")
        .hasMessageContaining("relation \"nowhere\" does not exist");
  }

  @Test
  void migrationWithoutRevertCommand_cannotBeTakenBack_andSaysWhatToDo() throws Exception {
    FakeStepContext context = context(psql("CREATE TABLE messages (id int)"), null, null);
    assertThat(applySchema.plan(APPLY, context.environment()).details())
        .anyMatch(line -> line.contains("only restoring the backup"));
    context.run(applySchema, APPLY);
    assertThatThrownBy(() -> context.run(revertSchema, REVERT))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("restore the backup");
  }

  @Test
  void plan_showsTheOutputOfThePreviewCommand_andHasNoEffect() throws Exception {
    FakeStepContext context =
        context(
            psql("CREATE TABLE messages (id int)"),
            null,
            Command.of("echo", "CREATE TABLE messages (id int);"));
    assertThat(applySchema.plan(APPLY, context.environment()).details())
        .contains("CREATE TABLE messages (id int);");
    assertThat(query(database, "SELECT to_regclass('messages')::text")).isNull();
  }
}
