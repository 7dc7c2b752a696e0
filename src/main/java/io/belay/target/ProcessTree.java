package io.belay.target;

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
 * A child process with all that it started. With {@code setsid} the child leads a process group of
 * its own, which is signalled as a whole, orphans included; without it, the descendants that can
 * still be found are.
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
   * Begins to end the tree, at once and without waiting: SIGTERM to all, SIGKILL to what is left
   * after the grace. Further calls do nothing.
   */
  synchronized void terminate() {
    if (termination == null) {
      termination = new Thread(this::end, "terminate-" + process.pid());
      termination.setDaemon(true);
      termination.start();
    }
  }

  /** Waits until a termination that was begun is over. */
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
      Thread.currentThread().interrupt(); // then without grace
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

  /** True when there was somebody to receive it. */
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

  /** setsid executes the program in its own place, so the group has the child's id. */
  private String group() {
    return Long.toString(process.pid());
  }
}
