package io.belay.target;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * Finds the processes of a command after Belay, the guard of its children or the process group is
 * gone: each has the command's mark in its environment, which its children inherit. Works for this
 * machine and this user only, and only with {@code /proc}.
 */
public final class StrayCommands {

  /** The environment variable that holds the mark. */
  public static final String VARIABLE = "BELAY_COMMAND";

  private static final Duration GRACE = Duration.ofSeconds(2);

  private StrayCommands() {}

  /**
   * Ends the processes: SIGTERM, then SIGKILL after two seconds.
   *
   * @return the ids of those still there
   */
  public static List<Long> end(String mark) {
    with(mark).forEach(ProcessHandle::destroy);
    if (goneWithin(GRACE, mark)) {
      return List.of();
    }
    with(mark).forEach(ProcessHandle::destroyForcibly);
    goneWithin(GRACE, mark);
    return with(mark).map(ProcessHandle::pid).toList();
  }

  private static boolean goneWithin(Duration time, String mark) {
    long deadline = System.nanoTime() + time.toNanos();
    while (with(mark).findAny().isPresent()) {
      if (System.nanoTime() > deadline) {
        return false;
      }
      LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
    }
    return true;
  }

  private static Stream<ProcessHandle> with(String mark) {
    String entry = "\0" + VARIABLE + "=" + mark + "\0";
    return ProcessHandle.allProcesses().filter(process -> has(entry, process.pid()));
  }

  private static boolean has(String entry, long pid) {
    try {
      byte[] environment = Files.readAllBytes(Path.of("/proc", Long.toString(pid), "environ"));
      return ("\0" + new String(environment, StandardCharsets.ISO_8859_1)).contains(entry);
    } catch (IOException e) {
      return false; // gone, or another user's
    }
  }
}
