package io.belay.engine.control;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.belay.engine.law.ProofJournal;
import io.belay.model.Forms;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.camunda.bpm.engine.FormService;
import org.camunda.bpm.engine.HistoryService;
import org.camunda.bpm.engine.ProcessEngineException;
import org.camunda.bpm.engine.TaskService;
import org.camunda.bpm.engine.task.Task;
import org.springframework.stereotype.Component;

/** The forms of open user tasks, as they were deployed with the run's models. */
@Component
public class TaskForms {

  private final FormService forms;
  private final TaskService tasks;
  private final HistoryService history;
  private final ProofJournal proofs;
  private final ObjectMapper json;

  TaskForms(
      FormService forms,
      TaskService tasks,
      HistoryService history,
      ProofJournal proofs,
      ObjectMapper json) {
    this.forms = forms;
    this.tasks = tasks;
    this.history = history;
    this.proofs = proofs;
    this.json = json;
  }

  /**
   * The form of an open task, with the values that the task has now; empty when it has none.
   *
   * @throws RunControl.NotPossible when the task is not open
   */
  public TaskForm of(String taskId) {
    Task task = open(taskId);
    if (task.getCamundaFormRef() == null) {
      return new TaskForm(List.of());
    }
    try (InputStream form = forms.getDeployedTaskForm(taskId)) {
      JsonNode schema = json.readTree(form);
      Map<String, Object> values =
          new HashMap<>(tasks.getVariables(taskId, TaskForm.variables(schema)));
      schema.findParents("key").stream()
          .filter(Forms::isUpload)
          .forEach(field -> values.put(field.path("key").asText(), uploaded(taskId)));
      return TaskForm.parse(schema, values);
    } catch (ProcessEngineException e) {
      open(taskId); // somebody may have completed it since
      throw e;
    } catch (IOException e) {
      throw new IllegalStateException("the form of task " + taskId + " cannot be read", e);
    }
  }

  private Task open(String taskId) {
    Task task = tasks.createTaskQuery().taskId(taskId).initializeFormKeys().singleResult();
    if (task == null) {
      throw new RunControl.NotPossible("task '%s' is not open".formatted(taskId));
    }
    return task;
  }

  /** The last file that was uploaded to the task; null for none. */
  private String uploaded(String taskId) {
    var task = history.createHistoricTaskInstanceQuery().taskId(taskId).singleResult();
    return task == null
        ? null
        : proofs.of(task.getRootProcessInstanceId(), task.getActivityInstanceId()).stream()
            .reduce((earlier, later) -> later)
            .orElse(null);
  }
}
