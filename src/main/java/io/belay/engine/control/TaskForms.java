package io.belay.engine.control;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.camunda.bpm.engine.FormService;
import org.camunda.bpm.engine.TaskService;
import org.camunda.bpm.engine.task.Task;
import org.springframework.stereotype.Component;

/** The forms of open user tasks, as they were deployed with the run's models. */
@Component
public class TaskForms {

  private final FormService forms;
  private final TaskService tasks;
  private final ObjectMapper json;

  TaskForms(FormService forms, TaskService tasks, ObjectMapper json) {
    this.forms = forms;
    this.tasks = tasks;
    this.json = json;
  }

  /**
   * The form of an open task, with the values that the task has now; empty when it has none.
   *
   * @throws RunControl.NotPossible when the task is not open
   */
  public TaskForm of(String taskId) {
    Task task = tasks.createTaskQuery().taskId(taskId).initializeFormKeys().singleResult();
    if (task == null) {
      throw new RunControl.NotPossible("task '%s' is not open".formatted(taskId));
    }
    if (task.getCamundaFormRef() == null) {
      return new TaskForm(List.of());
    }
    try (InputStream form = forms.getDeployedTaskForm(taskId)) {
      JsonNode schema = json.readTree(form);
      Map<String, Object> values =
          new HashMap<>(tasks.getVariables(taskId, TaskForm.variables(schema)));
      return TaskForm.parse(schema, values);
    } catch (IOException e) {
      throw new IllegalStateException("the form of task " + taskId + " cannot be read", e);
    }
  }
}
