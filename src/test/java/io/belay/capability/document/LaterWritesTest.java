package io.belay.capability.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.belay.target.TargetException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How many documents going back behind a completed migration would lose. */
class LaterWritesTest {

  @TempDir Path directory;
  private DocumentWorld world;
  private DocumentSnapshot snapshot;

  @BeforeEach
  void migratedAndCleanedUp() throws Exception {
    world = new DocumentWorld(directory, "users", "events");
    world.write("users", "{\"_id\":\"u1\",\"n\":1}", "{\"_id\":\"u2\"}", "{\"_id\":\"same\"}");
    world.write("events", "{\"_id\":\"same\"}", "{\"_id\":\"e2\"}");
    world.snapshot();
    world.migrate();
    snapshot = new DocumentSnapshots(world.context.artifacts()).list(world.target).get(0);
    for (String collection : world.target.collections()) {
      Files.delete(world.target.legacyFile(collection));
    }
  }

  private long count() throws IOException {
    return new DocumentSnapshots(world.context.artifacts()).writtenSince(world.target, snapshot);
  }

  @Test
  void addedChangedAndDeletedDocuments_areCounted_alsoAfterACompaction() throws Exception {
    assertThat(count()).isZero();
    world.appendNew(
        """
        {"_collection":"users","_id":"u1","n":2}
        {"_collection":"users","_id":"u1","n":3}
        {"_collection":"users","_id":"late"}
        {"$$deleted":true,"_id":"u2"}
        """);
    assertThat(count()).isEqualTo(3);

    List<String> alive =
        world.applicationLines().stream()
            .filter(line -> !line.contains("$$deleted") && !line.contains("\"u2\""))
            .filter(line -> !line.contains("\"n\":1") && !line.contains("\"n\":2"))
            .sorted()
            .toList();
    Files.write(world.target.applicationFile(), alive);
    assertThat(count()).isEqualTo(3);
    assertThat(new MigrationFiles(world.target).directory()).doesNotExist();
  }

  @Test
  void damagedSnapshot_countsNothing_andLeavesNothingBehind() throws Exception {
    Path file =
        world.context.artifacts().path(world.context.artifacts().find(snapshot.id()).orElseThrow());
    byte[] content = Files.readAllBytes(file);
    content[content.length / 2] ^= 1;
    Files.write(file, content);

    assertThatThrownBy(this::count).isInstanceOf(TargetException.class);
    assertThat(new MigrationFiles(world.target).directory()).doesNotExist();
  }
}
