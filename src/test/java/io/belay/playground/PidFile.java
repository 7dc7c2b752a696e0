package io.belay.playground;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.Optional;

/**
 * A file that says which process does a job. It names the process by id and start time, since ids
 * are used again; a file that a killed process left behind counts as none.
 */
final class PidFile {

  /**
   * @param what the version that runs
   */
  record Entry(String what, ProcessHandle process) {}

  private final Path file;

  PidFile(Path file) {
    this.file = file;
  }

  static PidFile ofSlot(Path worldDirectory, String slot) {
    return new PidFile(worldDirectory.resolve("run").resolve(slot + ".pid"));
  }

  static PidFile ofWorld(Path worldDirectory) {
    return new PidFile(worldDirectory.resolve("run").resolve("world.pid"));
  }

  /** Claims the file for this process. */
  void write(String what) throws IOException {
    ProcessHandle self = ProcessHandle.current();
    Path temporary = file.resolveSibling(file.getFileName() + "." + self.pid());
    Files.writeString(temporary, what + " " + self.pid() + " " + startOf(self));
    Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
  }

  /** The living process that the file names. */
  Optional<Entry> read() throws IOException {
    String[] words;
    try {
      words = Files.readString(file).split(" ");
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
    return ProcessHandle.of(Long.parseLong(words[1]))
        .filter(ProcessHandle::isAlive)
        .filter(process -> startOf(process).equals(words[2]))
        .map(process -> new Entry(words[0], process));
  }

  private static String startOf(ProcessHandle process) {
    return process.info().startInstant().map(Instant::toString).orElse("unknown");
  }
}
