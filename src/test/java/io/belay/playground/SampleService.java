package io.belay.playground;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * The application of the playground in containers ({@code docker-compose.yml}): {@code prepare}
 * fills the database and writes what the versions read, {@code serve v1|v2|staging} is one of them,
 * {@code users} sends requests. Takes addresses and passwords from environment variables.
 */
public final class SampleService {

  private static final Path APPLICATION =
      Path.of(System.getenv().getOrDefault("APPLICATION_DIRECTORY", "/srv/main-server"));
  private static final int PORT = Integer.parseInt(System.getenv().getOrDefault("PORT", "3000"));
  private static final String DATABASE = "mainserver";
  private static final String STAGING = "mainserver_staging";

  private SampleService() {}

  public static void main(String[] args) throws Exception {
    switch (args.length == 0 ? "" : args[0]) {
      case "prepare" -> prepare();
      case "serve" -> serve(args[1]);
      case "users" ->
          new SteadyLoad(URI.create(variable("ROUTER_URL")), variable("LARK_VERIFICATION_TOKEN"));
      default -> {
        System.err.println("usage: SampleService prepare | serve v1|v2|staging | users");
        System.exit(2);
      }
    }
    if (args[0].equals("users")) {
      Thread.currentThread().join();
    }
  }

  /** Does nothing twice: a database that has tables and files that are there stay as they are. */
  private static void prepare() throws IOException, SQLException {
    try (Connection database = connect(DATABASE);
        Statement statement = database.createStatement()) {
      if (isEmpty(statement, "SELECT FROM pg_class WHERE oid = to_regclass('users')")) {
        statement.execute(Resources.text("v1-schema.sql"));
      }
      if (isEmpty(statement, "SELECT FROM pg_database WHERE datname = '" + STAGING + "'")) {
        statement.execute("CREATE DATABASE " + STAGING);
      }
    }
    try (Connection staging = connect(STAGING);
        Statement statement = staging.createStatement()) {
      if (isEmpty(statement, "SELECT FROM pg_class WHERE oid = to_regclass('messages')")) {
        statement.execute(Resources.text("v1-schema.sql"));
        statement.execute(Resources.text("v2-changelog.sql"));
      }
    }
    Files.createDirectories(APPLICATION.resolve("logs"));
    Path config = Files.createDirectories(APPLICATION.resolve("config"));
    write(config.resolve("v1.env"), common(DATABASE, 0) + ConfigurationFiles.lark("FEISHU", "x"));
    String v2 = ConfigurationFiles.lark("LARK", "x") + ConfigurationFiles.ADDED;
    write(config.resolve("v2.env"), common(DATABASE, 0) + v2);
    write(config.resolve("staging.env"), common(STAGING, 1) + v2);
    write(APPLICATION.resolve("v2-changelog.sql"), Resources.text("v2-changelog.sql"));
  }

  private static String common(String database, int cache) {
    return ConfigurationFiles.common(
        "postgresql://mainserver:%s@%s/%s"
            .formatted(variable("DATABASE_PASSWORD"), address("DATABASE", 5432), database),
        "redis://:%s@%s/%d".formatted(variable("REDIS_PASSWORD"), address("REDIS", 6379), cache),
        "mongodb://%s/documents".formatted(address("MONGO", 27017)),
        // Stands for the AI service: something else that answers when it is up.
        System.getenv().getOrDefault("AI_SERVICE_URL", "http://v1:3000/health"),
        variable("LARK_VERIFICATION_TOKEN"));
  }

  private static String address(String which, int port) {
    String given = System.getenv(which + "_PORT");
    return variable(which + "_HOST") + ":" + (given == null ? String.valueOf(port) : given);
  }

  private static void write(Path file, String content) throws IOException {
    if (!Files.exists(file)) {
      Files.writeString(file, content);
    }
  }

  private static boolean isEmpty(Statement statement, String query) throws SQLException {
    try (var rows = statement.executeQuery(query)) {
      return !rows.next();
    }
  }

  private static Connection connect(String database) throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://%s/%s".formatted(address("DATABASE", 5432), database),
        DATABASE,
        variable("DATABASE_PASSWORD"));
  }

  /** A world of one process, since each container sees only itself. */
  private static void serve(String name) throws Exception {
    Path world = WorldDirectory.create();
    Files.delete(world.resolve("logs"));
    Files.createSymbolicLink(world.resolve("logs"), APPLICATION.resolve("logs"));
    Files.createSymbolicLink(world.resolve("config"), APPLICATION.resolve("config"));
    PidFile.ofWorld(world).write("world");
    String slot = name.equals("v1") ? "main-1" : name.equals("v2") ? Slots.GREEN : Slots.STAGING;
    Files.writeString(world.resolve("slots.properties"), slot + "=" + PORT + "\n");
    MainServer.main(
        new String[] {
          "--version=" + (name.equals("v1") ? "v1" : "v2"),
          "--slot=" + slot,
          "--world=" + world,
          "--listen=0.0.0.0"
        });
  }

  private static String variable(String name) {
    String value = System.getenv(name);
    if (value == null || value.isBlank()) {
      throw new IllegalArgumentException("the environment variable " + name + " is not set");
    }
    return value;
  }
}
