package io.belay.step;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.camunda.bpm.engine.delegate.BpmnError;
import org.camunda.bpm.engine.delegate.DelegateExecution;
import org.camunda.bpm.engine.impl.context.Context;
import org.camunda.bpm.engine.impl.persistence.entity.ExecutionEntity;
import org.camunda.bpm.engine.impl.persistence.entity.JobEntity;
import org.camunda.bpm.engine.impl.util.ClockUtil;
import org.springframework.context.annotation.Profile;
import org.springframework.stereotype.Component;

/**
 * Runs a step inside the engine's job, for {@code camunda:delegateExpression}. The job's id is the
 * step's key: it stays the same over retries, which the execution's and activity instance's ids do
 * not. Therefore such a task must be {@code asyncBefore} (the lint demands it).
 */
@Component
@Profile("!agent")
class StepJob {

  private final StepRunner runner;
  private final StepSettings settings;
  private final StepHeartbeat heartbeat;

  StepJob(StepRunner runner, StepSettings settings, StepHeartbeat heartbeat) {
    this.runner = runner;
    this.settings = settings;
    this.heartbeat = heartbeat;
  }

  void execute(StepDelegate<?, ?> delegate, DelegateExecution execution) throws Exception {
    JobEntity job = Context.getCommandContext().getCurrentJob();
    if (job == null) {
      throw new IllegalStateException(
          "%s runs outside a job: set asyncBefore on the task"
              .formatted(execution.getCurrentActivityId()));
    }
    ExecutionEntity root = ((ExecutionEntity) execution).getProcessInstance();
    StepTask task =
        new StepTask(
            job.getId(),
            root.getRootProcessInstanceId(),
            execution.getBusinessKey() == null
                ? root.getRootProcessInstanceId()
                : execution.getBusinessKey(),
            execution.getProcessInstanceId(),
            execution.getCurrentActivityId(),
            inputs((ExecutionEntity) execution));
    Duration limit = limit(job);
    CancelSignal late = new CancelSignal(heartbeat::isSilent);
    CompletableFuture.delayedExecutor(limit.toMillis(), TimeUnit.MILLISECONDS)
        .execute(late::cancel);
    try {
      Map<String, Object> result = runner.run(delegate, StepCall.of(task), late).variables();
      if (isScope((ExecutionEntity) execution)) {
        execution.setVariablesLocal(result);
      }
    } catch (CancellationException stopped) {
      throw new StepFailed(
          ("%s was stopped after %d s: no step may take longer inside the engine's job"
                  + " (belay.step.short-limit). Work that needs longer is modelled as an external"
                  + " task")
              .formatted(task.activityId(), limit.toSeconds()),
          false);
    } catch (BusinessStop stop) {
      execution.setVariable("reason", stop.getMessage());
      throw new BpmnError(BusinessStop.CODE, stop.getMessage());
    }
  }

  /**
   * The shorter of the configured limit and what is left of the job's lock after its wait in the
   * queue.
   */
  private Duration limit(JobEntity job) {
    if (job.getLockExpirationTime() == null) {
      return settings.shortLimit(); // run by hand, without a lock
    }
    Duration left =
        Duration.between(
                ClockUtil.getCurrentTime().toInstant(), job.getLockExpirationTime().toInstant())
            .minus(StepSettings.TIME_TO_STOP);
    Duration shorter = left.compareTo(settings.shortLimit()) < 0 ? left : settings.shortLimit();
    return shorter.isNegative() ? Duration.ZERO : shorter;
  }

  /**
   * Only inputs that the model passes: a variable of the phase that happens to have the name does
   * not count.
   */
  private static Map<String, Object> inputs(ExecutionEntity execution) {
    return isScope(execution) ? execution.getVariablesLocal() : Map.of();
  }

  private static boolean isScope(ExecutionEntity execution) {
    return execution.getActivity().isScope();
  }
}
