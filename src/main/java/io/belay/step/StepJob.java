package io.belay.step;

import io.belay.target.Cancellation;
import java.util.Map;
import org.camunda.bpm.engine.delegate.BpmnError;
import org.camunda.bpm.engine.delegate.DelegateExecution;
import org.camunda.bpm.engine.impl.context.Context;
import org.camunda.bpm.engine.impl.persistence.entity.ExecutionEntity;
import org.camunda.bpm.engine.impl.persistence.entity.JobEntity;
import org.springframework.stereotype.Component;

/**
 * Runs a step inside the engine's job, for {@code camunda:delegateExpression}. The job's id is the
 * step's key: it stays the same over retries, which the execution's and activity instance's ids do
 * not. Therefore such a task must be {@code asyncBefore} (the lint demands it).
 */
@Component
class StepJob {

  private final StepRunner runner;

  StepJob(StepRunner runner) {
    this.runner = runner;
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
    try {
      Map<String, Object> result = runner.run(delegate, task, Cancellation.NONE);
      if (isScope((ExecutionEntity) execution)) {
        execution.setVariablesLocal(result);
      }
    } catch (BusinessStop stop) {
      execution.setVariable("reason", stop.getMessage());
      throw new BpmnError(BusinessStop.CODE, stop.getMessage());
    }
  }

  /**
   * Only what the model hands over: a variable of the phase that happens to have the name does not
   * count.
   */
  private static Map<String, Object> inputs(ExecutionEntity execution) {
    return isScope(execution) ? execution.getVariablesLocal() : Map.of();
  }

  private static boolean isScope(ExecutionEntity execution) {
    return execution.getActivity().isScope();
  }
}
