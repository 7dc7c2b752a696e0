package io.belay.process;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.camunda.bpm.engine.ExternalTaskService;
import org.camunda.bpm.engine.ManagementService;
import org.camunda.bpm.engine.RuntimeService;
import org.camunda.bpm.engine.externaltask.ExternalTask;
import org.camunda.bpm.engine.runtime.Job;
import org.camunda.bpm.engine.runtime.ProcessInstance;
import org.springframework.stereotype.Component;

/** The steps of a run that have failed in all their attempts, in jobs and as external tasks. */
@Component
class FailedSteps {

  /** Those of one run. */
  record Failed(List<Job> jobs, List<ExternalTask> tasks) {

    int count() {
      return jobs.size() + tasks.size();
    }

    /** The key under which the journal knows the failed step of that activity. */
    Optional<String> keyOf(String activityId) {
      return Stream.concat(
              jobs.stream()
                  .filter(job -> activityId.equals(job.getFailedActivityId()))
                  .map(Job::getId),
              tasks.stream()
                  .filter(task -> activityId.equals(task.getActivityId()))
                  .map(ExternalTask::getId))
          .findFirst();
    }
  }

  private final RuntimeService runtime;
  private final ManagementService management;
  private final ExternalTaskService externalTasks;

  FailedSteps(
      RuntimeService runtime, ManagementService management, ExternalTaskService externalTasks) {
    this.runtime = runtime;
    this.management = management;
    this.externalTasks = externalTasks;
  }

  Failed of(String runId) {
    List<String> instances =
        runtime.createProcessInstanceQuery().rootProcessInstanceId(runId).list().stream()
            .map(ProcessInstance::getProcessInstanceId)
            .toList();
    return new Failed(
        instances.stream()
            .flatMap(
                instance ->
                    management
                        .createJobQuery()
                        .processInstanceId(instance)
                        .noRetriesLeft()
                        .list()
                        .stream())
            .toList(),
        instances.stream()
            .flatMap(
                instance ->
                    externalTasks
                        .createExternalTaskQuery()
                        .processInstanceId(instance)
                        .noRetriesLeft()
                        .list()
                        .stream())
            .toList());
  }

  /** Gives each one attempt more. */
  void retry(Failed failed) {
    failed.jobs().forEach(job -> management.setJobRetries(job.getId(), 1));
    failed.tasks().forEach(task -> externalTasks.setRetries(task.getId(), 1));
  }
}
