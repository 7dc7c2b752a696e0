package io.belay.playground;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileWatchTest {

  @TempDir Path directory;

  @Test
  void replacedFiles_areCountedHoweverManyTheyAre_temporaryOnesAreNot() throws Exception {
    try (FileWatch watch = new FileWatch(directory)) {
      for (int time = 0; time < 600; time++) {
        Path part = Files.writeString(directory.resolve(".part"), "content " + time);
        Files.move(part, directory.resolve("app.env"), StandardCopyOption.ATOMIC_MOVE);
        LockSupport.parkNanos(1_000_000); // as slow as a quick run, not as a tight loop
      }
      assertThat(watch.written()).containsOnlyKeys("app.env").containsEntry("app.env", 600L);
    }
  }
}
