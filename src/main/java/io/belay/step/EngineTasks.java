package io.belay.step;

import io.belay.journal.Journal;
import io.belay.target.Environments;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import org.camunda.bpm.engine.ExternalTaskService;
import org.camunda.bpm.engine.OptimisticLockingException;
import org.camunda.bpm.engine.ProcessEngineException;
import org.camunda.bpm.engine.RuntimeService;
import org.camunda.bpm.engine.externaltask.ExternalTask;
import org.camunda.bpm.engine.externaltask.ExternalTaskQueryBuilder;
import org.camunda.bpm.engine.externaltask.ExternalTaskQueryTopicBuilder;
import org.camunda.bpm.engine.externaltask.LockedExternalTask;
import org.camunda.bpm.engine.impl.ProcessEngineImpl;
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
  private final WaitingSteps waitingSteps;
  private final RuntimeService runtime;
  private final StepSettings settings;
  private final AgentSettings agents;
  private final Environments environments;
  private final Journal journal;
  private final TransactionTemplate transaction;
  private final Node node;

  /** Which run a phase belongs to. */
  private final LastAsked<String, String> runs = new LastAsked<>();

  private volatile SingleConsumerCondition created;
  private Thread waiting;

  EngineTasks(
      ExternalTaskService tasks,
      WaitingSteps waitingSteps,
      RuntimeService runtime,
      StepSettings settings,
      AgentSettings agents,
      Environments environments,
      Journal journal,
      PlatformTransactionManager transactions,
      Node node) {
    this.tasks = tasks;
    this.waitingSteps = waitingSteps;
    this.runtime = runtime;
    this.settings = settings;
    this.agents = agents;
    this.environments = environments;
    this.journal = journal;
    this.transaction = new TransactionTemplate(transactions);
    this.node = node;
  }

  /**
   * Does not wait until the locks are on the database's disk: the commit of a step's intent waits
   * for that too, and nothing is done before it.
   */
  @Override
  public List<Locked> fetch(int most, Collection<String> steps) {
    return Objects.requireNonNull(
        transaction.execute(
            status -> {
              journal.commitWithoutWaiting();
              return fetchWaiting(most, steps);
            }));
  }

  private List<Locked> fetchWaiting(int most, Collection<String> steps) {
    List<String> waiting = waitingSteps.among(steps);
    List<Locked> locked =
        new ArrayList<>(
            fetch(most, waiting.stream().filter(step -> !agents.anywhere(step)).toList(), null));
    List<String> shared = waiting.stream().filter(agents::anywhere).toList();
    if (!shared.isEmpty()) {
      // The engine cannot ask for "any environment but those".
      for (String environment : environments.names()) {
        locked.addAll(
            fetch(
                most - locked.size(),
                shared.stream().filter(step -> !agents.leftToAgents(step, environment)).toList(),
                environment));
      }
    }
    return locked;
  }

  private List<Locked> fetch(int most, List<String> steps, String environment) {
    if (most <= 0 || steps.isEmpty()) {
      return List.of();
    }
    ExternalTaskQueryBuilder builder = tasks.fetchAndLock(most, node.name(), true);
    for (String step : steps) {
      ExternalTaskQueryTopicBuilder topic =
          builder.topic(step, settings.lock().toMillis()).localVariables();
      builder =
          environment == null
              ? topic
              : topic.processInstanceVariableEquals(StepRun.ENVIRONMENT, environment);
    }
    return builder.execute().stream().map(EngineTasks::locked).toList();
  }

  private static Locked locked(LockedExternalTask task) {
    return new Locked(
        task.getId(),
        task.getTopicName(),
        task.getActivityId(),
        task.getProcessInstanceId(),
        task.getBusinessKey(),
        task.getRetries(),
        task.getVariables());
  }

  @Override
  public void await(Duration longest) {
    if (waiting != Thread.currentThread()) {
      // The engine's condition serves one thread; a worker that was started again has another.
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

  @Override
  public StepTask open(Locked task) {
    String runId = runs.get(task.instanceId(), this::runOf);
    return new StepTask(
        task.id(),
        runId,
        task.businessKey() == null ? runId : task.businessKey(),
        task.instanceId(),
        task.activityId(),
        task.inputs());
  }

  private String runOf(String instanceId) {
    ProcessInstance instance =
        runtime.createProcessInstanceQuery().processInstanceId(instanceId).singleResult();
    if (instance == null) {
      throw new CancellationException("the phase is gone");
    }
    return instance.getRootProcessInstanceId();
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
            tasks.handleFailure(
                id, node.name(), shorten(message), message, left, pause.toMillis()));
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
