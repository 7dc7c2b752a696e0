package io.belay.capability.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.belay.playground.LegacyDocuments;
import io.belay.playground.Needs;
import io.belay.target.TargetException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A migration and a restore on a disk that really is full; needs the right to mount one. */
class FullDiskIT {

  @TempDir Path directory;
  private Path disk;
  private boolean mounted;
  private DocumentWorld world;

  @BeforeEach
  void smallDisk() throws Exception {
    disk = Files.createDirectory(directory.resolve("disk"));
    mounted = succeeds("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk.toString());
    Needs.right(mounted, "mount a small disk");
    world =
        new DocumentWorld(
            DocumentWorld.guide(
                Files.createDirectory(directory.resolve("legacy")),
                Files.createDirectory(disk.resolve("store")),
                disk.resolve("state")));
    LegacyDocuments.write(world.target.legacy(), 5_000, 3);
    world.snapshot();
  }

  @AfterEach
  void unmount() throws Exception {
    if (mounted) {
      assertThat(succeeds("umount", disk.toString())).isTrue();
    }
  }

  private static boolean succeeds(String... command) throws InterruptedException {
    try {
      return new ProcessBuilder(command)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException notThere) {
      return false;
    }
  }

  @Test
  void migration_saysSo_andGoesOnWhenThereIsRoom() throws Exception {
    assertThat(world.analyze().reasons())
        .anyMatch(reason -> reason.contains("are free where the new files go"));
    assertThatThrownBy(world::migrate)
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("bytes are needed and")
        .hasMessageContaining("the files in place are as they were");
    assertThat(world.target.store()).isEmptyDirectory();
    assertThat(succeeds("mount", "-o", "remount,size=64m", disk.toString())).isTrue();

    assertThat(world.migrate().paused()).isFalse();

    assertThat(world.validate().criticalIssues()).isEmpty();
  }

  @Test
  void restore_saysSo_andChangesNothing() throws Exception {
    assertThat(succeeds("mount", "-o", "remount,size=64m", disk.toString())).isTrue();
    world.migrate();
    world.context.runId("run-2");
    String snapshot = world.snapshot().snapshot();
    Map<String, String> good = world.content();
    Files.writeString(world.target.adminFile(), "");
    Files.writeString(world.target.applicationFile(), "");
    Map<String, String> present = world.content();
    Path junk = disk.resolve("junk");
    fill(junk);
    RestoreDocumentSnapshot.Input input =
        new RestoreDocumentSnapshot.Input(DocumentWorld.NAME, snapshot);

    assertThatThrownBy(() -> world.context.run(new RestoreDocumentSnapshot(), input))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("cannot be written")
        .hasMessageContaining("No space left on device")
        .hasMessageContaining("the files in place are as they were");
    assertThat(world.content())
        .allSatisfy(
            (name, content) -> {
              if (!name.endsWith(".belay-restore")) {
                assertThat(content).isEqualTo(present.get(name));
              }
            });
    Files.delete(junk);

    world.context.retry(new RestoreDocumentSnapshot(), input);

    assertThat(world.content()).isEqualTo(good);
  }

  private static void fill(Path junk) {
    try (var out = Files.newOutputStream(junk)) {
      while (true) {
        out.write(new byte[4096]);
      }
    } catch (IOException full) {
      assertThat(full).hasMessageContaining("No space left");
    }
  }
}
