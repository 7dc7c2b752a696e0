package io.belay.capability.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.belay.artifact.Artifact;
import io.belay.faults.InBackground;
import io.belay.step.BusinessStop;
import io.belay.step.FakeStepContext;
import io.belay.target.PostgresTarget;
import io.belay.target.RestoreWay;
import io.belay.target.TargetException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(120)
class PostgresBackupIT {

  private static final RestorePostgresBackup.Input RESTORE =
      new RestorePostgresBackup.Input("database");

  private static PostgresWorld world;
  private PostgresTarget database;
  private FakeStepContext context;

  @BeforeAll
  static void start() throws Exception {
    world = new PostgresWorld();
  }

  @AfterAll
  static void stop() throws Exception {
    world.close();
  }

  @BeforeEach
  void fill() throws Exception {
    database = PostgresWorld.restored(world.newDatabase(), RestoreWay.IN_PLACE);
    world.fillShop(database);
    context = world.context(database);
  }

  private static TakePostgresBackup.Input take(DumpFormat format) {
    return new TakePostgresBackup.Input(List.of("database"), format);
  }

  private Artifact backup() throws Exception {
    TakePostgresBackup.Result result = context.run(world.take, take(DumpFormat.CUSTOM));
    return context.artifacts().find(result.artifacts()).orElseThrow();
  }

  private void destroy() throws Exception {
    PostgresWorld.changeBegins(context);
    destroyWithoutTheRun();
  }

  private Path directory(Artifact artifact) {
    return context.artifacts().path(artifact).getParent();
  }

  @ParameterizedTest
  @CsvSource({
    "CUSTOM,false,IN_PLACE",
    "CUSTOM,true,IN_PLACE",
    "DIRECTORY,false,AUTO",
    "DIRECTORY,true,IN_PLACE",
    "CUSTOM,false,BESIDE",
    "CUSTOM,true,BESIDE",
    "DIRECTORY,false,BESIDE",
    "DIRECTORY,true,BESIDE"
  })
  void destroyedDatabase_isRestoredExactly(DumpFormat format, boolean encrypted, RestoreWay way)
      throws Exception {
    database = PostgresWorld.restored(database, way);
    context = world.context(database);
    context = encrypted ? world.encryptingContext(database) : context;
    String before = world.everything(database);
    assertThat(before).contains("COPY public.orders", "pg_catalog.lo_open");
    TakePostgresBackup.Result taken = context.run(world.take, take(format));
    Artifact artifact = context.artifacts().find(taken.artifacts()).orElseThrow();
    assertThat(artifact.encrypted()).isEqualTo(encrypted);
    assertThat(taken.bytes()).isEqualTo(Files.size(context.artifacts().path(artifact)));
    destroy();
    assertThat(world.everything(database)).isNotEqualTo(before);

    RestorePostgresBackup.Result result = context.run(world.restore, RESTORE);

    assertThat(world.everything(database)).isEqualTo(before);
    assertThat(result).isEqualTo(new RestorePostgresBackup.Result(true, 7));
    try (var left = Files.list(directory(artifact))) {
      assertThat(left.map(file -> file.getFileName().toString()))
          .filteredOn(name -> !name.equals(".lock"))
          .containsExactlyInAnyOrder(artifact.name(), artifact.name() + ".manifest.json");
    }
  }

  @Test
  void restoredDatabase_canBeBackedUpAndRestoredAgain() throws Exception {
    String before = world.everything(database);
    backup();
    destroy();
    context.run(world.restore, RESTORE);
    context.run(world.restore, RESTORE);
    backup();
    destroy();
    context.run(world.restore, RESTORE);

    assertThat(world.everything(database)).isEqualTo(before);
  }

  @Test
  void manifest_tellsWhatAnAuditorWantsToKnow() throws Exception {
    Artifact artifact = backup();

    assertThat(artifact.name()).isEqualTo("postgres-database-takePostgresBackup-1.dump.zst");
    assertThat(artifact.details())
        .containsEntry("rows", "3908")
        .containsEntry("database", database.database())
        .hasEntrySatisfying("server", v -> assertThat(v).startsWith("15."))
        .hasEntrySatisfying("pgDump", v -> assertThat(v).startsWith("1"))
        .hasEntrySatisfying("lsn", v -> assertThat(v).matches("[0-9A-F]+/[0-9A-F]+"))
        .hasEntrySatisfying("fingerprint", v -> assertThat(v).hasSize(64))
        .hasEntrySatisfying("restore", v -> assertThat(v).contains("pg_restore"))
        .hasEntrySatisfying(
            "tables",
            v ->
                assertThat(v)
                    .contains("\"public.orders\":3003", "\"audit.log_2023\":", "public.empty\":0"));
    assertThat(artifact.details().toString()).doesNotContain(PostgresWorld.PASSWORD);
    assertThat(context.progressReports()).anyMatch(line -> line.contains("bytes dumping"));
  }

  @Test
  void repeatedStep_returnsTheBackupThatIsThere() throws Exception {
    context.runKilled(world.take, take(DumpFormat.CUSTOM));
    Artifact first = context.artifacts().ofRun(context.runId()).get(0);

    TakePostgresBackup.Result again = context.retry(world.take, take(DumpFormat.CUSTOM));

    assertThat(again.artifacts()).isEqualTo(first.id());
    assertThat(context.artifacts().ofRun(context.runId())).containsExactly(first);
  }

  @Test
  void cancelledDump_leavesNothing() throws Exception {
    try (Connection other = world.connect(database)) {
      other.setAutoCommit(false);
      // no data of its own, so only pg_dump wants it
      other.createStatement().execute("lock table only audit.log in access exclusive mode");
      CompletableFuture<?> running =
          InBackground.run(() -> context.run(world.take, take(DumpFormat.CUSTOM)));
      await().until(() -> waitsForLock("pg_dump") || waitsForLock("belay"));

      context.cancel();

      assertThatThrownBy(running::join).hasCauseInstanceOf(CancellationException.class);
    }
    assertThat(context.artifacts().ofRun(context.runId())).isEmpty();
    await().until(() -> sessions() == 1);
  }

  @Test
  void cancelledCount_leavesNothing() throws Exception {
    try (Connection other = world.connect(database)) {
      other.setAutoCommit(false);
      other.createStatement().execute("lock table orders in access exclusive mode");
      CompletableFuture<?> running =
          InBackground.run(() -> context.run(world.take, take(DumpFormat.CUSTOM)));
      await().until(() -> waitsForLock("belay"));

      context.cancel();

      assertThatThrownBy(running::join).hasCauseInstanceOf(CancellationException.class);
    }
    assertThat(context.artifacts().ofRun(context.runId())).isEmpty();
    await().until(() -> sessions() == 1);
  }

  @Test
  void cancelledRestore_changesNothing_andCanBeRepeated() throws Exception {
    String before = world.everything(database);
    backup();
    destroy();
    String destroyed = world.everything(database);
    try (Connection other = world.connect(database)) {
      other.setAutoCommit(false);
      other.createStatement().execute("lock table customers in access share mode");
      CompletableFuture<?> running = InBackground.run(() -> context.run(world.restore, RESTORE));
      await().until(() -> waitsForLock("belay"));

      context.cancel();

      assertThatThrownBy(running::join).hasCauseInstanceOf(CancellationException.class);
    }
    await().until(() -> sessions() == 1);
    assertThat(world.everything(database)).isEqualTo(destroyed);

    context.cancellation().reset();
    context.retry(world.restore, RESTORE);
    assertThat(world.everything(database)).isEqualTo(before);
  }

  @Test
  void restoreKilledBeforeItsEffect_isDoneByTheNextAttempt() throws Exception {
    String before = world.everything(database);
    backup();
    destroy();
    String destroyed = world.everything(database);
    context.runKilledAfterSave(RestoreInPlace.CHECKPOINT, world.restore, RESTORE);
    await().until(() -> sessions() == 1);
    assertThat(world.everything(database)).isEqualTo(destroyed);

    context.retry(world.restore, RESTORE);

    assertThat(world.everything(database)).isEqualTo(before);
  }

  @Test
  void restoreKilledAfterItsEffect_isNotDoneTwice() throws Exception {
    backup();
    destroy();
    context.runKilled(world.restore, RESTORE);
    world.execute(database, "insert into customers (name) values ('came after the restore')");

    RestorePostgresBackup.Result result = context.retry(world.restore, RESTORE);

    assertThat(result.restored()).isTrue();
    assertThat(world.query(database, "select name from customers where id > 500"))
        .containsExactly("came after the restore");
  }

  @Test
  void refusedRestore_tellsWhy_andChangesNothing() throws Exception {
    backup();
    destroy();
    world.asSuperuser(
        database.database(), "create schema foreign_one create table foreign_one.t (id int)");
    String destroyed = world.query(database, "select count(*) from messages").get(0);

    assertThatThrownBy(() -> context.run(world.restore, RESTORE))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("schema foreign_one belongs to postgres (make app its owner")
        .hasMessageContaining("Nothing was changed");
    assertThat(world.query(database, "select count(*) from messages")).containsExactly(destroyed);
  }

  @Test
  void tamperedBackup_isRefused_andTheDatabaseUntouched() throws Exception {
    Artifact artifact = backup();
    destroy();
    String destroyed = world.everything(database);
    Path file = context.artifacts().path(artifact);
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes);

    assertThatThrownBy(() -> context.run(world.restore, RESTORE))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining(artifact.name());
    assertThat(world.everything(database)).isEqualTo(destroyed);
  }

  /** Whatever happens after the check of the file: the stream itself must not be trusted. */
  @ParameterizedTest
  @CsvSource({
    "0.3,false,IN_PLACE",
    "0.9,false,IN_PLACE",
    "0.9999,false,IN_PLACE",
    "0.5,true,IN_PLACE",
    "1.0,true,IN_PLACE",
    "0.3,false,BESIDE",
    "0.9999,false,BESIDE",
    "1.0,true,BESIDE"
  })
  void backupThatBreaksOffWhileItIsRestored_isRolledBack(
      double part, boolean withError, RestoreWay way) throws Exception {
    BreakingStore store = new BreakingStore(part, withError);
    context = world.context(PostgresWorld.restored(database, way));
    context = new FakeStepContext(context.environment(), store.artifacts());
    backup();
    destroy();
    String destroyed = world.everything(database);
    store.startBreaking();

    assertThatThrownBy(() -> context.run(world.restore, RESTORE))
        .isInstanceOf(way == RestoreWay.BESIDE ? TargetException.class : IOException.class);

    await().until(() -> sessions() == 1);
    assertThat(world.everything(database)).isEqualTo(destroyed);
    assertThat(world.query(database, PostgresWorld.LEFT)).isEmpty();
  }

  @Test
  void runThatChangedNothing_keepsWhatUsersWroteSinceItsBackup() throws Exception {
    PostgresWorld.changeBegins(context); // before the backup, which has it
    backup();
    destroyWithoutTheRun();
    String written = world.everything(database);

    assertThat(context.run(world.restore, RESTORE))
        .isEqualTo(new RestorePostgresBackup.Result(false, 0));

    assertThat(world.everything(database)).isEqualTo(written);
    assertThat(context.logs()).anyMatch(line -> line.contains("the run changed nothing since"));
  }

  private void destroyWithoutTheRun() throws Exception {
    world.destroyShop(database);
  }

  @Test
  void restoreWithoutBackup_failsLoudly() {
    PostgresWorld.changeBegins(context);
    assertThatThrownBy(() -> context.run(world.restore, RESTORE))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("no finished takePostgresBackup");
  }

  @Test
  void wrongPassword_isSaidClearly_withoutThePassword() {
    FakeStepContext wrong =
        world.context(world.target(database.database(), "not-the-password", null));

    assertThatThrownBy(() -> wrong.run(world.take, take(DumpFormat.CUSTOM)))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("password authentication failed")
        .hasMessageNotContaining("not-the-password");
    assertThat(wrong.artifacts().ofRun(wrong.runId())).isEmpty();
  }

  @Test
  void missingPgDump_isSaidClearly(@TempDir Path empty) {
    FakeStepContext missing =
        world.context(world.target(database.database(), PostgresWorld.PASSWORD, empty));

    assertThatThrownBy(() -> missing.run(world.take, take(DumpFormat.CUSTOM)))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("there is no program '" + empty.resolve("pg_dump"));
  }

  @Test
  void olderPgDump_stopsTheRun_withBothVersions(@TempDir Path tools) throws Exception {
    Path old = tools.resolve("pg_dump");
    Files.writeString(old, "#!/bin/sh\necho 'pg_dump (PostgreSQL) 14.9'\n");
    Files.setPosixFilePermissions(old, PosixFilePermissions.fromString("rwxr-xr-x"));
    FakeStepContext older =
        world.context(world.target(database.database(), PostgresWorld.PASSWORD, tools));

    assertThatThrownBy(() -> older.run(world.take, take(DumpFormat.CUSTOM)))
        .isInstanceOf(BusinessStop.class)
        .hasMessageContaining("14.9")
        .hasMessageContaining("PostgreSQL 15.");
  }

  private boolean waitsForLock(String application) throws Exception {
    return !world
        .query(
            database,
            "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and application_name = '%s'"
                .formatted(application))
        .isEmpty();
  }

  /** With the one that asks. */
  private int sessions() throws Exception {
    List<String> count =
        world.query(
            database, "select count(*) from pg_stat_activity where datname = current_database()");
    return Integer.parseInt(count.get(0));
  }
}
