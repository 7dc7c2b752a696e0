package io.belay.engine.control;

import io.belay.model.OutlineReader;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.camunda.bpm.engine.ExternalTaskService;
import org.camunda.bpm.engine.ManagementService;
import org.camunda.bpm.engine.RepositoryService;
import org.camunda.bpm.engine.RuntimeService;
import org.camunda.bpm.engine.externaltask.ExternalTask;
import org.camunda.bpm.engine.runtime.Job;
import org.camunda.bpm.engine.runtime.ProcessInstance;
import org.camunda.bpm.model.bpmn.instance.ServiceTask;
import org.springframework.stereotype.Component;

/** The steps of a run that have failed in all their attempts, in jobs and as external tasks. */
@Component
class FailedSteps {

  /**
   * @param key of the execution in the journal
   */
  record Execution(String key, String instanceId, String definitionId) {}

  /** The failed steps of one run. */
  record Failed(List<Job> jobs, List<ExternalTask> tasks) {

    int count() {
      return jobs.size() + tasks.size();
    }

    /** The failed execution of that activity. */
    Optional<Execution> of(String activityId) {
      return Stream.concat(
              jobs.stream()
                  .filter(job -> activityId.equals(job.getFailedActivityId()))
                  .map(
                      job ->
                          new Execution(
                              job.getId(),
                              job.getProcessInstanceId(),
                              job.getProcessDefinitionId())),
              tasks.stream()
                  .filter(task -> activityId.equals(task.getActivityId()))
                  .map(
                      task ->
                          new Execution(
                              task.getId(),
                              task.getProcessInstanceId(),
                              task.getProcessDefinitionId())))
          .findFirst();
    }
  }

  private final RuntimeService runtime;
  private final ManagementService management;
  private final ExternalTaskService externalTasks;
  private final RepositoryService repository;

  FailedSteps(
      RuntimeService runtime,
      ManagementService management,
      ExternalTaskService externalTasks,
      RepositoryService repository) {
    this.runtime = runtime;
    this.repository = repository;
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

  /** The step that an activity runs; null when it runs none. */
  String stepOf(Execution failed, String activityId) {
    return repository.getBpmnModelInstance(failed.definitionId()).getModelElementById(activityId)
            instanceof ServiceTask task
        ? OutlineReader.step(task)
        : null;
  }

  /** Gives each one more attempt. */
  void retry(Failed failed) {
    failed.jobs().forEach(job -> management.setJobRetries(job.getId(), 1));
    failed.tasks().forEach(task -> externalTasks.setRetries(task.getId(), 1));
  }
}
