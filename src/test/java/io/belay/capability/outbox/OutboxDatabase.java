package io.belay.capability.outbox;

import io.belay.playground.EmbeddedServers;
import io.belay.step.Expectations;
import io.belay.target.PostgresTarget;
import io.belay.target.RestoreWay;
import io.belay.target.Secret;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A PostgreSQL with the outbox of the guide. */
final class OutboxDatabase implements AutoCloseable {

  private final EmbeddedPostgres server;

  OutboxDatabase() throws IOException {
    server = EmbeddedServers.postgres().setServerConfig("max_prepared_transactions", "2").start();
  }

  /** Empties everything. */
  void begin() throws SQLException {
    execute(
        "DROP TABLE IF EXISTS outbox_events, other",
        "CREATE TABLE outbox_events (id bigserial PRIMARY KEY, aggregate_id text, type text NOT NULL,"
            + " payload jsonb, processed boolean NOT NULL DEFAULT false, processed_at timestamptz,"
            + " created_at timestamptz NOT NULL DEFAULT clock_timestamp())",
        "CREATE TABLE other (n int)");
  }

  PostgresTarget target() {
    return target(server.getPort());
  }

  static PostgresTarget target(int port) {
    return new PostgresTarget(
        "localhost",
        port,
        "postgres",
        "postgres",
        Secret.none(),
        12,
        null,
        Duration.ofSeconds(2),
        Duration.ofSeconds(20),
        RestoreWay.AUTO);
  }

  int port() {
    return server.getPort();
  }

  Connection connect() throws SQLException {
    return server.getPostgresDatabase().getConnection();
  }

  /** In a transaction of its own. */
  void execute(String... statements) throws SQLException {
    try (Connection connection = connect()) {
      for (String text : statements) {
        run(connection, text);
      }
    }
  }

  static void run(Connection connection, String text) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(text);
    }
  }

  static long insert(Connection connection, String aggregate) throws SQLException {
    return number(
        connection,
        "INSERT INTO outbox_events (aggregate_id, type, payload)"
            + " VALUES ('%s', 'Changed', '{\"total\": 9223372036854775807}') RETURNING id"
                .formatted(aggregate));
  }

  long insert(String aggregate) throws SQLException {
    try (Connection connection = connect()) {
      return insert(connection, aggregate);
    }
  }

  static long number(Connection connection, String query) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      row.next();
      return row.getLong(1);
    }
  }

  List<Long> ids(String condition) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT id FROM outbox_events WHERE " + condition + " ORDER BY id")) {
      List<Long> ids = new ArrayList<>();
      while (row.next()) {
        ids.add(row.getLong(1));
      }
      return ids;
    }
  }

  /** With the defaults of the step, but for its patience. */
  static DrainOutbox.Input input(int batch, Duration patience) {
    return new DrainOutbox.Input(
        "shop",
        "events",
        "/events",
        Expectations.none(),
        "outbox_events",
        "id",
        "aggregate_id",
        "type",
        "payload",
        List.of("processed"),
        "id",
        batch,
        3,
        Duration.ofMillis(20),
        patience);
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
