package io.belay.step;

import org.camunda.bpm.engine.impl.cmd.DefaultJobRetryCmd;
import org.camunda.bpm.engine.impl.cmd.JobRetryCmd;
import org.camunda.bpm.engine.impl.interceptor.Command;
import org.camunda.bpm.engine.impl.interceptor.CommandContext;
import org.camunda.bpm.engine.impl.jobexecutor.FailedJobCommandFactory;
import org.camunda.bpm.engine.impl.persistence.entity.JobEntity;

/**
 * Handles a failed job: retries it as configured, unless another attempt cannot help (a wrong
 * input, a lost lease). Then it becomes an incident at once, as for external tasks.
 */
public class JobRetries implements FailedJobCommandFactory {

  @Override
  public Command<Object> getCommand(String jobId, Throwable failure) {
    return isPermanent(failure)
        ? new GiveUp(jobId, failure)
        : new DefaultJobRetryCmd(jobId, failure);
  }

  private static boolean isPermanent(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof StepFailed step) {
        return step.isPermanent();
      }
    }
    return false;
  }

  private static final class GiveUp extends JobRetryCmd {

    private GiveUp(String jobId, Throwable failure) {
      super(jobId, failure);
    }

    @Override
    public Object execute(CommandContext context) {
      JobEntity job = getJob();
      if (job != null) {
        job.unlock();
        logException(job);
        job.setRetries(0);
      }
      return null;
    }
  }
}
