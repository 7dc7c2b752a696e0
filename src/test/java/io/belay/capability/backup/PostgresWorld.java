package io.belay.capability.backup;

import io.belay.artifact.ArtifactSettings;
import io.belay.artifact.ArtifactStore;
import io.belay.artifact.FileArtifactStore;
import io.belay.command.ChildProcesses;
import io.belay.command.Commands;
import io.belay.playground.EmbeddedServers;
import io.belay.playground.Scratch;
import io.belay.step.FakeStepContext;
import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.target.Command;
import io.belay.target.Connections;
import io.belay.target.Environment;
import io.belay.target.PassFile;
import io.belay.target.PostgresTarget;
import io.belay.target.RedisTarget;
import io.belay.target.RestoreWay;
import io.belay.target.Secret;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * A real server that demands passwords, with a login that owns its databases and is no superuser.
 */
public final class PostgresWorld implements Closeable {

  public static final String PASSWORD = "be:lay\\pass-word";

  /** Databases that a restore has left behind. */
  static final String LEFT =
      "select datname from pg_database where datname ~ '^belay_re(stored|placed)_'";

  private static final String KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

  final Commands commands = new ChildProcesses();
  final Connections connections = new Connections();
  final PostgresTools tools = new PostgresTools(commands, connections);
  final PostgresDump dump = new PostgresDump(tools);
  final BackupSpace space = new BackupSpace(tools, new RedisMemory(connections));
  final RestoreWays ways = new RestoreWays(new BesideObstacles(tools), new InPlaceObstacles(tools));
  public final TakePostgresBackup take =
      new TakePostgresBackup(new PostgresBackup(tools, ways), space);
  final RestoredCopy copy = new RestoredCopy(tools);
  final RestoreInPlace inPlace = new RestoreInPlace(tools, dump);
  public final RestorePostgresBackup restore =
      new RestorePostgresBackup(
          new PostgresRestore(inPlace, new RestoreBeside(tools, copy), ways), ways, connections);
  final BackupVerification verification =
      new BackupVerification(
          new PostgresVerification(tools, dump, ways),
          new PostgresRehearsal(tools, ways, copy, inPlace));

  private final Path data;
  private final EmbeddedPostgres server;
  private int databases;

  public PostgresWorld() throws Exception {
    this(Map.of());
  }

  /** With settings of the server's. */
  PostgresWorld(Map<String, String> settings) throws Exception {
    data = Scratch.directory("pg");
    EmbeddedPostgres.Builder builder =
        EmbeddedServers.postgres().setDataDirectory(data.resolve("data"));
    settings.forEach(builder::setServerConfig);
    server = builder.start();
    asSuperuser(
        "postgres",
        "create role app login createdb password '%s'".formatted(PASSWORD),
        "create role reader");
    Path hba = data.resolve("data").resolve("pg_hba.conf");
    String old = Files.readString(hba);
    Files.writeString(hba, "host all app all scram-sha-256\n" + old);
    asSuperuser("postgres", "select pg_reload_conf()");
  }

  /** A new database that belongs to the login, as in production. */
  public PostgresTarget newDatabase() throws Exception {
    String name = "shop" + ++databases;
    asSuperuser("postgres", "create database %s owner app".formatted(name));
    return target(name, PASSWORD, null);
  }

  /** Every kind of object, and odd rows. */
  void fillShop(PostgresTarget database) throws Exception {
    try (var shop = getClass().getResourceAsStream("/backup/shop.sql")) {
      execute(database, new String(shop.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  /** The run begins to change something, or its backup would not be restored. */
  public static void changeBegins(FakeStepContext context) {
    context.began(new SomeChange(), new SomeChange.Input());
  }

  private static final class SomeChange extends StepDelegate<SomeChange.Input, StepDelegate.Done> {

    record Input() {}

    SomeChange() {
      super(Input.class, Done.class);
    }

    @Override
    public Done perform(Input input, StepContext context) {
      throw new AssertionError();
    }

    @Override
    public StepPlan plan(Input input, Environment environment) {
      throw new AssertionError();
    }
  }

  /** What a bad migration could do to the shop. */
  void destroyShop(PostgresTarget database) throws Exception {
    execute(
        database,
        "drop table orders cascade",
        "drop schema audit cascade",
        "drop function touch cascade",
        "alter table customers add column extra text default 'x', drop column profile",
        "update customers set name = name || '!' where id % 2 = 0",
        "delete from customers where id % 7 = 0",
        "alter type mood add value 'angry'",
        "create table messages (id serial primary key, body jsonb)",
        "insert into messages (body) select '{}' from generate_series(1, 50)",
        "create schema later create table later.things (id int)",
        "select nextval('tickets') from generate_series(1, 9)",
        "select lo_unlink(oid) from pg_largeobject_metadata",
        "select lo_from_bytea(0, 'another')",
        "revoke select on customers from reader",
        "grant create on schema public to reader",
        "comment on table customers is 'changed'",
        "create publication p for table customers");
  }

  /** The same database, restored that way. */
  public static PostgresTarget restored(PostgresTarget target, RestoreWay way) {
    return new PostgresTarget(
        target.host(),
        target.port(),
        target.database(),
        target.username(),
        target.password(),
        target.minimumVersion(),
        target.tools(),
        target.connectTimeout(),
        target.queryTimeout(),
        way);
  }

  PostgresTarget target(String database, String password, Path toolsDirectory) {
    return target(database, "app", Secret.of(password), toolsDirectory);
  }

  /** The same database with the superuser's login. */
  PostgresTarget ofSuperuser(PostgresTarget target) {
    return target(target.database(), "postgres", Secret.none(), null);
  }

  private PostgresTarget target(
      String database, String username, Secret password, Path toolsDirectory) {
    return new PostgresTarget(
        "localhost",
        server.getPort(),
        database,
        username,
        password,
        12,
        toolsDirectory,
        Duration.ofSeconds(5),
        Duration.ofSeconds(20),
        RestoreWay.AUTO);
  }

  public void asSuperuser(String database, String... sql) throws Exception {
    try (Connection connection = superuser(database);
        Statement statement = connection.createStatement()) {
      for (String each : sql) {
        statement.execute(each);
      }
    }
  }

  public Connection superuser(String database) throws SQLException {
    return server.getDatabase("postgres", database).getConnection();
  }

  /** A session of the test's own, which does not call itself Belay. */
  Connection connect(PostgresTarget database) throws SQLException {
    Connection connection = DriverManager.getConnection(database.jdbcUrl(), "app", PASSWORD);
    connection.setClientInfo("ApplicationName", "test");
    return connection;
  }

  public void execute(PostgresTarget database, String... sql) throws Exception {
    try (Connection connection = connect(database);
        Statement statement = connection.createStatement()) {
      for (String each : sql) {
        statement.execute(each);
      }
    }
  }

  /** First column of all rows. */
  public List<String> query(PostgresTarget database, String sql) throws Exception {
    try (Connection connection = connect(database);
        ResultSet rows = connection.createStatement().executeQuery(sql)) {
      List<String> values = new ArrayList<>();
      while (rows.next()) {
        values.add(rows.getString(1));
      }
      return values;
    }
  }

  /** Every definition, right, row and sequence, as PostgreSQL itself writes it. */
  String everything(PostgresTarget database) throws Exception {
    StringBuilder text = new StringBuilder();
    try (PassFile pass = PassFile.of(database)) {
      commands.runReading(
          Command.of("pg_dump", "--format=plain"),
          connections.postgresEnvironment(database, pass.path()),
          io.belay.target.Cancellation.NONE,
          in -> text.append(new String(in.readAllBytes(), StandardCharsets.UTF_8)));
    }
    // \restrict carries a random key
    return inAnyOrder(
        text.toString()
            .lines()
            .filter(line -> !line.startsWith("\\restrict") && !line.startsWith("\\unrestrict"))
            .toList());
  }

  /** The rows of a table have no order. */
  private static String inAnyOrder(List<String> dump) {
    List<String> lines = new ArrayList<>(dump);
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).startsWith("COPY ") && lines.get(i).endsWith(" FROM stdin;")) {
        int end = i + lines.subList(i, lines.size()).indexOf("\\.");
        Collections.sort(lines.subList(i + 1, end));
        i = end;
      }
    }
    return String.join("\n", lines);
  }

  public FakeStepContext context(PostgresTarget database) {
    return new FakeStepContext(Map.of("database", database));
  }

  public FakeStepContext encryptingContext(PostgresTarget database) throws Exception {
    ArtifactStore store =
        new FileArtifactStore(new ArtifactSettings(Scratch.directory("artifacts"), Secret.of(KEY)));
    return new FakeStepContext(
        new Environment("test", "for tests", Map.of("database", database)), store);
  }

  static RedisTarget nowhere() {
    return new RedisTarget("localhost", 1, "", Secret.none(), 5, Duration.ofSeconds(1));
  }

  @Override
  public void close() throws IOException {
    connections.close();
    server.close();
    PackedDirectory.delete(data);
  }
}
