package io.belay.step;

import io.belay.step.ExternalTasks.Waiting;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
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
 * Works on the long steps, which are external tasks: finds and locks them, renews their locks while
 * they work, stops the work when a lock is lost (an abort deleted the task, or this node slept too
 * long), and reports the end to the engine. While a step works, no resource of the engine is held.
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

  /** Keys of those whose lock is to be renewed. */
  private final Set<String> locked = ConcurrentHashMap.newKeySet();

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
            .flatMap(
                delegate ->
                    StepNames.all(delegate.getClass()).stream()
                        .map(name -> Map.entry(name, delegate)))
            .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    meters.gauge("belay.step.working", working, Map::size);
    meters.counter(LOCKS_LOST); // registered at zero, for an alert
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
      // A step may have ended before it could see 'full'.
      return working.size() < settings.slots();
    }
    if (delegates.isEmpty()) {
      return false;
    }
    List<Waiting> found = tasks.find(free, delegates.keySet(), Set.copyOf(working.keySet()));
    for (Waiting task : found) {
      CancelSignal signal = new CancelSignal(heartbeat::isSilent);
      // A task found again after its lock ran out is still being worked on.
      if (working.putIfAbsent(task.id(), signal) == null) {
        if (task.locked()) {
          locked.add(task.id());
        }
        pool.execute(() -> work(task, signal));
      }
    }
    return found.size() >= free;
  }

  private void work(Waiting task, CancelSignal signal) {
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
      // Of this attempt only: the next one may have begun while the report waited for the database.
      letGo(task, signal);
      if (full) {
        tasks.wakeUp();
      }
    }
  }

  /** From here on the lock is not renewed: that would collide with the report. */
  private void letGo(Waiting task, CancelSignal signal) {
    if (working.get(task.id()) == signal) {
      locked.remove(task.id());
      working.remove(task.id(), signal);
    }
  }

  /** Does the work; returns the report of its end that is still to be made. */
  private Runnable perform(Waiting task, CancelSignal signal) {
    String id = task.id();
    try {
      StepDelegate<?, ?> delegate = delegates.get(task.step());
      StepCall call =
          new StepCall(
              id,
              task.activityId(),
              task.open(),
              () -> locked.add(id),
              result -> {
                letGo(task, signal);
                tasks.complete(id, result);
              });
      StepRunner.Ended ended = runner.run(delegate, call, signal);
      return ended.told() ? () -> {} : () -> tasks.complete(id, ended.variables());
    } catch (NoSuchElementException taken) {
      log.debug("Step {} is gone, or another node was faster", task.activityId());
      return () -> {};
    } catch (BusinessStop stop) {
      return () -> tasks.stop(id, shorten(stop.getMessage()));
    } catch (CancellationException stopped) {
      return running ? () -> {} : () -> tasks.unlock(id);
    } catch (Exception failure) {
      return () -> fail(task, failure);
    }
  }

  private void report(Waiting task, Runnable end) {
    try {
      end.run();
    } catch (ExternalTasks.Refused refused) {
      // The step is done, but what follows it in the model fails.
      fail(task, refused);
    }
  }

  private void fail(Waiting task, Exception failure) {
    int left = failure instanceof StepFailed f && f.isPermanent() ? 0 : attemptsLeft(task);
    int failed = settings.attempts() - left;
    tasks.fail(
        task.id(),
        failure.getMessage(),
        left,
        settings.pause(failed, ThreadLocalRandom.current().nextDouble()));
  }

  private int attemptsLeft(Waiting task) {
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
          if (locked.contains(id) && !tasks.extendLock(id) && working.containsKey(id)) {
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
