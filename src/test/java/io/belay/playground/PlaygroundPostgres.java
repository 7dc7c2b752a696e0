package io.belay.playground;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * A PostgreSQL 15 server that asks everybody for a password. It holds the application's database as
 * v1 left it, and staging's copy of it with the schema of v2. The application's user owns both and
 * may create databases (a rehearsal of a restore needs one).
 */
final class PlaygroundPostgres implements Closeable {

  static final String DATABASE = "mainserver";
  static final String STAGING = "mainserver_staging";
  static final String USER = "mainserver";
  private static final String PRISTINE = "pristine";

  private final EmbeddedPostgres server;
  private final String superPassword = Passwords.generate();
  private final String password = Passwords.generate();

  private PlaygroundPostgres(EmbeddedPostgres server) {
    this.server = server;
  }

  /**
   * @param rows how many rows v1's tables hold together
   */
  static PlaygroundPostgres start(Path directory, int rows) throws IOException, SQLException {
    Path data = directory.resolve("postgres");
    EmbeddedPostgres server =
        EmbeddedServers.postgres()
            .setDataDirectory(data)
            .setServerConfig("listen_addresses", "127.0.0.1")
            .setServerConfig("max_connections", "100")
            .setOutputRedirector(
                ProcessBuilder.Redirect.appendTo(
                    directory.resolve("logs").resolve("postgres.out").toFile()))
            // The world ends its parts itself, in order.
            .setRegisterShutdownHook(false)
            .start();
    PlaygroundPostgres postgres = new PlaygroundPostgres(server);
    try {
      postgres.prepare(data.resolve("pg_hba.conf"), rows);
    } catch (IOException | SQLException | RuntimeException e) {
      postgres.close();
      throw e;
    }
    return postgres;
  }

  /** The server trusts everybody on loopback until its superuser has a password; not longer. */
  private void prepare(Path accessRules, int rows) throws IOException, SQLException {
    try (Connection admin = server.getPostgresDatabase().getConnection();
        Statement statement = admin.createStatement()) {
      statement.execute("ALTER ROLE postgres PASSWORD '" + superPassword + "'");
      statement.execute("CREATE ROLE mainserver LOGIN CREATEDB PASSWORD '" + password + "'");
      Files.writeString(
          accessRules,
          """
          host  all          all  127.0.0.1/32  scram-sha-256
          host  replication  all  127.0.0.1/32  scram-sha-256
          """);
      // Its log tells what was done to it: see Effects.
      statement.execute("ALTER SYSTEM SET log_statement = 'mod'");
      statement.execute("ALTER SYSTEM SET log_line_prefix = '%m %d %a '");
      statement.execute("SELECT pg_reload_conf()");
      statement.execute("CREATE DATABASE " + PRISTINE + " OWNER " + USER);
    }
    run(PRISTINE, "SET playground.rows = " + rows + ";\n" + Resources.text("v1-schema.sql"));
    run(PRISTINE, "ANALYZE");
    copyPristine(DATABASE);
    copyPristine(STAGING);
    // Its annotations are comments to PostgreSQL, so the changes of v2 run as they are.
    run(STAGING, Resources.text("v2-changelog.sql"));
  }

  /** Drops every database that the world did not start with, and copies the others anew. */
  void reset() throws SQLException {
    for (String name : databases()) {
      if (!name.equals(STAGING)) {
        runAsSuperuser("DROP DATABASE \"" + name + "\" WITH (FORCE)");
      }
    }
    copyPristine(DATABASE);
  }

  /** The databases that runs can touch, by name. */
  List<String> databases() throws SQLException {
    try (Connection connection = connect("postgres", "postgres", superPassword);
        Statement statement = connection.createStatement();
        ResultSet names =
            statement.executeQuery(
                "SELECT datname FROM pg_database WHERE NOT datistemplate"
                    + " AND datname NOT IN ('postgres', '"
                    + PRISTINE
                    + "') ORDER BY datname")) {
      List<String> databases = new ArrayList<>();
      while (names.next()) {
        databases.add(names.getString(1));
      }
      return databases;
    }
  }

  private void copyPristine(String name) throws SQLException {
    runAsSuperuser(
        "CREATE DATABASE %s TEMPLATE %s OWNER %s STRATEGY FILE_COPY"
            .formatted(name, PRISTINE, USER));
  }

  private void runAsSuperuser(String sql) throws SQLException {
    try (Connection connection = connect("postgres", "postgres", superPassword);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Runs SQL as the application's user. */
  void run(String database, String sql) throws SQLException {
    try (Connection connection = connect(database);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Connects as the application's user. */
  Connection connect(String database) throws SQLException {
    return connect(database, USER, password);
  }

  private Connection connect(String database, String user, String secret) throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:%d/%s".formatted(port(), database), user, secret);
  }

  int port() {
    return server.getPort();
  }

  String password() {
    return password;
  }

  String url(String database) {
    return "postgresql://%s:%s@127.0.0.1:%d/%s".formatted(USER, password, port(), database);
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
