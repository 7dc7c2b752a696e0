package io.belay.engine.law;

import io.belay.step.BusinessStop;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Set;
import org.camunda.bpm.engine.ActivityTypes;
import org.camunda.bpm.engine.delegate.BpmnError;
import org.camunda.bpm.engine.delegate.DelegateTask;
import org.camunda.bpm.engine.delegate.TaskListener;
import org.camunda.bpm.engine.impl.bpmn.helper.BpmnProperties;
import org.camunda.bpm.engine.impl.context.Context;
import org.camunda.bpm.engine.impl.jobexecutor.TimerEventJobHandler.TimerJobConfiguration;
import org.camunda.bpm.engine.impl.jobexecutor.TimerTaskListenerJobHandler;
import org.camunda.bpm.engine.impl.persistence.entity.ExecutionEntity;
import org.camunda.bpm.engine.impl.persistence.entity.JobEntity;
import org.camunda.bpm.engine.impl.persistence.entity.TaskEntity;
import org.camunda.bpm.engine.impl.persistence.entity.TimerEntity;
import org.camunda.bpm.engine.impl.pvm.process.ActivityImpl;
import org.camunda.bpm.engine.impl.pvm.process.ActivityStartBehavior;
import org.camunda.bpm.engine.impl.task.TaskDefinition;

/**
 * Ends an approval that nobody answered in time, whatever its model says: its phase then ends as
 * failed. An interrupting timer of the model itself fires first.
 */
final class ApprovalTimer {

  private static final String LISTENER = "belay-approval-expiry";

  /** The head start of a timer of the model. */
  private static final Duration LATER = Duration.ofMinutes(1);

  private ApprovalTimer() {}

  /** Lets tasks of that definition expire, once {@link #start} was called for one. */
  static void prepare(TaskDefinition definition) {
    definition.addTimeoutTaskListener(LISTENER, (TaskListener) ApprovalTimer::expired);
  }

  static void start(DelegateTask task, Duration expiry) {
    ExecutionEntity execution = ((TaskEntity) task).getExecution();
    TimerJobConfiguration configuration = new TimerJobConfiguration();
    configuration.setTimerElementKey(execution.getActivityId());
    configuration.setTimerElementSecondaryKey(LISTENER);
    TimerEntity timer = new TimerEntity();
    timer.setExecution(execution);
    timer.setJobHandlerType(TimerTaskListenerJobHandler.TYPE);
    timer.setJobHandlerConfiguration(configuration);
    Instant end = Instant.now().plus(expiry);
    timer.setDuedate(Date.from(hasOwnTimer(execution.getActivity()) ? end.plus(LATER) : end));
    Context.getCommandContext().getJobManager().schedule(timer);
  }

  /** Deletes the timer: the execution may outlive the approval. */
  static void stop(ExecutionEntity execution) {
    for (JobEntity job : Set.copyOf(execution.getJobs())) {
      if (job.getJobHandlerConfiguration() instanceof TimerJobConfiguration timer
          && LISTENER.equals(timer.getTimerElementSecondaryKey())) {
        job.delete();
      }
    }
  }

  private static boolean hasOwnTimer(ActivityImpl activity) {
    return activity.getEventActivities().stream()
        .anyMatch(
            event ->
                ActivityTypes.BOUNDARY_TIMER.equals(event.getProperties().get(BpmnProperties.TYPE))
                    && event.getActivityStartBehavior()
                        == ActivityStartBehavior.CANCEL_EVENT_SCOPE);
  }

  private static void expired(DelegateTask task) {
    String reason = "approval expired: nobody answered '%s' in time".formatted(task.getName());
    ((ExecutionEntity) task.getExecution()).getProcessInstance().setVariable("reason", reason);
    throw new BpmnError(BusinessStop.CODE, reason);
  }
}
