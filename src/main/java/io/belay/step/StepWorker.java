package io.belay.step;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.camunda.bpm.engine.ExternalTaskService;
import org.camunda.bpm.engine.OptimisticLockingException;
import org.camunda.bpm.engine.ProcessEngineException;
import org.camunda.bpm.engine.RuntimeService;
import org.camunda.bpm.engine.exception.NotFoundException;
import org.camunda.bpm.engine.externaltask.ExternalTask;
import org.camunda.bpm.engine.externaltask.ExternalTaskQueryBuilder;
import org.camunda.bpm.engine.externaltask.LockedExternalTask;
import org.camunda.bpm.engine.impl.ProcessEngineImpl;
import org.camunda.bpm.engine.impl.util.SingleConsumerCondition;
import org.camunda.bpm.engine.runtime.ProcessInstance;
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

  private static final Logger log = LoggerFactory.getLogger(StepWorker.class);

  private static final int REPORT_ATTEMPTS = 5;

  private final ExternalTaskService tasks;
  private final RuntimeService runtime;
  private final StepRunner runner;
  private final StepHeartbeat heartbeat;
  private final StepSettings settings;
  private final MeterRegistry meters;
  private final Node node;
  private final Map<String, StepDelegate<?, ?>> delegates;
  private final Map<String, CancelSignal> working = new ConcurrentHashMap<>();
  private ExecutorService pool;
  private Thread poller;
  private SingleConsumerCondition created;
  private volatile boolean running;

  StepWorker(
      ExternalTaskService tasks,
      RuntimeService runtime,
      StepRunner runner,
      StepHeartbeat heartbeat,
      StepSettings settings,
      MeterRegistry meters,
      Node node,
      List<StepDelegate<?, ?>> delegates) {
    this.tasks = tasks;
    this.runtime = runtime;
    this.runner = runner;
    this.heartbeat = heartbeat;
    this.settings = settings;
    this.meters = meters;
    this.node = node;
    this.delegates =
        delegates.stream()
            .collect(Collectors.toMap(d -> StepNames.of(d.getClass()), delegate -> delegate));
    meters.gauge("belay.step.working", working, Map::size);
  }

  @Override
  public void start() {
    running = true;
    pool = Executors.newFixedThreadPool(settings.slots(), named("belay-step-"));
    poller = named("belay-poll-").newThread(this::poll);
    created = new SingleConsumerCondition(poller);
    ProcessEngineImpl.EXT_TASK_CONDITIONS.addConsumer(created);
    heartbeat.start(settings.heartbeat(), this::renewLocks, this::stopAll);
    poller.start();
  }

  @Override
  public void stop() {
    running = false;
    created.signal();
    ProcessEngineImpl.EXT_TASK_CONDITIONS.removeConsumer(created);
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
      int fetched = 0;
      try {
        fetched = fetch(settings.slots() - working.size());
      } catch (RuntimeException e) {
        log.warn("No steps could be fetched now; trying again: {}", e.getMessage());
      }
      if (running && fetched == 0) {
        created.await(settings.poll().toMillis());
      }
    }
  }

  private int fetch(int free) {
    if (free <= 0 || delegates.isEmpty()) {
      return 0;
    }
    ExternalTaskQueryBuilder builder = tasks.fetchAndLock(free, node.name(), true);
    for (String topic : delegates.keySet()) {
      builder = builder.topic(topic, settings.lock().toMillis()).localVariables();
    }
    List<LockedExternalTask> locked = builder.execute();
    for (LockedExternalTask task : locked) {
      CancelSignal signal = new CancelSignal();
      working.put(task.getId(), signal);
      pool.execute(() -> work(task, signal));
    }
    return locked.size();
  }

  private void work(LockedExternalTask task, CancelSignal signal) {
    try {
      Runnable end = perform(task, signal);
      // From here on the lock is not renewed: that would collide with the report.
      working.remove(task.getId());
      report(task, end);
    } catch (NotFoundException gone) {
      log.info("Step {} is no longer wanted", task.getActivityId());
    } catch (RuntimeException e) {
      // The lock runs out, and the recorded result is reported by the next attempt.
      log.warn("The end of step {} could not be reported: {}", task.getActivityId(), e.toString());
    } finally {
      working.remove(task.getId());
      created.signal();
    }
  }

  /** Does the work; returns how its end is to be reported. */
  private Runnable perform(LockedExternalTask task, CancelSignal signal) {
    String id = task.getId();
    try {
      StepDelegate<?, ?> delegate = delegates.get(task.getTopicName());
      Map<String, Object> result = runner.run(delegate, stepTask(task), signal);
      return () -> tasks.complete(id, node.name(), null, result);
    } catch (BusinessStop stop) {
      Map<String, Object> reason = Map.of("reason", shorten(stop.getMessage()));
      return () ->
          tasks.handleBpmnError(id, node.name(), BusinessStop.CODE, stop.getMessage(), reason);
    } catch (CancellationException stopped) {
      return running ? () -> {} : () -> tasks.unlock(id);
    } catch (Exception failure) {
      return () -> fail(task, failure);
    }
  }

  private void report(LockedExternalTask task, Runnable end) {
    for (int attempt = 1; ; attempt++) {
      try {
        end.run();
        return;
      } catch (OptimisticLockingException collision) {
        if (attempt == REPORT_ATTEMPTS) {
          throw collision;
        }
      } catch (NotFoundException gone) {
        throw gone;
      } catch (ProcessEngineException refused) {
        // The step is done, but what follows it in the model fails.
        fail(task, refused);
        return;
      }
    }
  }

  private void fail(LockedExternalTask task, Exception failure) {
    int left = failure instanceof StepFailed f && f.isPermanent() ? 0 : attemptsLeft(task);
    int failed = settings.attempts() - left;
    tasks.handleFailure(
        task.getId(),
        node.name(),
        shorten(failure.getMessage()),
        failure.getMessage(),
        left,
        settings.pause(failed, ThreadLocalRandom.current().nextDouble()).toMillis());
  }

  private int attemptsLeft(LockedExternalTask task) {
    return (task.getRetries() == null ? settings.attempts() : task.getRetries()) - 1;
  }

  private StepTask stepTask(LockedExternalTask task) {
    ProcessInstance instance =
        runtime
            .createProcessInstanceQuery()
            .processInstanceId(task.getProcessInstanceId())
            .singleResult();
    if (instance == null) {
      throw new CancellationException("the phase is gone");
    }
    String runId = instance.getRootProcessInstanceId();
    String name = task.getBusinessKey() == null ? runId : task.getBusinessKey();
    return new StepTask(
        task.getId(),
        runId,
        name,
        task.getProcessInstanceId(),
        task.getActivityId(),
        task.getVariables());
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
          try {
            tasks.extendLock(id, node.name(), settings.lock().toMillis());
          } catch (ProcessEngineException lost) {
            ExternalTask task = tasks.createExternalTaskQuery().externalTaskId(id).singleResult();
            if (task == null || !node.name().equals(task.getWorkerId())) {
              meters.counter("belay.step.lock.lost").increment();
              log.warn("The lock of step {} is lost; its work is stopped", id);
              signal.cancel();
            }
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
