package io.belay.step;

import io.belay.target.Environments;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.concurrent.CancellationException;
import org.camunda.bpm.engine.ExternalTaskService;
import org.camunda.bpm.engine.OptimisticLockingException;
import org.camunda.bpm.engine.ProcessEngine;
import org.camunda.bpm.engine.ProcessEngineException;
import org.camunda.bpm.engine.RuntimeService;
import org.camunda.bpm.engine.externaltask.ExternalTask;
import org.camunda.bpm.engine.externaltask.LockedExternalTask;
import org.camunda.bpm.engine.impl.ProcessEngineImpl;
import org.camunda.bpm.engine.impl.cfg.ProcessEngineConfigurationImpl;
import org.camunda.bpm.engine.impl.interceptor.CommandExecutor;
import org.camunda.bpm.engine.impl.util.SingleConsumerCondition;
import org.camunda.bpm.engine.runtime.ProcessInstance;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.context.annotation.Profile;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/** The external tasks of the engine in this process. */
@Component
@Profile("!agent")
class EngineTasks implements ExternalTasks, DisposableBean {

  private static final int REPORT_ATTEMPTS = 5;
  private static final int REASON_LIMIT = 600;

  private final ExternalTaskService tasks;
  private final WaitingTasks waitingTasks;
  private final RuntimeService runtime;
  private final StepSettings settings;
  private final AgentSettings agents;
  private final Environments environments;
  private final CommandExecutor commands;
  private final TransactionTemplate transaction;
  private final Node node;

  private record Run(String id, String name) {}

  /** Which run a phase belongs to. */
  private final LastAsked<String, Run> runs = new LastAsked<>();

  private volatile SingleConsumerCondition created;
  private Thread waiting;

  EngineTasks(
      ExternalTaskService tasks,
      WaitingTasks waitingTasks,
      RuntimeService runtime,
      StepSettings settings,
      AgentSettings agents,
      Environments environments,
      ProcessEngine engine,
      PlatformTransactionManager transactions,
      Node node) {
    this.tasks = tasks;
    this.waitingTasks = waitingTasks;
    this.runtime = runtime;
    this.settings = settings;
    this.agents = agents;
    this.environments = environments;
    this.commands =
        ((ProcessEngineConfigurationImpl) engine.getProcessEngineConfiguration())
            .getCommandExecutorTxRequired();
    this.transaction = new TransactionTemplate(transactions);
    this.node = node;
  }

  @Override
  public List<Waiting> find(int most, Collection<String> steps, Set<String> except) {
    return waitingTasks
        .find(
            most,
            task ->
                steps.contains(task.topic())
                    && !except.contains(task.id())
                    && isForUs(task.topic(), task.environment()))
        .stream()
        .map(
            task ->
                new Waiting(
                    task.id(),
                    task.topic(),
                    task.activityId(),
                    task.retries(),
                    false,
                    () -> open(task.id())))
        .toList();
  }

  private boolean isForUs(String step, String environment) {
    return !agents.anywhere(step)
        || environments.names().contains(environment) && !agents.leftToAgents(step, environment);
  }

  @Override
  public void await(Duration longest) {
    if (waiting != Thread.currentThread()) {
      // The engine's condition serves one thread; a restarted worker has another.
      destroy();
      waiting = Thread.currentThread();
      created = new SingleConsumerCondition(waiting);
      ProcessEngineImpl.EXT_TASK_CONDITIONS.addConsumer(created);
    }
    created.await(longest.toMillis());
  }

  @Override
  public void wakeUp() {
    if (created != null) {
      created.signal();
    }
  }

  @Override
  public void destroy() {
    if (created != null) {
      ProcessEngineImpl.EXT_TASK_CONDITIONS.removeConsumer(created);
    }
  }

  private StepTask open(String id) {
    LockedExternalTask task = lock(id);
    Run run = runs.get(task.getProcessInstanceId(), this::runOf);
    return new StepTask(
        id,
        run.id(),
        run.name(),
        task.getProcessInstanceId(),
        task.getActivityId(),
        task.getVariables());
  }

  /**
   * Locks the task in the caller's transaction.
   *
   * @throws NoSuchElementException when it cannot, or can no longer, be locked
   */
  private LockedExternalTask lock(String id) {
    try {
      return commands
          .execute(new LockStep(id, node.name(), settings.lock()))
          .orElseThrow(() -> new NoSuchElementException("task %s cannot be locked".formatted(id)));
    } catch (OptimisticLockingException collision) {
      throw new NoSuchElementException(collision.getMessage(), collision);
    }
  }

  private Run runOf(String instanceId) {
    ProcessInstance instance =
        runtime.createProcessInstanceQuery().processInstanceId(instanceId).singleResult();
    if (instance == null) {
      throw new CancellationException("the phase is gone");
    }
    String id = instance.getRootProcessInstanceId();
    return new Run(id, instance.getBusinessKey() == null ? id : instance.getBusinessKey());
  }

  @Override
  public boolean extendLock(String id) {
    try {
      tasks.extendLock(id, node.name(), settings.lock().toMillis());
      return true;
    } catch (ProcessEngineException failed) {
      return isOurs(id);
    }
  }

  private boolean isOurs(String id) {
    ExternalTask task = tasks.createExternalTaskQuery().externalTaskId(id).singleResult();
    return task != null && node.name().equals(task.getWorkerId());
  }

  @Override
  public void complete(String id, Map<String, Object> result) {
    report(id, () -> tasks.complete(id, node.name(), null, result));
  }

  @Override
  public void stop(String id, String reason) {
    report(
        id,
        () ->
            tasks.handleBpmnError(
                id, node.name(), BusinessStop.CODE, reason, Map.of("reason", reason)));
  }

  @Override
  public void fail(String id, String message, int left, Duration pause) {
    report(
        id,
        () ->
            transaction.executeWithoutResult(
                status -> {
                  lock(id); // it may have failed before it was locked
                  tasks.handleFailure(
                      id, node.name(), shorten(message), message, left, pause.toMillis());
                }));
  }

  private void report(String id, Runnable end) {
    for (int attempt = 1; ; attempt++) {
      try {
        end.run();
        return;
      } catch (OptimisticLockingException collision) {
        if (attempt == REPORT_ATTEMPTS
            || TransactionSynchronizationManager.isActualTransactionActive()) {
          throw collision;
        }
      } catch (ProcessEngineException refused) {
        // The engine has no exception of its own for a task that somebody else has locked.
        if (isOurs(id)) {
          throw new Refused(refused);
        }
        throw new NoSuchElementException(refused.getMessage(), refused);
      }
    }
  }

  @Override
  public void unlock(String id) {
    tasks.unlock(id);
  }

  private static String shorten(String text) {
    return text == null || text.length() <= REASON_LIMIT
        ? text
        : text.substring(0, REASON_LIMIT - 1) + "…";
  }
}
