package io.belay.capability.measure;

import static org.assertj.core.api.Assertions.assertThat;

import io.belay.command.ChildProcesses;
import io.belay.command.HostCommands;
import io.belay.command.Places;
import io.belay.command.SshSessions;
import io.belay.playground.EmbeddedServers;
import io.belay.step.FakeStepContext;
import io.belay.target.Connections;
import io.belay.target.HttpProbe;
import io.belay.target.PostgresTarget;
import io.belay.target.RestoreWay;
import io.belay.target.Secret;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The numbers that the page about outboxes gives for a gate say what the page says. */
class OutboxNumbersIT {

  private static final Connections CONNECTIONS = new Connections();
  private static EmbeddedPostgres server;
  private static Numbers numbers;

  private final MeasureNumbers measure =
      new MeasureNumbers(
          new NumberReader(
              CONNECTIONS,
              new HttpProbe(),
              new Places(new ChildProcesses(), new HostCommands(new SshSessions()))));

  @BeforeAll
  static void start() throws Exception {
    server = EmbeddedServers.postgres().setServerConfig("max_prepared_transactions", "2").start();
    try (Connection connection = connect()) {
      execute(
          connection,
          "CREATE TABLE outbox_events (id bigserial, processed boolean NOT NULL, created_at timestamptz)",
          "CREATE TABLE other (n int)",
          "CREATE ROLE stranger LOGIN",
          "GRANT SELECT ON outbox_events TO stranger",
          "INSERT INTO outbox_events (processed, created_at) VALUES (true, now() - interval '1 hour'),"
              + " (false, now() - interval '90 seconds'), (false, now())");
    }
    Matcher block =
        Pattern.compile("(?s)```text\n(backlog = .*?)```")
            .matcher(Files.readString(Path.of("docs/outbox.md")));
    assertThat(block.find()).isTrue();
    numbers = Numbers.valueOf(block.group(1));
  }

  @AfterAll
  static void stop() throws Exception {
    CONNECTIONS.close();
    server.close();
  }

  private static Connection connect() throws SQLException {
    return server.getPostgresDatabase().getConnection();
  }

  private static void execute(Connection connection, String... statements) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String text : statements) {
        statement.execute(text);
      }
    }
  }

  private MeasureNumbers.Result measured(String user) throws Exception {
    var target =
        new PostgresTarget(
            "localhost",
            server.getPort(),
            "postgres",
            user,
            Secret.none(),
            13,
            null,
            Duration.ofSeconds(2),
            Duration.ofSeconds(5),
            RestoreWay.AUTO);
    return new FakeStepContext(Map.of("shop", target))
        .run(measure, new MeasureNumbers.Input(numbers, List.of()));
  }

  private Map<String, Double> values() throws Exception {
    MeasureNumbers.Result result = measured("postgres");
    assertThat(result.complete()).as(result.missing()).isTrue();
    return result.numbers().values().entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, value -> (Double) value.getValue()));
  }

  @Test
  void backlogAndOldestEvent_areOfWhatNobodyPublished() throws Exception {
    Map<String, Double> values = values();

    assertThat(values).containsEntry("backlog", 2.0);
    assertThat(values.get("oldestSeconds")).isBetween(90.0, 600.0);
    assertThat(values).containsEntry("horizonSeconds", 0.0).containsEntry("horizonPid", 0.0);
  }

  @Test
  void sessionThatHoldsTheHorizon_isNamedByItsPid() throws Exception {
    try (Connection holder = connect();
        Connection later = connect();
        Connection reader = connect()) {
      for (Connection connection : List.of(holder, later, reader)) {
        connection.setAutoCommit(false);
      }
      execute(reader, "SELECT count(*) FROM outbox_events"); // has no number, and holds nothing
      execute(holder, "INSERT INTO other VALUES (1)");
      execute(later, "INSERT INTO other VALUES (2)");
      execute(holder, "SELECT pg_sleep(0.2)");

      Map<String, Double> values = values();

      assertThat(values).containsEntry("horizonPid", (double) pid(holder));
      assertThat(values.get("horizonSeconds")).isBetween(0.2, 60.0);
      holder.rollback();
      assertThat(values()).containsEntry("horizonPid", (double) pid(later));
    }
  }

  private static int pid(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT pg_backend_pid()")) {
      row.next();
      return row.getInt(1);
    }
  }

  @Test
  void preparedTransaction_holdsItWithoutASession() throws Exception {
    try (Connection holder = connect()) {
      holder.setAutoCommit(false);
      execute(holder, "INSERT INTO other VALUES (1)", "PREPARE TRANSACTION 'forgotten'");
      holder.setAutoCommit(true);
      Map<String, Double> values = values();
      execute(holder, "ROLLBACK PREPARED 'forgotten'");

      assertThat(values).containsEntry("horizonPid", 0.0);
      assertThat(values.get("horizonSeconds")).isPositive();
    }
  }

  /** Fail closed: a login that may not see the age does not report none. */
  @Test
  void ageThatTheLoginMayNotSee_isMissing() throws Exception {
    try (Connection holder = connect()) {
      holder.setAutoCommit(false);
      execute(holder, "INSERT INTO other VALUES (1)");

      MeasureNumbers.Result result = measured("stranger");

      assertThat(result.complete()).isFalse();
      assertThat(result.missing()).startsWith("horizonSeconds: ").doesNotContain("horizonPid");
      assertThat(result.numbers().values()).containsEntry("horizonPid", (double) pid(holder));
    }
  }
}
