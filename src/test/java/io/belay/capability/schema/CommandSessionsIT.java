package io.belay.capability.schema;

import static io.belay.capability.schema.Databases.execute;
import static io.belay.capability.schema.Databases.query;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.belay.capability.schema.MigrationTarget.Tool;
import io.belay.command.ChildProcesses;
import io.belay.faults.InBackground;
import io.belay.step.FakeStepContext;
import io.belay.target.Command;
import io.belay.target.CommandSessions;
import io.belay.target.PostgresTarget;
import io.belay.target.RestoreWay;
import io.belay.target.Secret;
import io.belay.target.TargetException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A migration command is killed while the server works for it. The server would go on, and commit
 * after the run was proven to be taken back.
 */
@Timeout(180)
@SuppressWarnings("try") // what is held while a block runs
class CommandSessionsIT {

  private static final ApplySchema.Input APPLY = new ApplySchema.Input("migration");
  private static final RevertSchema.Input REVERT = new RevertSchema.Input("migration");
  private static final TakeFingerprint.Input TAKE =
      new TakeFingerprint.Input("migration", "before");
  private static final CompareFingerprint.Input COMPARE =
      new CompareFingerprint.Input("migration", "before");

  /** What the server is told to do: nothing for a while, then the harm. */
  private static final String LATE = "select pg_sleep(15); update conversations set title = 'late'";

  private static final String UNHARMED =
      "select count(*) filter (where title = 'late') = 0 from conversations";

  private final ApplySchema applySchema =
      new ApplySchema(Databases.CONNECTIONS, new ChildProcesses());
  private final RevertSchema revertSchema =
      new RevertSchema(Databases.CONNECTIONS, new ChildProcesses());
  private final TakeFingerprint takeFingerprint = new TakeFingerprint(Databases.CONNECTIONS);
  private final CompareFingerprint compareFingerprint =
      new CompareFingerprint(Databases.CONNECTIONS);

  @TempDir private Path directory;
  private PostgresTarget database;

  @BeforeEach
  void freshDatabase() {
    database = Databases.v1();
  }

  /** A client by JDBC, as Flyway is one: it has never heard of PGAPPNAME. */
  static final class JdbcClient {
    public static void main(String[] args) throws Exception {
      String url =
          "jdbc:postgresql://%s:%s/%s"
              .formatted(
                  System.getenv("PGHOST"), System.getenv("PGPORT"), System.getenv("PGDATABASE"));
      try (Connection connection =
              DriverManager.getConnection(url, System.getenv("PGUSER"), "postgres");
          Statement statement = connection.createStatement()) {
        statement.execute(args[0]);
      }
    }
  }

  /** Clients of every kind, with the harm to do. */
  enum Client {
    PSQL(List.of("psql", "-c", LATE)),
    PSQL_OF_ANOTHER_NAME(List.of("psql", "-d", "application_name=mine", "-c", LATE)),
    SHELL(List.of("sh", "-c", "PGAPPNAME=mine psql -c \"" + LATE + "\"; echo done")),
    JDBC(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            JdbcClient.class.getName(),
            LATE));

    private final List<String> arguments;

    Client(List<String> arguments) {
      this.arguments = arguments;
    }

    Command within(Duration timeout) {
      return new Command(arguments, null, Map.of(), timeout);
    }
  }

  private FakeStepContext context(Command apply) {
    MigrationTarget migration =
        new MigrationTarget(
            "database",
            Tool.COMMAND,
            null,
            apply,
            Command.of("psql", "-c", "select 'nothing to take back'"),
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

  /** No session is left that could still do it, and nobody has. */
  private void nothingIsDoneLater() {
    soon().until(() -> late() == 0);
    assertThat(query(database, UNHARMED)).isEqualTo("t");
  }

  /** Of several statements that a driver sends at once, the server shows the one it is at. */
  private int late() {
    return Integer.parseInt(
        query(
            database,
            "select count(*) from pg_stat_activity where query ~ 'pg_sleep|late' and state <> 'idle'"
                + " and datname = current_database() and pid <> pg_backend_pid()"));
  }

  @ParameterizedTest
  @EnumSource(Client.class)
  void commandKilledAtItsLimit_doesNothingAfterItWasTakenBackAndCompared(Client client)
      throws Exception {
    FakeStepContext context =
        context(client.within(Duration.ofSeconds(client == Client.JDBC ? 8 : 1)));
    context.run(takeFingerprint, TAKE);
    assertThatThrownBy(() -> context.run(applySchema, APPLY))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("did not end within");

    context.run(revertSchema, REVERT);
    assertThat(context.run(compareFingerprint, COMPARE).equal()).isTrue();
    nothingIsDoneLater();
    assertThat(context.logs())
        .anyMatch(line -> line.matches("ended session \\d+ of user postgres .*pg_sleep.*"));
  }

  @Test
  void commandOfAnAbortedStep_doesNothingLater() throws Exception {
    FakeStepContext context = context(Client.PSQL_OF_ANOTHER_NAME.within(Duration.ofMinutes(5)));
    CompletableFuture<?> running = InBackground.run(() -> context.run(applySchema, APPLY));
    soon().until(() -> late() > 0);
    context.cancel();

    assertThatThrownBy(running::join).hasCauseInstanceOf(CancellationException.class);
    nothingIsDoneLater();
  }

  /** The tool of the tool has killed its client itself. */
  @Test
  void commandThatEndsWithoutItsSession_failsAndDoesNothingLater() {
    FakeStepContext context =
        context(Command.of("sh", "-c", "timeout 1 psql -c \"" + LATE + "\"; exit 0"));
    assertThatThrownBy(() -> context.run(applySchema, APPLY))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("said that it has done its work")
        .hasMessageContaining("pg_sleep(15)");
    nothingIsDoneLater();
  }

  @Test
  void sessionsAreRecorded_beforeTheCommandStarts() throws Exception {
    FakeStepContext context = context(Command.of("touch", directory.resolve("begun").toString()));
    context.runKilledAfterSave(CommandSessions.CHECKPOINT, applySchema, APPLY);
    assertThat(directory.resolve("begun")).doesNotExist();
    assertThat(
            context
                .started("applySchema")
                .get(0)
                .saved(CommandSessions.CHECKPOINT, CommandSessions.Opened.class))
        .get()
        .matches(opened -> !opened.ended() && opened.database().equals("database"));
  }

  /** Belay is gone in the middle of it, and so is whoever could have killed the client. */
  @ParameterizedTest
  @EnumSource(
      value = Client.class,
      names = {"PSQL", "SHELL"})
  void clientOfAKilledBelay_isFoundAndEnded_withItsSession(Client client) throws Exception {
    FakeStepContext context = context(client.within(Duration.ofMinutes(5)));
    context.run(takeFingerprint, TAKE);
    context.runKilledAfterSave(CommandSessions.CHECKPOINT, applySchema, APPLY);
    Process belay = orphan(client, context);
    soon().until(() -> late() > 0);
    long psql =
        belay
            .descendants()
            .filter(p -> p.info().command().orElse("").contains("psql"))
            .findFirst()
            .orElseThrow()
            .pid();
    belay.destroyForcibly().waitFor();
    assertThat(runs(psql)).isTrue();

    context.run(revertSchema, REVERT);
    assertThat(context.run(compareFingerprint, COMPARE).equal()).isTrue();
    nothingIsDoneLater();
    assertThat(runs(psql)).isFalse();
  }

  /** What nobody has waited for is still listed, but runs nothing. */
  private static boolean runs(long pid) throws Exception {
    Path arguments = Path.of("/proc", Long.toString(pid), "cmdline");
    return Files.exists(arguments) && Files.readAllBytes(arguments).length > 0;
  }

  /** Runs the client in a session of its own, below a process that stands for Belay. */
  private Process orphan(Client client, FakeStepContext context) throws Exception {
    String mark =
        context
            .started("applySchema")
            .get(0)
            .saved(CommandSessions.CHECKPOINT, CommandSessions.Opened.class)
            .orElseThrow()
            .mark();
    List<String> arguments =
        new java.util.ArrayList<>(List.of("sh", "-c", "setsid \"$@\" & wait", "sh"));
    arguments.addAll(client.arguments);
    ProcessBuilder builder = new ProcessBuilder(arguments);
    builder
        .environment()
        .putAll(
            Map.of(
                "PGHOST", database.host(),
                "PGPORT", Integer.toString(database.port()),
                "PGDATABASE", database.database(),
                "PGUSER", database.username(),
                "PGAPPNAME", mark,
                "BELAY_COMMAND", mark));
    return builder
        .redirectErrorStream(true)
        .redirectOutput(directory.resolve("output").toFile())
        .start();
  }

  @Test
  void sessionOfAnotherOwner_isAnIncidentWithPidUserAndQuery_untilItHasEnded() throws Exception {
    execute(
        database,
        "create role migrator login password 'migrator' in role pg_read_all_stats",
        "create role operator_of_others login",
        "grant all on all tables in schema public to migrator, operator_of_others");
    database = as("migrator");
    FakeStepContext context =
        context(
            new Command(
                List.of("psql", "-U", "operator_of_others", "-c", LATE),
                null,
                Map.of(),
                Duration.ofSeconds(1)));
    context.run(takeFingerprint, TAKE);
    assertThatThrownBy(() -> context.run(applySchema, APPLY))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("did not end within")
        .hasMessageMatching(
            "(?s).*It may still change .*session \\d+ of user operator_of_others .*")
        .hasMessageContaining("runs: " + LATE)
        .hasMessageContaining("no right to end it")
        .hasMessageContaining("pg_terminate_backend(");
    assertThatThrownBy(() -> context.run(compareFingerprint, COMPARE))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("operator_of_others")
        .hasMessageContaining("This step has not begun");

    soon().until(() -> late() == 0);
    assertThat(context.run(compareFingerprint, COMPARE).equal()).isFalse();
  }

  private PostgresTarget as(String login) {
    return new PostgresTarget(
        database.host(),
        database.port(),
        database.database(),
        login,
        Secret.of(login),
        12,
        null,
        Duration.ofSeconds(5),
        Duration.ofSeconds(2),
        RestoreWay.AUTO);
  }

  /** Where the server does not see where the client is, nobody can say whose the session is. */
  @Test
  void busySessionOfAnUnknownClient_isAnIncident_andNotEnded() throws Exception {
    String socket = query(database, "show unix_socket_directories").split(",")[0].strip();
    FakeStepContext context =
        context(
            new Command(
                List.of("psql", "-d", "application_name=mine host=" + socket, "-c", LATE),
                null,
                Map.of(),
                Duration.ofSeconds(1)));
    assertThatThrownBy(() -> context.run(applySchema, APPLY))
        .isInstanceOf(TargetException.class)
        .hasMessageMatching(
            "(?s).*session \\d+ of user postgres \\(application 'mine', from the server's own machine.*")
        .hasMessageContaining("its client is unknown");
  }

  @Test
  void preparedTransaction_isAnIncident_untilSomebodyDecides() throws Exception {
    FakeStepContext context =
        context(
            new Command(
                List.of(
                    "psql",
                    "-c",
                    "begin",
                    "-c",
                    "update conversations set title = 'late'",
                    "-c",
                    "prepare transaction 'it''s late'",
                    "-c",
                    "select pg_sleep(60)"),
                null,
                Map.of(),
                Duration.ofSeconds(1)));
    context.run(takeFingerprint, TAKE);
    assertThatThrownBy(() -> context.run(applySchema, APPLY))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("transaction 'it''s late' of user postgres was prepared");
    assertThatThrownBy(() -> context.run(compareFingerprint, COMPARE))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("ROLLBACK PREPARED");

    execute(database, "rollback prepared 'it''s late'");
    assertThat(context.run(compareFingerprint, COMPARE).equal()).isTrue();
  }

  /** An application that opened sessions meanwhile, with the same login, and works on. */
  @Test
  void applicationsSessions_areLeftAlone_busyOrNot() throws Exception {
    FakeStepContext context = context(Client.PSQL.within(Duration.ofSeconds(2)));
    CompletableFuture<?> running = InBackground.run(() -> context.run(applySchema, APPLY));
    soon().until(() -> late() > 0);
    try (Connection busy = application();
        Connection idle = application()) {
      CompletableFuture<?> report =
          InBackground.run(() -> busy.createStatement().execute("select pg_sleep(10)"));
      assertThatThrownBy(running::join).hasMessageContaining("did not end within");
      context.run(revertSchema, REVERT);
      assertThat(report).isNotDone();
      idle.createStatement().execute("select 1");
      report.join();
    }
    nothingIsDoneLater();
  }

  private Connection application() throws Exception {
    return DriverManager.getConnection(
        "jdbc:postgresql://localhost:%d/%s?ApplicationName=shop"
            .formatted(database.port(), database.database()),
        "postgres",
        "postgres");
  }

  /** A changeset that runs outside a transaction goes on when its session was cut. */
  @Test
  void sessionOfLiquibase_ofAKilledBelay_isEnded() throws Exception {
    Path changelog = directory.resolve("changelog.sql");
    Files.writeString(
        changelog, "--liquibase formatted sql\n--changeset main-server:one\nselect 1;");
    MigrationTarget migration =
        new MigrationTarget(
            "database",
            Tool.LIQUIBASE,
            changelog.toString(),
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
    FakeStepContext context =
        new FakeStepContext(Map.of("database", database, "migration", migration));
    context.run(takeFingerprint, TAKE);
    context.runKilledAfterSave(CommandSessions.CHECKPOINT, applySchema, APPLY);
    Process belay = orphan(Client.PSQL, context);
    soon().until(() -> late() > 0);
    belay.descendants().forEach(ProcessHandle::destroyForcibly);

    assertThat(context.run(compareFingerprint, COMPARE).equal()).isTrue();
    nothingIsDoneLater();
  }

  private static ConditionFactory soon() {
    return await().atMost(Duration.ofSeconds(60));
  }
}
