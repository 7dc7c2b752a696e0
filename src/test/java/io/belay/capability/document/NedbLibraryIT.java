package io.belay.capability.document;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.belay.playground.LegacyDocuments;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Belay reads what the real library writes, and the real library reads what Belay writes. */
class NedbLibraryIT {

  @TempDir Path directory;

  @BeforeAll
  static void library() throws Exception {
    Nedb.require();
  }

  @Test
  void filesOfTheLibrary_areMigrated_andUsedByTheLibrary() throws Exception {
    DocumentWorld world = new DocumentWorld(directory, "users", "events");
    for (Path file : DocumentWorld.list(world.target.legacy())) {
      Files.delete(file);
    }
    Nedb.run("write", world.target.legacy(), DocumentWorld.HASH);
    JsonNode legacy = Nedb.run("legacy", world.target.legacy());
    world.snapshot();

    assertThat(world.migrate().documents()).isEqualTo(6);

    ObjectNode migrated = (ObjectNode) Nedb.run("migrated", world.target.applicationFile());
    ObjectNode all = (ObjectNode) migrated.get("all");
    all.setAll((ObjectNode) Nedb.run("migrated", world.target.adminFile()).get("all"));
    assertThat(all).isEqualTo(legacy).hasSize(6);
    assertThat(migrated.get("indexes").toString())
        .isEqualTo("[[\"_id\",true,false],[\"email\",true,true],[\"first,last\",false,true]]");
    assertThat(world.validate().criticalIssues()).as("after the library wrote it anew").isEmpty();

    JsonNode answers = Nedb.run("use", world.target.applicationFile());

    assertThat(answers.toString())
        .isEqualTo("{\"users\":3,\"born\":\"u1\",\"byIndex\":\"Ada\",\"refused\":true}");
    var now = DocumentWorld.originals(copyOfWinners(world));
    assertThat(now).containsKey("users/u2").doesNotContainKey("users/3").hasSize(6);
    assertThat(now.get("users/u2").path("last").asText()).isEqualTo("Byron");
  }

  /** What Belay takes for the documents of a file that the library appended to. */
  private Path copyOfWinners(DocumentWorld world) throws Exception {
    DocumentWorld reader = new DocumentWorld(directory.resolve("reader"), "one");
    Files.copy(
        world.target.applicationFile(),
        reader.target.legacyFile("one"),
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    StoreScan scan = StoreScan.of(NewFile.of(reader.target).get(1), (collection, offset) -> {});
    Path copy = directory.resolve("winners");
    try (var channel = java.nio.channels.FileChannel.open(reader.target.legacyFile("one"));
        var out = Files.newOutputStream(copy)) {
      for (long winner : scan.collections().get(0).winners()) {
        out.write(NedbFile.line(channel, CollectionScan.offset(winner)));
        out.write('\n');
      }
    }
    return copy;
  }

  @Test
  void storeOfTheGuide_isTheSameForTheLibrary_beforeAndAfter() throws Exception {
    DocumentWorld world = DocumentWorld.ofTheGuide(directory);
    LegacyDocuments.write(world.target.legacy(), 3_000, 11);
    JsonNode legacy = Nedb.run("legacy", world.target.legacy());
    world.snapshot();
    world.migrate();

    ObjectNode all = (ObjectNode) Nedb.run("migrated", world.target.adminFile()).get("all");
    all.setAll((ObjectNode) Nedb.run("migrated", world.target.applicationFile()).get("all"));

    assertThat(all).isEqualTo(legacy);
    assertThat(all.size()).isEqualTo((int) world.analyze().documents());
    assertThat(world.validate().criticalIssues()).as("after the library wrote it anew").isEmpty();
  }

  @Test
  void lineSeparators_thatTheLibraryCannotKeep_areReadableAfterwards() throws Exception {
    DocumentWorld world = new DocumentWorld(directory, "users", "events");
    world.write(
        "users", "{\"_id\":\"u1\",\"text\":\"a\u2028b\u2029c\u0085d\"}", "{\"_id\":\"u2\"}");
    world.snapshot();
    world.migrate();

    JsonNode all = Nedb.run("migrated", world.target.applicationFile()).get("all");

    assertThat(all.at("/users~1u1/text").asText()).isEqualTo("a\u2028b\u2029c\u0085d");
    assertThat(all).hasSize(2);
  }
}
