package io.belay.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A child process with all that it started. With {@code setsid} the child leads a process group,
 * which is signalled as a whole, orphans included; without it, only the descendants that can still
 * be found are signalled.
 */
final class ProcessTree {

  /** {@code setsid} of util-linux; absent outside Linux. */
  static final Optional<Path> SETSID =
      Stream.of("/usr/bin/setsid", "/bin/setsid")
          .map(Path::of)
          .filter(Files::isExecutable)
          .findFirst();

  private static final Logger LOG = LoggerFactory.getLogger(ProcessTree.class);

  private final Process process;
  private final Duration grace;
  private Thread termination;

  ProcessTree(Process process, Duration grace) {
    this.process = process;
    this.grace = grace;
  }

  /**
   * Starts to end the tree, without waiting: SIGTERM to all, SIGKILL to what is left after the
   * grace period. Further calls do nothing.
   */
  synchronized void terminate() {
    if (termination == null) {
      termination = new Thread(this::end, "terminate-" + process.pid());
      termination.setDaemon(true);
      termination.start();
    }
  }

  /** Waits for the end of a termination that was started. */
  void awaitTermination() throws InterruptedException {
    Thread running;
    synchronized (this) {
      running = termination;
    }
    if (running != null) {
      running.join();
    }
  }

  private void end() {
    List<ProcessHandle> descendants = process.descendants().toList();
    signalGroup("TERM");
    descendants.forEach(ProcessHandle::destroy);
    process.destroy();
    try {
      long deadline = System.nanoTime() + grace.toNanos();
      while (System.nanoTime() < deadline && isAlive(descendants)) {
        process.waitFor(20, TimeUnit.MILLISECONDS);
        TimeUnit.MILLISECONDS.sleep(20); // its group may outlive it
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // ends the grace period
    }
    signalGroup("KILL");
    descendants.forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }

  private boolean isAlive(List<ProcessHandle> descendants) {
    return process.isAlive()
        || descendants.stream().anyMatch(ProcessHandle::isAlive)
        || signalGroup("0");
  }

  /** Returns true when a process received the signal. */
  private boolean signalGroup(String signal) {
    if (SETSID.isEmpty()) {
      return false;
    }
    try {
      Process kill =
          Launch.of(List.of("/bin/sh", "-c", "kill -s \"$1\" -- \"-$2\"", "sh", signal, group()))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return kill.waitFor(1, TimeUnit.SECONDS) && kill.exitValue() == 0;
    } catch (IOException e) {
      LOG.warn("process group {} could not be signalled: {}", group(), e.getMessage());
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** The id of the group, which is the child's: setsid replaces itself by the program. */
  private String group() {
    return Long.toString(process.pid());
  }
}
