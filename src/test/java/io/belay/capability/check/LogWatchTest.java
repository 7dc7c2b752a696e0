package io.belay.capability.check;

import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogWatchTest {

  @TempDir Path directory;
  private Path file;

  @BeforeEach
  void file() {
    file = directory.resolve("app.log");
  }

  private void append(String text) throws IOException {
    Files.writeString(file, text, CREATE, APPEND);
  }

  @Test
  void onlyWhatIsAppended_counts_andALineCountsOnce() throws Exception {
    append("ERROR old\n");
    try (LogWatch watch = new LogWatch(file)) {
      assertThat(watch.poll()).isZero();
      append("INFO fine\nERROR ERROR twice\nERR");
      assertThat(watch.poll()).isEqualTo(1);
      append("OR in two parts\nEERROR\nERERROR\nerror\nERR OR\n");
      assertThat(watch.poll()).isEqualTo(4);
      assertThat(watch.poll()).isEqualTo(4);
    }
  }

  @Test
  void rotation_losesNothing() throws Exception {
    append("start\n");
    try (LogWatch watch = new LogWatch(file)) {
      append("ERROR before\n");
      Files.move(file, directory.resolve("app.log.1"));
      assertThat(watch.poll()).isEqualTo(1);
      append("ERROR in the new file\n");
      assertThat(watch.poll()).isEqualTo(2);
      append("ERROR again\n");
      assertThat(watch.poll()).isEqualTo(3);
    }
  }

  @Test
  void truncation_startsAgain() throws Exception {
    append("a long line that makes the file long\n");
    try (LogWatch watch = new LogWatch(file)) {
      Files.writeString(file, "ERROR\n");
      assertThat(watch.poll()).isEqualTo(1);
    }
  }

  @Test
  void aFileThatComesLater_isReadFromItsBeginning() throws Exception {
    try (LogWatch watch = new LogWatch(file)) {
      assertThat(watch.poll()).isZero();
      assertThat(watch.found()).isFalse();
      append("ERROR\n");
      assertThat(watch.poll()).isEqualTo(1);
      assertThat(watch.found()).isTrue();
    }
  }
}
