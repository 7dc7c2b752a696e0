package io.belay.command;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the commands of a Belay that can no longer look after them: it was killed, or it is paused
 * and another node may have taken over its steps. Belay signals a small shell beside it every
 * second; after too long a silence, or at the end of its input, the shell ends the process groups
 * of all commands that still run. What a command has started in a session of its own goes on.
 *
 * <p>Needs bash (which can wait for a line for a limited time) and setsid; without them commands
 * outlive a killed Belay, and the log says so.
 */
final class ChildGuard {

  private static final Logger LOG = LoggerFactory.getLogger(ChildGuard.class);

  /** Shorter than the time after which the steps of a silent node count as ended. */
  private static final Duration SILENCE = Duration.ofSeconds(12);

  private static final long BEAT_MILLIS = 1_000;

  private static final String SCRIPT =
      """
      groups=" "
      while IFS= read -r -t "$1" line; do
        case $line in
          +*) groups="$groups${line#+} " ;;
          -*) groups="${groups/ ${line#-} / }" ;;
        esac
      done
      [ "$groups" != " " ] || exit 0
      for group in $groups; do kill -TERM -- "-$group" 2>/dev/null; done
      sleep "$2"
      for group in $groups; do kill -KILL -- "-$group" 2>/dev/null; done
      """;

  /** The guard of this process. */
  static final ChildGuard OF_THIS_PROCESS = new ChildGuard(SILENCE);

  private final Duration silence;
  private final Set<Long> groups = ConcurrentHashMap.newKeySet();
  private Process shell;
  private boolean impossible;

  ChildGuard(Duration silence) {
    this.silence = silence;
    ScheduledExecutorService clock =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "command-guard");
              thread.setDaemon(true);
              return thread;
            });
    clock.scheduleWithFixedDelay(this::beat, BEAT_MILLIS, BEAT_MILLIS, TimeUnit.MILLISECONDS);
  }

  /** Called before a command is started, so that it is guarded as soon as it runs. */
  synchronized void listen() {
    if (shell == null || !shell.isAlive()) {
      open();
    }
  }

  /** A command has started, in a process group of its own. */
  synchronized void begins(long group) {
    groups.add(group);
    if (!tell("+" + group)) {
      open(); // tells a new shell all groups
    }
  }

  synchronized void ended(long group) {
    groups.remove(group);
    tell("-" + group);
  }

  private synchronized void beat() {
    if (shell != null && !tell("")) {
      shell = null;
      if (!groups.isEmpty()) {
        open();
      }
    }
  }

  private void open() {
    if (impossible) {
      return;
    }
    Path bash =
        Stream.of("/bin/bash", "/usr/bin/bash")
            .map(Path::of)
            .filter(Files::isExecutable)
            .findFirst()
            .orElse(null);
    if (bash == null || ProcessTree.SETSID.isEmpty()) {
      impossible = true;
      LOG.warn("Without bash and setsid, commands go on when Belay is killed");
      return;
    }
    ProcessBuilder builder =
        Launch.of(
            List.of(
                ProcessTree.SETSID.get().toString(),
                bash.toString(),
                "-c",
                SCRIPT,
                "belay-guard",
                Long.toString(silence.toSeconds()),
                "2"));
    try {
      shell =
          builder
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      groups.forEach(group -> tell("+" + group));
    } catch (IOException e) {
      LOG.warn("Commands are not guarded against the end of Belay: {}", e.getMessage());
    }
  }

  /** Returns false when no shell is listening. */
  private boolean tell(String line) {
    if (shell == null || !shell.isAlive()) {
      return false;
    }
    try {
      shell.getOutputStream().write((line + "\n").getBytes(StandardCharsets.US_ASCII));
      shell.getOutputStream().flush();
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
