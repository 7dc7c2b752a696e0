package io.belay.capability.schema;

import io.belay.playground.EmbeddedServers;
import io.belay.target.Cancellation;
import io.belay.target.Connections;
import io.belay.target.PostgresTarget;
import io.belay.target.Progress;
import io.belay.target.RestoreWay;
import io.belay.target.Secret;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** One PostgreSQL server for the tests of this package; every test gets a database of its own. */
final class Databases {

  static final Connections CONNECTIONS = new Connections();

  /** Copying a database takes as long as the disk needs. */
  private static final Duration SETUP = Duration.ofMinutes(2);

  private static final Duration STATEMENT = Duration.ofSeconds(2);
  private static final AtomicInteger NUMBER = new AtomicInteger();
  private static EmbeddedPostgres server;

  private Databases() {}

  private static synchronized EmbeddedPostgres server() {
    if (server == null) {
      try {
        server =
            EmbeddedServers.postgres().setServerConfig("max_prepared_transactions", "10").start();
        Runtime.getRuntime().addShutdownHook(new Thread(Databases::stop));
        execute(target("postgres", SETUP), "CREATE DATABASE v1");
        execute(target("v1", SETUP), "SET playground.rows = 400;" + resource("v1-schema.sql"));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return server;
  }

  private static void stop() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A new database with the guide's v1 schema and 400 rows. */
  static PostgresTarget v1() {
    return create(" TEMPLATE v1");
  }

  static PostgresTarget empty() {
    return create("");
  }

  private static PostgresTarget create(String template) {
    server();
    String name = "test_" + NUMBER.incrementAndGet();
    execute(target("postgres", SETUP), "CREATE DATABASE " + name + template);
    return target(name, STATEMENT);
  }

  private static PostgresTarget target(String database, Duration queryTimeout) {
    return new PostgresTarget(
        "localhost",
        server().getPort(),
        database,
        "postgres",
        Secret.of("postgres"),
        12,
        null,
        Duration.ofSeconds(5),
        queryTimeout,
        RestoreWay.AUTO);
  }

  static Fingerprint fingerprint(PostgresTarget database) {
    return new FingerprintReader(CONNECTIONS, database, List.of(), Cancellation.NONE, Progress.NONE)
        .take();
  }

  static void execute(PostgresTarget database, String... statements) {
    try (Connection connection = CONNECTIONS.postgres(database);
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  static String query(PostgresTarget database, String sql) {
    try (Connection connection = CONNECTIONS.postgres(database);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      return row.next() ? row.getString(1) : null;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  static String resource(String name) {
    try (InputStream in = Databases.class.getResourceAsStream("/playground/" + name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
