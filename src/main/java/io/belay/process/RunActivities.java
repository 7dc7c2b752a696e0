package io.belay.process;

import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.camunda.bpm.engine.HistoryService;
import org.camunda.bpm.engine.RuntimeService;
import org.camunda.bpm.engine.TaskService;
import org.camunda.bpm.engine.history.HistoricProcessInstance;
import org.camunda.bpm.engine.task.IdentityLink;
import org.springframework.stereotype.Component;

/** Where a run is, from the engine's history: also after its end. */
@Component
public class RunActivities {

  /**
   * One activity.
   *
   * @param instanceId process instance that it belongs to: the run itself or a phase
   * @param calledInstanceId process instance of the phase that it calls; may be null
   * @param end null while active
   * @param cancelled whether it was interrupted
   */
  public record ActivityState(
      String instanceId,
      String definitionId,
      String activityId,
      String name,
      String type,
      Instant start,
      Instant end,
      boolean cancelled,
      String calledInstanceId) {}

  /**
   * A failed step that waits for a person.
   *
   * @param instanceId process instance of the phase that it belongs to
   */
  public record OpenIncident(
      String id, String instanceId, String activityId, String message, Instant since) {}

  /**
   * An open user task.
   *
   * @param instanceId process instance of the phase that it belongs to
   * @param formKey id of its Camunda Form; may be null
   */
  public record OpenTask(
      String id,
      String instanceId,
      String activityId,
      String name,
      String description,
      String formKey,
      List<String> groups,
      String assignee,
      Instant created) {}

  private final HistoryService history;
  private final RuntimeService runtime;
  private final TaskService tasks;

  RunActivities(HistoryService history, RuntimeService runtime, TaskService tasks) {
    this.history = history;
    this.runtime = runtime;
    this.tasks = tasks;
  }

  /** Activities of the run and its phases, in the order of their start. */
  public List<ActivityState> activities(String runId) {
    return history
        .createHistoricProcessInstanceQuery()
        .rootProcessInstanceId(runId)
        .orderByProcessInstanceStartTime()
        .asc()
        .list()
        .stream()
        .map(HistoricProcessInstance::getId)
        .flatMap(instance -> ofInstance(instance).stream())
        .toList();
  }

  private List<ActivityState> ofInstance(String instanceId) {
    return history
        .createHistoricActivityInstanceQuery()
        .processInstanceId(instanceId)
        .orderPartiallyByOccurrence()
        .asc()
        .list()
        .stream()
        .map(
            activity ->
                new ActivityState(
                    activity.getProcessInstanceId(),
                    activity.getProcessDefinitionId(),
                    activity.getActivityId(),
                    activity.getActivityName(),
                    activity.getActivityType(),
                    instant(activity.getStartTime()),
                    instant(activity.getEndTime()),
                    activity.isCanceled(),
                    activity.getCalledProcessInstanceId()))
        .toList();
  }

  public List<OpenIncident> incidents(String runId) {
    return runtime.createProcessInstanceQuery().rootProcessInstanceId(runId).list().stream()
        .flatMap(
            instance ->
                runtime
                    .createIncidentQuery()
                    .processInstanceId(instance.getProcessInstanceId())
                    .list()
                    .stream())
        // A called phase's incident is told again by each of its callers.
        .filter(incident -> incident.getId().equals(incident.getCauseIncidentId()))
        .map(
            incident ->
                new OpenIncident(
                    incident.getId(),
                    incident.getProcessInstanceId(),
                    incident.getFailedActivityId() == null
                        ? incident.getActivityId()
                        : incident.getFailedActivityId(),
                    incident.getIncidentMessage(),
                    instant(incident.getIncidentTimestamp())))
        .toList();
  }

  public List<OpenTask> tasks(String runId) {
    return runtime.createProcessInstanceQuery().rootProcessInstanceId(runId).list().stream()
        .flatMap(
            instance ->
                tasks
                    .createTaskQuery()
                    .processInstanceId(instance.getProcessInstanceId())
                    .initializeFormKeys()
                    .list()
                    .stream())
        .map(
            task ->
                new OpenTask(
                    task.getId(),
                    task.getProcessInstanceId(),
                    task.getTaskDefinitionKey(),
                    task.getName(),
                    task.getDescription(),
                    task.getCamundaFormRef() == null ? null : task.getCamundaFormRef().getKey(),
                    tasks.getIdentityLinksForTask(task.getId()).stream()
                        .map(IdentityLink::getGroupId)
                        .filter(group -> group != null)
                        .toList(),
                    task.getAssignee(),
                    instant(task.getCreateTime())))
        .toList();
  }

  private static Instant instant(Date date) {
    return date == null ? null : date.toInstant();
  }
}
