package io.belay.step;

import java.time.Duration;
import java.util.Optional;
import org.camunda.bpm.engine.externaltask.LockedExternalTask;
import org.camunda.bpm.engine.impl.externaltask.LockedExternalTaskImpl;
import org.camunda.bpm.engine.impl.interceptor.Command;
import org.camunda.bpm.engine.impl.interceptor.CommandContext;
import org.camunda.bpm.engine.impl.persistence.entity.ExternalTaskEntity;
import org.camunda.bpm.engine.impl.util.ClockUtil;

/**
 * Locks one external task, with its local variables, if it could be fetched now. The engine's own
 * fetch cannot choose the task, and its own lock does not check whether the task is suspended or
 * has attempts left.
 */
class LockStep implements Command<Optional<LockedExternalTask>> {

  private final String id;
  private final String worker;
  private final Duration duration;

  LockStep(String id, String worker, Duration duration) {
    this.id = id;
    this.worker = worker;
    this.duration = duration;
  }

  /**
   * Does not throw for a task that another node has locked by now: the engine would log an error.
   *
   * @return empty when the task is gone, somebody else's, suspended, or has no attempts left
   */
  @Override
  public Optional<LockedExternalTask> execute(CommandContext context) {
    ExternalTaskEntity task = context.getExternalTaskManager().findExternalTaskById(id);
    if (task == null
        || task.isSuspended()
        || task.getRetries() != null && task.getRetries() <= 0
        || isOfAnother(task)) {
      return Optional.empty();
    }
    task.lock(worker, duration.toMillis());
    return Optional.of(LockedExternalTaskImpl.fromEntity(task, null, true, false, false));
  }

  private boolean isOfAnother(ExternalTaskEntity task) {
    return task.getLockExpirationTime() != null
        && task.getLockExpirationTime().after(ClockUtil.getCurrentTime())
        && !worker.equals(task.getWorkerId());
  }
}
