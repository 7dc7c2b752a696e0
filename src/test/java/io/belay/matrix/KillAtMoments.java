package io.belay.matrix;

import io.belay.step.StepObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/**
 * Inside Belay: kills it with SIGKILL (or pauses it with SIGSTOP) at the moments that {@code
 * plan.properties} names, once for each step of each model ({@code <process>/<activity>=<moment>});
 * or sets its clock, where that is a file of libfaketime. What was killed is remembered in files,
 * so that the next process goes on. Also measures how long the steps work, which tells where their
 * middle is.
 */
@Component
@ConditionalOnProperty("belay.test.matrix")
@Order(Ordered.HIGHEST_PRECEDENCE)
class KillAtMoments implements StepObserver {

  private static final Logger log = LoggerFactory.getLogger(KillAtMoments.class);

  private static final String ON = "+600";
  private static final String BACK = "+0";
  private static final long SHORTEST_JUMP_MS = 500_000;
  private static final long UNKNOWN_DURATION = 20_000_000;

  /** A thread that did not run for so long was not just waiting for a processor. */
  private static final long SHORTEST_PAUSE = 3_000_000_000L;

  private final Path directory;
  private final JdbcTemplate jdbc;
  private final Properties plan = new Properties();
  private final Properties durations = new Properties();
  private final Random random;
  private final Process executioner;
  private final boolean pauses;
  private final Path clock;
  private final Map<String, Long> begun = new ConcurrentHashMap<>();
  private final Map<String, Boolean> aimedAt = new ConcurrentHashMap<>();
  private final Set<String> clockSetAt = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean told = new AtomicBoolean();
  private final AtomicBoolean over = new AtomicBoolean();

  KillAtMoments(
      @Value("${belay.test.matrix}") Path directory,
      @Value("${belay.test.seed:1}") long seed,
      @Value("${belay.test.signal:KILL}") String signal,
      @Value("${belay.test.clock:}") String clock,
      JdbcTemplate jdbc)
      throws IOException {
    this.directory = directory;
    this.jdbc = jdbc;
    this.pauses = signal.equals("STOP");
    this.clock = clock.isEmpty() ? null : Path.of(clock);
    this.random = new Random(seed * 31 + killed());
    load(plan, directory.resolve("plan.properties"));
    load(durations, directory.resolve("durations.properties"));
    // A shell that waits: its kill comes at once, and the killed process has no part in it.
    executioner =
        new ProcessBuilder(
                "/bin/sh",
                "-c",
                "read line && kill -s \"$2\" \"$1\"",
                "executioner",
                String.valueOf(ProcessHandle.current().pid()),
                signal)
            .start();
  }

  private static void load(Properties properties, Path file) throws IOException {
    if (Files.exists(file)) {
      try (var reader = Files.newBufferedReader(file)) {
        properties.load(reader);
      }
    }
  }

  private long killed() throws IOException {
    try (var files = Files.list(Files.createDirectories(directory.resolve("killed")))) {
      return files.count();
    }
  }

  @Override
  public void reached(Moment moment, String runId, String activityId, String step) {
    if (Files.exists(directory.resolve(PeopleOfARun.EARLIER))) {
      return; // not the run that this is about
    }
    String key = StepKeys.of(jdbc, runId, activityId);
    switch (moment) {
      case BEFORE_INTENT -> killIf(KillMoment.BEFORE_INTENT, key);
      case AFTER_INTENT -> {
        killIf(KillMoment.BEFORE_EFFECT, key);
        begun.put(key, System.nanoTime());
        aimAtTheMiddle(key);
      }
      case AFTER_EFFECT -> {
        if (aimedAt.containsKey(key)) {
          kill(key); // the step was quicker than thought
        }
        measured(key);
        killIf(KillMoment.AFTER_EFFECT, key);
      }
      case AFTER_RESULT -> killIf(KillMoment.AFTER_RESULT, key);
    }
  }

  private void killIf(KillMoment moment, String key) {
    if (moment.name().equals(plan.getProperty(key)) && remember(key, moment.label())) {
      kill(key);
    }
  }

  private void aimAtTheMiddle(String key) {
    if (!KillMoment.MIDDLE.name().equals(plan.getProperty(key))
        || !remember(key, KillMoment.MIDDLE.label())) {
      return;
    }
    long duration = Long.parseLong(durations.getProperty(key, String.valueOf(UNKNOWN_DURATION)));
    long delay = (long) (duration * (0.05 + 0.75 * random.nextDouble()));
    aimedAt.put(key, true);
    Thread thread =
        new Thread(
            () -> {
              LockSupport.parkNanos(delay);
              kill(key);
            },
            "kill");
    thread.setDaemon(true);
    thread.start();
  }

  private void measured(String key) {
    Long since = begun.remove(key);
    if (since == null || durations.containsKey(key)) {
      return;
    }
    try {
      Files.writeString(
          directory.resolve("measured.properties"),
          key + "=" + (System.nanoTime() - since) + "\n",
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ten minutes on; at the next step, back. A clock that does not move would prove nothing. */
  private synchronized void setClock() {
    long before = System.currentTimeMillis();
    try {
      // Never empty or half written: all threads read it all the time.
      Path next = Files.writeString(clock.resolveSibling("clock.next"), isOn() ? BACK : ON);
      Files.move(next, clock, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    long moved = System.currentTimeMillis() - before;
    if (Math.abs(moved) < SHORTEST_JUMP_MS) {
      log.error("The clock was set, but moved by {} ms", moved);
      Runtime.getRuntime().halt(2);
    }
  }

  private boolean isOn() throws IOException {
    return Files.readString(clock).equals(ON);
  }

  /** False when that step was killed already. */
  private boolean remember(String key, String text) {
    try {
      Files.writeString(
          directory.resolve("killed").resolve(key.replace('/', '!')),
          text,
          StandardOpenOption.CREATE_NEW);
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Never returns; or, where it is a pause, when it is over; or sets the clock. Whoever comes here
   * beside another, or after the pause, is not paused a second time.
   */
  private void kill(String key) {
    if (clock != null) {
      if (clockSetAt.add(key)) {
        setClock();
      }
      return;
    }
    long before = System.nanoTime();
    if (!told.getAndSet(true)) {
      try {
        executioner.getOutputStream().write("now\n".getBytes(StandardCharsets.US_ASCII));
        executioner.getOutputStream().flush();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    while (!over.get()) {
      LockSupport.parkNanos(5_000_000);
      long now = System.nanoTime();
      if (pauses && now - before > SHORTEST_PAUSE) {
        over.set(true);
      }
      before = now;
    }
  }
}
