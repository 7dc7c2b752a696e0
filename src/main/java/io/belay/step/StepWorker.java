package io.belay.step;

import io.belay.step.ExternalTasks.Locked;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Works on the long steps, which are external tasks: fetches and locks them, renews their locks
 * while they work, stops the work when a lock is lost (an abort deleted the task, or this node
 * slept too long), and reports the end to the engine. Nothing of the engine is held while a step
 * works.
 *
 * <p>Work is stopped by its cancellation signal, never by interrupting its thread: an interrupt in
 * the middle of a write closes H2's file.
 */
@Component
class StepWorker implements SmartLifecycle {

  private static final String LOCKS_LOST = "belay.step.lock.lost";
  private static final Logger log = LoggerFactory.getLogger(StepWorker.class);

  private final ExternalTasks tasks;
  private final StepRunner runner;
  private final StepHeartbeat heartbeat;
  private final StepSettings settings;
  private final MeterRegistry meters;
  private final Node node;
  private final Map<String, StepDelegate<?, ?>> delegates;
  private final Map<String, CancelSignal> working = new ConcurrentHashMap<>();
  private ExecutorService pool;
  private Thread poller;
  private volatile boolean running;
  private volatile boolean full;

  StepWorker(
      ExternalTasks tasks,
      StepRunner runner,
      StepHeartbeat heartbeat,
      StepSettings settings,
      MeterRegistry meters,
      Node node,
      List<StepDelegate<?, ?>> delegates) {
    this.tasks = tasks;
    this.runner = runner;
    this.heartbeat = heartbeat;
    this.settings = settings;
    this.meters = meters;
    this.node = node;
    this.delegates =
        delegates.stream()
            .collect(Collectors.toMap(d -> StepNames.of(d.getClass()), delegate -> delegate));
    meters.gauge("belay.step.working", working, Map::size);
    meters.counter(LOCKS_LOST); // an alert needs it at zero
  }

  @Override
  public void start() {
    running = true;
    pool = Executors.newFixedThreadPool(settings.slots(), named("belay-step-"));
    poller = named("belay-poll-").newThread(this::poll);
    heartbeat.start(settings.heartbeat(), this::renewLocks, this::stopAll);
    poller.start();
  }

  @Override
  public void stop() {
    running = false;
    tasks.wakeUp();
    stopAll();
    pool.shutdown();
    try {
      if (!pool.awaitTermination(10, TimeUnit.SECONDS)) {
        log.warn("Steps still work at shutdown: {}", working.keySet());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    heartbeat.stop();
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  private void poll() {
    while (running) {
      boolean more = false;
      try {
        more = fetch();
      } catch (RuntimeException e) {
        log.warn("No steps could be fetched now; trying again: {}", e.getMessage());
      }
      if (running && !more) {
        tasks.await(settings.poll());
      }
    }
  }

  /**
   * @return whether more could be fetched at once; otherwise a new task, or the end of a step when
   *     all slots are taken, ends the wait
   */
  private boolean fetch() {
    int free = settings.slots() - working.size();
    full = free <= 0;
    if (full) {
      // One may have ended before it could see that.
      return working.size() < settings.slots();
    }
    if (delegates.isEmpty()) {
      return false;
    }
    List<Locked> locked = tasks.fetch(free, delegates.keySet());
    for (Locked task : locked) {
      CancelSignal signal = new CancelSignal(heartbeat::isSilent);
      // Fetched again after its lock ran out: the work that goes on has its lock back.
      if (working.putIfAbsent(task.id(), signal) == null) {
        pool.execute(() -> work(task, signal));
      }
    }
    return locked.size() >= free;
  }

  private void work(Locked task, CancelSignal signal) {
    try {
      Runnable end = perform(task, signal);
      letGo(task, signal);
      report(task, end);
    } catch (NoSuchElementException gone) {
      log.info("Step {} is no longer wanted", task.activityId());
    } catch (RuntimeException e) {
      // The lock runs out, and the recorded result is reported by the next attempt.
      log.warn("The end of step {} could not be reported: {}", task.activityId(), e.toString());
    } finally {
      // Not that of the next attempt, which may have begun while the report waited for the
      // database.
      working.remove(task.id(), signal);
      if (full) {
        tasks.wakeUp();
      }
    }
  }

  /** From here on the lock is not renewed: that would collide with the report. */
  private void letGo(Locked task, CancelSignal signal) {
    working.remove(task.id(), signal);
  }

  /** Does the work; returns what is still to be reported of its end. */
  private Runnable perform(Locked task, CancelSignal signal) {
    String id = task.id();
    try {
      StepDelegate<?, ?> delegate = delegates.get(task.step());
      StepRunner.Ended ended =
          runner.run(
              delegate,
              tasks.open(task),
              signal,
              result -> {
                letGo(task, signal);
                tasks.complete(id, result);
              });
      return ended.told() ? () -> {} : () -> tasks.complete(id, ended.variables());
    } catch (BusinessStop stop) {
      return () -> tasks.stop(id, shorten(stop.getMessage()));
    } catch (CancellationException stopped) {
      return running ? () -> {} : () -> tasks.unlock(id);
    } catch (Exception failure) {
      return () -> fail(task, failure);
    }
  }

  private void report(Locked task, Runnable end) {
    try {
      end.run();
    } catch (ExternalTasks.Refused refused) {
      // The step is done, but what follows it in the model fails.
      fail(task, refused);
    }
  }

  private void fail(Locked task, Exception failure) {
    int left = failure instanceof StepFailed f && f.isPermanent() ? 0 : attemptsLeft(task);
    int failed = settings.attempts() - left;
    tasks.fail(
        task.id(),
        failure.getMessage(),
        left,
        settings.pause(failed, ThreadLocalRandom.current().nextDouble()));
  }

  private int attemptsLeft(Locked task) {
    return (task.retries() == null ? settings.attempts() : task.retries()) - 1;
  }

  private void stopAll() {
    if (!working.isEmpty()) {
      log.warn("The work of {} is stopped", working.keySet());
    }
    working.values().forEach(CancelSignal::cancel);
  }

  private void renewLocks() {
    working.forEach(
        (id, signal) -> {
          if (!tasks.extendLock(id) && working.containsKey(id)) {
            meters.counter(LOCKS_LOST).increment();
            log.warn("The lock of step {} is lost; its work is stopped", id);
            signal.cancel();
          }
        });
  }

  private static String shorten(String text) {
    return text == null || text.length() <= 600 ? text : text.substring(0, 599) + "…";
  }

  private static java.util.concurrent.ThreadFactory named(String prefix) {
    var count = new java.util.concurrent.atomic.AtomicInteger();
    return runnable -> {
      Thread thread = new Thread(runnable, prefix + count.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    };
  }
}
