package io.belay.capability.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.belay.playground.LegacyDocuments;
import io.belay.playground.Needs;
import io.belay.step.BusinessStop;
import io.belay.target.TargetException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code migrateDocuments} and its undo, on real files. */
class MigrationTest {

  @TempDir Path directory;

  @Test
  void lastLineWins_tombstonesStayDead_indexesAreCarriedOver() throws Exception {
    DocumentWorld world = new DocumentWorld(directory, "users", "events");
    world.write(
        "users",
        "{\"$$indexCreated\":{\"fieldName\":\"email\",\"unique\":true}}",
        "{\"_id\":\"u1\",\"email\":\"a@b\",\"n\":1}",
        "{\"_id\":\"u2\",\"email\":\"c@d\"}",
        "{\"_id\":\"u1\",\"email\":\"a@b\",\"n\":2}",
        "{\"$$deleted\":true,\"_id\":\"u2\"}",
        "{\"$$indexCreated\":{\"fieldName\":\"gone\"}}",
        "{\"$$indexRemoved\":\"gone\"}");
    world.write("events", "{\"_id\":\"e1\",\"at\":{\"$$date\":1700000000000}}");
    world.snapshot();

    MigrateDocuments.Result result = world.migrate();

    assertThat(result.paused()).isFalse();
    assertThat(result.documents()).isEqualTo(3);
    assertThat(world.applicationLines())
        .containsExactly(
            "{\"_collection\":\"users\",\"_id\":\"u1\",\"email\":\"a@b\",\"n\":2}",
            "{\"_collection\":\"events\",\"_id\":\"e1\",\"at\":{\"$$date\":1700000000000}}",
            "{\"$$indexCreated\":{\"fieldName\":\"email\",\"unique\":true,\"sparse\":true}}");
    assertThat(world.adminLines())
        .containsExactly("{\"_collection\":\"admin-users\"," + DocumentWorld.ADMIN.substring(1));
  }

  @Test
  void fieldThatTwoCollectionsHave_losesItsUniqueness_andThatIsSaid() throws Exception {
    DocumentWorld world = new DocumentWorld(directory, "users", "guests");
    world.write(
        "users",
        "{\"$$indexCreated\":{\"fieldName\":\"email\",\"unique\":true}}",
        "{\"_id\":\"u1\",\"email\":\"a@b\"}");
    world.write("guests", "{\"_id\":\"g1\",\"email\":\"a@b\"}");
    world.snapshot();

    world.migrate();

    assertThat(world.applicationLines())
        .contains(
            "{\"$$indexCreated\":{\"fieldName\":\"email\",\"unique\":false,\"sparse\":true}}");
    assertThat(world.context.logs())
        .anyMatch(line -> line.contains("users.email is not unique in application.db any more"));
    assertThat(world.analyze().warnings())
        .anyMatch(line -> line.contains("users.email is not unique in application.db any more"));
  }

  @Test
  void idThatTwoCollectionsHave_isKeptApart_andTheOriginalIsKnown() throws Exception {
    DocumentWorld world = new DocumentWorld(directory, "users", "events");
    world.write("users", "{\"_id\":\"7\",\"x\":1}", "{\"_id\":\"events/7\"}");
    world.write("events", "{\"_id\":7,\"x\":2}");
    world.snapshot();

    world.migrate();

    assertThat(world.applicationLines())
        .containsExactly(
            "{\"_collection\":\"users\",\"_id\":\"7\",\"x\":1}",
            "{\"_collection\":\"users\",\"_id\":\"events/7\"}",
            "{\"_collection\":\"events\",\"x\":2,\"_id\":\"events//7\",\"_legacy\":{\"_id\":7}}");
    assertThat(DocumentWorld.originals(world.target.applicationFile()).get("events/7"))
        .isEqualTo(Json.MAPPER.readTree("{\"x\":2,\"_id\":7}"));
    DocumentAnalysis analysis = world.analyze();
    assertThat(analysis.collidingIds()).isEqualTo(1);
    assertThat(analysis.collisions())
        .containsExactly(new IdCollision("application.db", "events", "7", "events//7"));
  }

  @Test
  void ownFieldsOfTheNewNames_areKept() throws Exception {
    DocumentWorld world = new DocumentWorld(directory, "users");
    String own = "{\"_id\":\"u1\",\"_collection\":\"stamps\",\"_legacy\":{\"_id\":3},\"n\":1.50}";
    world.write("users", own);
    world.snapshot();

    world.migrate();

    assertThat(world.applicationLines())
        .containsExactly(
            "{\"_collection\":\"users\",\"_id\":\"u1\",\"n\":1.50,\"_legacy\":{\"_collection\":\"stamps\",\"_legacy\":{\"_id\":3}}}");
    assertThat(DocumentWorld.originals(world.target.applicationFile()).get("users/u1"))
        .isEqualTo(Json.MAPPER.readTree(own));
  }

  @Test
  void charactersThatTheLibraryTakesForLineBreaks_areEscaped() throws Exception {
    DocumentWorld world = new DocumentWorld(directory, "users");
    world.write("users", "{\"_id\":\"u1\",\"text\":\"a\u2028b\u0085c\"}", "{\"_id\":\"u2\"}\r");
    world.snapshot();

    world.migrate();

    assertThat(world.applicationLines())
        .containsExactly(
            "{\"_collection\":\"users\",\"_id\":\"u1\",\"text\":\"a\\u2028b\\u0085c\"}",
            "{\"_collection\":\"users\",\"_id\":\"u2\"}");
  }

  @Test
  void allOfTheGuide_isThereAfterwards_andGoneAfterTheUndo() throws Exception {
    DocumentWorld world = DocumentWorld.ofTheGuide(directory);
    Map<String, Long> alive = LegacyDocuments.write(world.target.legacy(), 3_000, 5);
    Map<String, String> before = world.content();
    world.snapshot();

    MigrateDocuments.Result result = world.migrate();

    assertThat(result.documents())
        .isEqualTo(alive.values().stream().mapToLong(Long::longValue).sum());
    Map<String, JsonNode> legacy = new TreeMap<>();
    for (String collection : alive.keySet()) {
      legacy.putAll(winners(world, collection));
    }
    Map<String, JsonNode> now = DocumentWorld.originals(world.target.adminFile());
    now.putAll(DocumentWorld.originals(world.target.applicationFile()));
    assertThat(now).isEqualTo(legacy);
    MigrationProgress progress = MigrationProgress.read(world.target).orElseThrow();
    assertThat(progress.stage()).isEqualTo(MigrationProgress.Stage.DONE);
    assertThat(progress.percentage()).isEqualTo(100);
    assertThat(progress.documentsDone()).isEqualTo(result.documents());

    assertThat(world.revert()).isEqualTo(3); // both files, and the note of what was put in place
    assertThat(world.content()).isEqualTo(before);
    assertThat(world.target.state()).isEmptyDirectory();
    assertThat(world.revert()).isZero();
  }

  @Test
  void whatAKillLeavesOfBelaysOwnFiles_goesWithTheUndo() throws Exception {
    DocumentWorld world = new DocumentWorld(directory, "users");
    world.snapshot();
    world.migrate();
    for (String name : new String[] {".progress.json.part", ".placed.json.part", "pause.json"}) {
      Files.writeString(world.target.state().resolve(name), "{");
    }

    world.revert();

    assertThat(world.target.state()).isEmptyDirectory();
  }

  /** The library's rule, in the simplest way. */
  private static Map<String, JsonNode> winners(DocumentWorld world, String collection)
      throws IOException {
    Map<String, JsonNode> winners = new TreeMap<>();
    for (String line : Files.readAllLines(world.target.legacyFile(collection))) {
      JsonNode document = Json.MAPPER.readTree(line);
      String key = collection + "/" + document.path("_id").asText();
      if (document.path("$$deleted").asBoolean()) {
        winners.remove(key);
      } else if (document.has("_id")) {
        winners.put(key, document);
      }
    }
    return winners;
  }

  @Test
  void pause_savesACheckpoint_andTheNextExecutionGoesOn() throws Exception {
    DocumentWorld world = DocumentWorld.ofTheGuide(directory);
    LegacyDocuments.write(world.target.legacy(), 3_000, 5);
    world.snapshot();
    MigrationPause.of(world.target).request(world.context.runId(), "somebody");

    MigrateDocuments.Input input = new MigrateDocuments.Input(DocumentWorld.NAME);
    assertThat(world.migrate().paused()).isTrue();
    assertThat(world.context.retry(new MigrateDocuments(), input).paused())
        .as("the same execution, tried again")
        .isTrue();
    assertThat(MigrationProgress.read(world.target).orElseThrow().stage())
        .isEqualTo(MigrationProgress.Stage.PAUSED);
    assertThat(world.target.adminFile()).doesNotExist();

    assertThat(world.migrate().paused()).as("the next one takes the request back").isFalse();
    assertThat(world.target.adminFile()).exists();
    world.context.retry(new MigrateDocuments(), input);
  }

  @Test
  void pauseInTheMiddle_losesAndDoublesNothing() throws Exception {
    DocumentWorld reference = DocumentWorld.ofTheGuide(directory.resolve("reference"));
    DocumentWorld world = DocumentWorld.ofTheGuide(directory.resolve("world"));
    for (DocumentWorld one : new DocumentWorld[] {reference, world}) {
      LegacyDocuments.write(one.target.legacy(), 10_000, 9);
      one.snapshot();
    }
    reference.migrate();
    DocumentMigration migration =
        new DocumentMigration(
            world.target,
            DocumentWorld.NAME,
            world.context,
            file ->
                TestDisk.of(
                    file,
                    bytes -> {
                      if (file.endsWith("application.db.part")) {
                        MigrationPause.of(world.target).request(world.context.runId(), "test");
                      }
                    }));

    boolean paused = migration.run().paused();
    MigrationPause.of(world.target).clear();

    assertThat(paused).isTrue();
    assertThat(world.migrate().paused()).isFalse();

    assertThat(world.target.applicationFile())
        .hasSameBinaryContentAs(reference.target.applicationFile());
    assertThat(world.target.adminFile()).hasSameBinaryContentAs(reference.target.adminFile());
  }

  @Test
  void legacyFileChangedDuringAPause_isRefusedByName() throws Exception {
    DocumentWorld world = new DocumentWorld(directory, "users", "events");
    world.write("users", "{\"_id\":\"u1\"}");
    world.snapshot();
    MigrationPause.of(world.target).request(world.context.runId(), "somebody");
    world.migrate();
    MigrationPause.of(world.target).clear();
    world.append("admin-users", "{\"_id\":\"a2\"}\n");

    assertThatThrownBy(world::migrate)
        .isInstanceOf(BusinessStop.class)
        .hasMessageContaining("admin-users.db was changed")
        .hasMessageContaining("Nothing was put in place");
    assertThat(world.target.store()).isEmptyDirectory();
  }

  @Test
  void legacyFileChangedWhileItIsWritten_isRefusedByName() throws Exception {
    DocumentWorld world = DocumentWorld.ofTheGuide(directory);
    LegacyDocuments.write(world.target.legacy(), 3_000, 5);
    world.snapshot();
    MigrateDocuments.Input input = new MigrateDocuments.Input(DocumentWorld.NAME);
    DocumentMigration migration =
        new DocumentMigration(
            world.target,
            DocumentWorld.NAME,
            world.context,
            file -> {
              if (file.endsWith("application.db.part")) {
                world.append("users", "{\"_id\":\"new\"}\n");
              }
              return PartFile.DISK.open(file);
            });

    assertThatThrownBy(migration::run)
        .isInstanceOf(BusinessStop.class)
        .hasMessageContaining("users.db was changed while it was migrated");
    assertThat(world.target.store()).isEmptyDirectory();
    assertThat(input.documents()).isEqualTo(DocumentWorld.NAME);
  }

  @Test
  void withoutASnapshot_nothingIsBegun() throws Exception {
    DocumentWorld world = new DocumentWorld(directory, "users");

    assertThatThrownBy(world::migrate)
        .isInstanceOf(BusinessStop.class)
        .hasMessageContaining("this run has no snapshot of 'document-store'");
    assertThat(world.target.state()).doesNotExist();
    assertThat(world.revert()).isZero();
  }

  @Test
  void newFileThatSomebodyChangedAfterTheSnapshot_isNotOverwritten() throws Exception {
    DocumentWorld world = new DocumentWorld(directory, "users");
    world.snapshot();
    Files.writeString(world.target.adminFile(), "{\"_id\":\"mine\"}\n");

    assertThatThrownBy(world::migrate)
        .isInstanceOf(BusinessStop.class)
        .hasMessageContaining("admin.db was changed since the snapshot was taken");
    assertThat(world.target.adminFile()).hasContent("{\"_id\":\"mine\"}\n");
  }

  @Test
  void whatApplicationsWroteSince_isKeptWhenTheMigrationIsTakenBack() throws Exception {
    DocumentWorld world = new DocumentWorld(directory, "users");
    Files.writeString(world.target.applicationFile(), "{\"_id\":\"older\"}\n");
    world.snapshot();
    world.migrate();
    Files.writeString(world.target.applicationFile(), "{\"_id\":\"theirs\"}\n");

    world.revert();

    assertThat(world.target.applicationFile()).hasContent("{\"_id\":\"older\"}\n");
    assertThat(world.target.adminFile()).doesNotExist();
    var copies = world.context.artifacts().ofKind(SnapshotRestore.KEPT_KIND);
    assertThat(copies).hasSize(1);
    try (var in = world.context.artifacts().open(copies.get(0))) {
      assertThat(in).hasContent("{\"_id\":\"theirs\"}\n");
    }
  }

  @Test
  void ownerAndMode_areThoseOfTheLegacyFiles() throws Exception {
    DocumentWorld world = new DocumentWorld(directory, "users");
    Files.setPosixFilePermissions(
        world.target.legacyFile("users"), PosixFilePermissions.fromString("rw-rw----"));
    world.snapshot();

    world.migrate();

    assertThat(FileOwner.of(world.target.applicationFile()).mode()).isEqualTo("rw-rw----");
  }

  @Test
  void newFileWithoutLegacyFilesOfItsOwn_canBeReadByTheApplicationToo() throws Exception {
    DocumentWorld world =
        new DocumentWorld(
            new DocumentStoreTarget(
                Files.createDirectories(directory.resolve("legacy")),
                Files.createDirectories(directory.resolve("store")),
                directory.resolve("state"),
                List.of("admin-users"),
                List.of("users"),
                List.of("users"),
                List.of(),
                new DocumentStoreTarget.Administrators("admin-users", "level", "1"),
                List.of("admin-users.password")));
    world.write("admin-users", DocumentWorld.ADMIN);
    Files.setPosixFilePermissions(
        world.target.legacyFile("admin-users"), PosixFilePermissions.fromString("rw-rw----"));
    world.snapshot();

    world.migrate();

    assertThat(FileOwner.of(world.target.applicationFile()).mode()).isEqualTo("rw-rw----");
  }

  @Test
  void killedBetweenTheTwoRenames_theNextAttemptEndsIt() throws Exception {
    DocumentWorld world = new DocumentWorld(directory, "users");
    world.write("users", "{\"_id\":\"u1\"}");
    world.snapshot();
    world.migrate();
    unplaceApplication(world);

    world.context.retry(new MigrateDocuments(), new MigrateDocuments.Input(DocumentWorld.NAME));

    assertThat(new MigrationFiles(world.target).directory()).doesNotExist();
    assertThat(world.applicationLines()).hasSize(1);
  }

  @Test
  void killedBetweenTheTwoRenames_theUndoTakesBackTheFirst() throws Exception {
    DocumentWorld world = new DocumentWorld(directory, "users");
    world.snapshot();
    world.migrate();
    unplaceApplication(world);

    world.revert();

    assertThat(world.target.store()).isEmptyDirectory();
    assertThat(world.target.state()).isEmptyDirectory();
  }

  /** As a kill leaves it that comes when admin.db is in place and application.db is not. */
  private static void unplaceApplication(DocumentWorld world) throws IOException {
    MigrationFiles files = new MigrationFiles(world.target);
    MigrationFiles.Placed placed = files.readPlaced().orElseThrow();
    Map<String, MigrationFiles.Part> parts = new TreeMap<>();
    placed
        .files()
        .forEach(
            (name, file) ->
                parts.put(
                    name, new MigrationFiles.Part(file.size(), 2, 0, Map.of(), file.sha256())));
    files.create();
    files.write(new MigrationFiles.Checkpoint(placed.runId(), placed.at(), Map.of(), parts, true));
    NewFile application = NewFile.of(world.target).get(1);
    Files.move(application.path(), files.part(application));
    Files.delete(files.placed());
  }

  @Test
  void fullDisk_leavesAllAsItWas_andIsSaid() throws Exception {
    DocumentWorld world = DocumentWorld.ofTheGuide(directory);
    LegacyDocuments.write(world.target.legacy(), 5_000, 5);
    world.snapshot();
    DocumentMigration migration =
        new DocumentMigration(
            world.target,
            DocumentWorld.NAME,
            world.context,
            file -> TestDisk.of(file, TestDisk.fullAfter(500_000)));

    assertThatThrownBy(migration::run)
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("application.db.part cannot be written")
        .hasMessageContaining("No space left on device")
        .hasMessageContaining("The files in place are as they were");
    assertThat(world.target.store()).isEmptyDirectory();

    assertThat(world.migrate().paused()).isFalse(); // there is room again
  }

  @Test
  void legacyAndNewFilesInOneDirectory_asInTheGuide() throws Exception {
    Path data = directory.resolve("data");
    DocumentWorld world =
        new DocumentWorld(DocumentWorld.guide(data, data, data.resolve(".belay")));
    LegacyDocuments.write(data, 500, 5);
    Map<String, String> before = world.content();
    world.snapshot();

    world.migrate();

    assertThat(world.analyze().extra()).isEmpty();
    assertThat(world.validate().criticalIssues()).isEmpty();
    world.revert();
    assertThat(world.content()).isEqualTo(before);
  }

  @Test
  void stateThatCannotBeWritten_isSaid_beforeAnythingIsBegun() throws Exception {
    DocumentWorld world = new DocumentWorld(directory, "users");
    world.snapshot();
    Files.writeString(world.target.state(), "a file where a directory should be");

    assertThatThrownBy(world::migrate)
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("state")
        .hasMessageContaining("cannot be read")
        .hasMessageContaining("nothing was changed");
  }

  @Test
  void filesWithoutPermission_areReasons() throws Exception {
    DocumentWorld world = new DocumentWorld(directory, "users");
    Files.setPosixFilePermissions(world.target.legacyFile("users"), java.util.Set.of());
    Files.setPosixFilePermissions(
        world.target.store(), PosixFilePermissions.fromString("r-xr-xr-x"));
    Needs.right(!Files.isWritable(world.target.store()), "be refused: the superuser is not");

    assertThat(world.analyze().reasons())
        .containsExactly(
            "users.db cannot be read: permission denied",
            "Belay cannot write to " + world.target.store());
  }
}
