package io.belay.capability.backfill;

import io.belay.playground.EmbeddedServers;
import io.belay.step.Comparison;
import io.belay.step.FakeStepContext;
import io.belay.target.Connections;
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
import java.util.Map;

/** A real PostgreSQL with the steps of a backfill. */
final class BackfillWorld implements AutoCloseable {

  final Connections connections = new Connections();
  final EmbeddedPostgres server;
  final BackfillRows backfill = new BackfillRows(connections);
  final RestoreRows restore = new RestoreRows(connections);

  BackfillWorld() throws Exception {
    server = EmbeddedServers.postgres().start();
  }

  FakeStepContext context() {
    return new FakeStepContext(Map.of("db", target("postgres")));
  }

  PostgresTarget target(String user) {
    return new PostgresTarget(
        "localhost",
        server.getPort(),
        "postgres",
        user,
        Secret.none(),
        12,
        null,
        Duration.ofSeconds(2),
        Duration.ofSeconds(20),
        RestoreWay.AUTO);
  }

  Connection connection() throws SQLException {
    return server.getPostgresDatabase().getConnection();
  }

  void sql(String... statements) throws SQLException {
    try (Connection connection = connection();
        Statement statement = connection.createStatement()) {
      for (String text : statements) {
        statement.execute(text);
      }
    }
  }

  /** The first value that a query returns, as text. */
  String ask(String query) throws SQLException {
    try (Connection connection = connection();
        ResultSet row = connection.createStatement().executeQuery(query)) {
      row.next();
      return row.getString(1);
    }
  }

  long count(String query) throws SQLException {
    return Long.parseLong(ask(query));
  }

  /** How many tables with previous values there are. */
  long tables() throws SQLException {
    return count("SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relname ~ '^belay_rows_'");
  }

  /** A backfill in batches of 10 rows without a pause. */
  static Input input(String table, String set, String condition) {
    return new Input(table, set, condition);
  }

  /** Makes a step's input; what is not said has a value for quick tests. */
  static final class Input {

    private final String table;
    private final String set;
    private final String condition;
    private String key = "";
    private int batch = 10;
    private Duration pause = Duration.ZERO;
    private Duration lockedWithin = Duration.ofSeconds(10);
    private String load = "";
    private String loadWanted = "<= 10";

    Input(String table, String set, String condition) {
      this.table = table;
      this.set = set;
      this.condition = condition;
    }

    Input key(String columns) {
      key = columns;
      return this;
    }

    Input batch(int rows) {
      batch = rows;
      return this;
    }

    Input pause(Duration time) {
      pause = time;
      return this;
    }

    Input lockedWithin(Duration time) {
      lockedWithin = time;
      return this;
    }

    Input load(String query, String wanted) {
      load = query;
      loadWanted = wanted;
      return this;
    }

    BackfillRows.Input get() {
      return new BackfillRows.Input(
          "db",
          table,
          key,
          set,
          condition,
          batch,
          pause,
          Duration.ofMillis(100),
          lockedWithin,
          load,
          Comparison.valueOf(loadWanted));
    }
  }

  static RestoreRows.Input undo() {
    return new RestoreRows.Input("none");
  }

  @Override
  public void close() throws IOException {
    connections.close();
    server.close();
  }
}
