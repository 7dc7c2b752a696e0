package io.belay.engine.control;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.camunda.bpm.engine.HistoryService;
import org.camunda.bpm.engine.TaskService;
import org.camunda.bpm.engine.history.HistoricProcessInstance;
import org.camunda.bpm.engine.task.Task;
import org.springframework.jdbc.core.RowCallbackHandler;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;
import org.springframework.lang.Nullable;
import org.springframework.stereotype.Component;

/** Where a run is, read from the engine's history: known after its end too. */
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
      @Nullable String name,
      String type,
      Instant start,
      @Nullable Instant end,
      boolean cancelled,
      @Nullable String calledInstanceId) {}

  /**
   * A failed step that waits for a person.
   *
   * @param instanceId process instance of the phase that it belongs to
   */
  public record OpenIncident(
      String id, String instanceId, String activityId, @Nullable String message, Instant since) {}

  /**
   * An open user task.
   *
   * @param instanceId process instance of the phase that it belongs to
   * @param formKey id of its Camunda Form; may be null
   * @param due until when it should be done; null for no limit. It decides nothing
   * @param overdue whether that time has passed
   */
  public record OpenTask(
      String id,
      String instanceId,
      String activityId,
      @Nullable String name,
      @Nullable String description,
      @Nullable String formKey,
      List<String> groups,
      @Nullable String assignee,
      Instant created,
      @Nullable Instant due,
      boolean overdue) {}

  private final HistoryService history;
  private final TaskService tasks;
  private final NamedParameterJdbcTemplate jdbc;

  RunActivities(HistoryService history, TaskService tasks, NamedParameterJdbcTemplate jdbc) {
    this.history = history;
    this.tasks = tasks;
    this.jdbc = jdbc;
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
    return incidents(List.of(runId)).getOrDefault(runId, List.of());
  }

  /**
   * Open incidents of several runs, in one statement.
   *
   * @return by run, oldest first; a run without any is not in it
   */
  public Map<String, List<OpenIncident>> incidents(Collection<String> runIds) {
    Map<String, List<OpenIncident>> found = new HashMap<>();
    query(
        // A called phase's incident is repeated by each of its callers.
        "SELECT e.ROOT_PROC_INST_ID_, i.* FROM ACT_RU_INCIDENT i JOIN ACT_RU_EXECUTION e ON e.ID_ ="
            + " i.PROC_INST_ID_ WHERE i.ID_ = i.CAUSE_INCIDENT_ID_ AND e.ROOT_PROC_INST_ID_ IN (:ids)"
            + " ORDER BY i.INCIDENT_TIMESTAMP_, i.ID_",
        runIds,
        row -> {
          String failed = row.getString("FAILED_ACTIVITY_ID_");
          add(
              found,
              row.getString("ROOT_PROC_INST_ID_"),
              new OpenIncident(
                  row.getString("ID_"),
                  row.getString("PROC_INST_ID_"),
                  failed == null ? row.getString("ACTIVITY_ID_") : failed,
                  row.getString("INCIDENT_MSG_"),
                  instant(row.getTimestamp("INCIDENT_TIMESTAMP_"))));
        });
    return found;
  }

  public List<OpenTask> tasks(String runId) {
    return tasks(List.of(runId)).getOrDefault(runId, List.of());
  }

  /**
   * Open tasks of several runs, in as many statements as for one.
   *
   * @return by run, oldest first; a run without any is not in it
   */
  public Map<String, List<OpenTask>> tasks(Collection<String> runIds) {
    Map<String, String> runs = new LinkedHashMap<>();
    query(
        "SELECT t.ID_, e.ROOT_PROC_INST_ID_ FROM ACT_RU_TASK t JOIN ACT_RU_EXECUTION e ON e.ID_ ="
            + " t.PROC_INST_ID_ WHERE e.ROOT_PROC_INST_ID_ IN (:ids) ORDER BY t.CREATE_TIME_, t.ID_",
        runIds,
        row -> runs.put(row.getString("ID_"), row.getString("ROOT_PROC_INST_ID_")));
    Map<String, List<OpenTask>> found = new HashMap<>();
    read(runs.keySet()).forEach(task -> add(found, runs.get(task.id()), task));
    return found;
  }

  /** A page of the tasks of all runs, newest first, each with the id of its run. */
  public Map<OpenTask, String> newestTasks(int limit, int offset) {
    Map<String, String> runs = new LinkedHashMap<>();
    jdbc.query(
        "SELECT t.ID_, e.ROOT_PROC_INST_ID_ FROM ACT_RU_TASK t JOIN ACT_RU_EXECUTION e ON e.ID_ ="
            + " t.PROC_INST_ID_ ORDER BY t.CREATE_TIME_ DESC, t.ID_ LIMIT :limit OFFSET :offset",
        Map.of("limit", limit, "offset", offset),
        (RowCallbackHandler)
            row -> runs.put(row.getString("ID_"), row.getString("ROOT_PROC_INST_ID_")));
    Map<OpenTask, String> found = new LinkedHashMap<>();
    read(runs.keySet()).forEach(task -> found.put(task, runs.get(task.id())));
    return found;
  }

  /** The tasks in the given order, without those completed meanwhile. */
  private List<OpenTask> read(Collection<String> taskIds) {
    if (taskIds.isEmpty()) {
      return List.of();
    }
    Map<String, List<String>> groups = new HashMap<>();
    query(
        "SELECT TASK_ID_, GROUP_ID_ FROM ACT_RU_IDENTITYLINK WHERE GROUP_ID_ IS NOT NULL AND TASK_ID_"
            + " IN (:ids) ORDER BY GROUP_ID_",
        taskIds,
        row -> add(groups, row.getString("TASK_ID_"), row.getString("GROUP_ID_")));
    Map<String, Task> open =
        tasks
            .createTaskQuery()
            .taskIdIn(taskIds.toArray(String[]::new))
            .initializeFormKeys()
            .list()
            .stream()
            .collect(Collectors.toMap(Task::getId, task -> task));
    return taskIds.stream()
        .map(open::get)
        .filter(Objects::nonNull)
        .map(task -> describe(task, groups.getOrDefault(task.getId(), List.of())))
        .toList();
  }

  private static OpenTask describe(Task task, List<String> groups) {
    Instant due = instant(task.getDueDate());
    return new OpenTask(
        task.getId(),
        task.getProcessInstanceId(),
        task.getTaskDefinitionKey(),
        task.getName(),
        task.getDescription(),
        task.getCamundaFormRef() == null ? null : task.getCamundaFormRef().getKey(),
        groups,
        task.getAssignee(),
        instant(task.getCreateTime()),
        due,
        due != null && due.isBefore(Instant.now()));
  }

  /** The engine's own queries take one run at a time. */
  private void query(String sql, Collection<String> ids, RowCallbackHandler each) {
    if (!ids.isEmpty()) {
      jdbc.query(sql, Map.of("ids", ids), each);
    }
  }

  private static <T> void add(Map<String, List<T>> all, String key, T value) {
    all.computeIfAbsent(key, none -> new ArrayList<>()).add(value);
  }

  private static Instant instant(Date date) {
    return date == null ? null : date.toInstant();
  }
}
