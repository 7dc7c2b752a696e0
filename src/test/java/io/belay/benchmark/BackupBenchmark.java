package io.belay.benchmark;

import io.belay.capability.backup.DumpFormat;
import io.belay.capability.backup.PostgresWorld;
import io.belay.capability.backup.RestorePostgresBackup;
import io.belay.capability.backup.TakePostgresBackup;
import io.belay.step.FakeStepContext;
import io.belay.target.Environment;
import io.belay.target.PostgresTarget;
import io.belay.target.RestoreWay;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.springframework.util.FileSystemUtils;

/**
 * Belay's backup and restore of PostgreSQL beside bare {@code pg_dump} and {@code pg_restore}, on a
 * database of about 1 GB with ordinary tables, JSON and indexes, on this machine.
 *
 * <p>Arguments: size in MB (default 1000), counted rounds (default 3).
 */
public final class BackupBenchmark {

  private static final String BELAY = "Belay";
  private static final String ENCRYPTED = "Belay, encrypted";
  private static final String BESIDE = "Belay, beside";
  private static final String IN_PLACE = "Belay, in one transaction";
  private static final String CUSTOM = "pg_dump -Fc";
  private static final String PLAIN = "pg_dump -Fc -Z0";
  private static final String RESTORE = "pg_restore -j2";

  private final PostgresWorld world;
  private final PostgresTarget database;
  private final Path directory;

  private BackupBenchmark(PostgresWorld world, Path directory) throws Exception {
    this.world = world;
    this.directory = directory;
    this.database = world.newDatabase();
  }

  public static void main(String[] arguments) throws Exception {
    int megabytes = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 1000;
    int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 3;
    Comparison.begin(System.out);
    Path directory = Files.createTempDirectory("belay-benchmark-");
    try (PostgresWorld world = new PostgresWorld()) {
      BackupBenchmark benchmark = new BackupBenchmark(world, directory);
      benchmark.fill(megabytes);
      benchmark.backups(rounds);
      benchmark.restores(rounds);
    } finally {
      FileSystemUtils.deleteRecursively(directory);
    }
  }

  /** Text that compresses about as well as what applications store. */
  private void fill(int megabytes) throws Exception {
    int orders = megabytes * 2600;
    world.execute(
        database,
        "create table customers (id bigint primary key, email text unique, name text, preferences jsonb)",
        "create table orders (id bigint primary key, customer_id bigint, placed timestamptz, state text, total numeric(12,2), note text)",
        "create table items (id bigint primary key, order_id bigint, product text, quantity int, price numeric(12,2))",
        "create table documents (id bigint primary key, body jsonb)",
        "insert into customers select i, 'user' || i || '@example.com', 'Name ' || md5(i::text), jsonb_build_object('language', (array['de','en','fr'])[1 + i %% 3], 'token', md5(i::text)) from generate_series(1, %d) i"
            .formatted(orders / 10),
        "insert into orders select i, 1 + i %% %d, timestamptz '2024-01-01' + i * interval '7 seconds', (array['open','paid','sent','done'])[1 + i %% 4], (i %% 99999) / 100.0, 'deliver to ' || md5(i::text) || ' after ' || i %% 24 || ' o''clock' from generate_series(1, %d) i"
            .formatted(orders / 10, orders),
        "insert into items select i, 1 + i / 2, 'product ' || i %% 5000, 1 + i %% 9, (i %% 5000) / 10.0 from generate_series(1, %d) i"
            .formatted(orders),
        "insert into documents select i, (select jsonb_object_agg('field' || k, md5((i * k)::text)) from generate_series(1, 60) k) from generate_series(1, %d) i"
            .formatted(megabytes * 20),
        "create index on orders (customer_id)",
        "create index on orders (placed)",
        "create index on items (order_id)",
        "analyze");
    System.out.printf(
        "database: %s, pg_dump: %s%n",
        world.query(database, "select pg_size_pretty(pg_database_size(current_database()))").get(0),
        version());
  }

  private String version() throws Exception {
    Process process = new ProcessBuilder("pg_dump", "--version").start();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
  }

  private void backups(int rounds) throws Exception {
    Path custom = directory.resolve("custom.dump");
    Path plain = directory.resolve("plain.dump");
    FakeStepContext open = world.context(database);
    FakeStepContext sealed = world.encryptingContext(database);
    List<Path> written = new ArrayList<>();
    new Comparison("Backup")
        .side(BELAY, () -> discard(written), () -> written.add(take(open)))
        .side(ENCRYPTED, () -> discard(written), () -> written.add(take(sealed)))
        .side(CUSTOM, () -> postgres("pg_dump", "--format=custom", "--file=" + custom))
        .side(
            PLAIN, () -> postgres("pg_dump", "--format=custom", "--compress=0", "--file=" + plain))
        .run(rounds, System.out)
        .print(CUSTOM, System.out);
    discard(written);
    Path ours = take(open);
    System.out.printf(
        Locale.ROOT,
        "%nsize: Belay %d bytes, pg_dump -Fc %d bytes (%.2f), pg_dump -Fc -Z0 %d bytes%n",
        Files.size(ours),
        Files.size(custom),
        (double) Files.size(ours) / Files.size(custom),
        Files.size(plain));
    Files.delete(plain);
    Files.delete(ours);
  }

  /** Each restores into a database that holds nothing. */
  private void restores(int rounds) throws Exception {
    PostgresTarget empty = world.newDatabase();
    FakeStepContext context = world.context(database);
    context.run(world.take, new TakePostgresBackup.Input(List.of("database"), DumpFormat.CUSTOM));
    PostgresWorld.changeBegins(context);
    Path custom = directory.resolve("custom.dump");
    new Comparison("Restore")
        .side(BESIDE, () -> empty(empty), () -> restore(context, empty, RestoreWay.BESIDE))
        .side(IN_PLACE, () -> empty(empty), () -> restore(context, empty, RestoreWay.IN_PLACE))
        .side(
            RESTORE,
            () -> empty(empty),
            () ->
                postgres(
                    "pg_restore", "--jobs=2", "--dbname=" + empty.database(), custom.toString()))
        .run(rounds, System.out)
        .print(RESTORE, System.out);
  }

  private void restore(FakeStepContext context, PostgresTarget empty, RestoreWay way)
      throws Exception {
    PostgresTarget target = PostgresWorld.restored(empty, way);
    context.environment(new Environment("empty", "for the restore", Map.of("database", target)));
    context.run(world.restore, new RestorePostgresBackup.Input("database"));
  }

  private Path take(FakeStepContext context) throws Exception {
    String id =
        context
            .run(world.take, new TakePostgresBackup.Input(List.of("database"), DumpFormat.CUSTOM))
            .artifacts();
    return context.artifacts().path(context.artifacts().find(id).orElseThrow());
  }

  private void discard(List<Path> written) throws IOException {
    for (Path path : written) {
      Files.deleteIfExists(path);
    }
    written.clear();
  }

  private void empty(PostgresTarget target) throws Exception {
    world.asSuperuser(
        "postgres",
        "drop database if exists " + target.database() + " with (force)",
        "create database " + target.database() + " owner app",
        "checkpoint");
  }

  private void postgres(String... command) throws Exception {
    ProcessBuilder builder = new ProcessBuilder(Arrays.asList(command)).inheritIO();
    builder.environment().put("PGHOST", database.host());
    builder.environment().put("PGPORT", Integer.toString(database.port()));
    builder.environment().put("PGUSER", database.username());
    builder.environment().put("PGPASSWORD", PostgresWorld.PASSWORD);
    builder.environment().put("PGDATABASE", database.database());
    int exit = builder.start().waitFor();
    if (exit != 0) {
      throw new IllegalStateException("%s ended with %d".formatted(command[0], exit));
    }
  }
}
