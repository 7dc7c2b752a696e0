package io.belay.engine.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.camunda.bpm.engine.FormService;
import org.camunda.bpm.engine.HistoryService;
import org.camunda.bpm.engine.TaskService;
import org.camunda.bpm.engine.exception.NullValueException;
import org.camunda.bpm.engine.form.CamundaFormRef;
import org.camunda.bpm.engine.task.Task;
import org.camunda.bpm.engine.task.TaskQuery;
import org.junit.jupiter.api.Test;

class TaskFormsTest {

  private static final String FORM =
      """
      {"components": [
        {"type": "group", "label": "Before you begin", "components": [
          {"type": "checkbox", "key": "saved", "label": "Saved"}]},
        {"type": "group", "components": [
          {"type": "textfield", "key": "shot", "disabled": true, "properties": {"type": "file"}}]}]}
      """;

  /** Whether the engine still has the task. */
  private boolean open = true;

  private final TaskForms forms =
      new TaskForms(
          as(FormService.class, (form, method, arguments) -> form()),
          as(TaskService.class, this::service),
          as(HistoryService.class, this::service),
          null,
          new ObjectMapper());

  private static ByteArrayInputStream form() {
    return new ByteArrayInputStream(FORM.getBytes(StandardCharsets.UTF_8));
  }

  private Object service(Object service, Method method, Object[] arguments) {
    if (method.getName().equals("getVariables")) {
      if (!open) {
        throw new NullValueException("task is null");
      }
      return Map.of();
    }
    return as(
        method.getReturnType(),
        (query, step, more) ->
            step.getName().equals("singleResult")
                ? method.getReturnType() == TaskQuery.class ? task() : null
                : query);
  }

  private Task task() {
    return open
        ? as(
            Task.class,
            (task, method, arguments) ->
                as(CamundaFormRef.class, (reference, get, none) -> "some-form"))
        : null;
  }

  private static <T> T as(Class<T> type, InvocationHandler handler) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }

  @Test
  void groupOfFields_hasItsLabelAboveThem_andAFileItsOwnType() {
    TaskForm form = forms.of("t");
    assertThat(form.elements())
        .extracting(TaskForm.Element::type, TaskForm.Element::label)
        .containsExactly(
            tuple("text", "### Before you begin"),
            tuple("checkbox", "Saved"),
            tuple("file", "shot"));
    assertThat(form.fields()).extracting(TaskForm.Element::key).containsExactly("saved");
  }

  @Test
  void taskThatIsCompletedWhileItsFormIsRead_isNotOpen() {
    TaskForms racing =
        new TaskForms(
            as(
                FormService.class,
                (form, method, arguments) -> {
                  open = false; // completed by somebody else now
                  return form();
                }),
            as(TaskService.class, this::service),
            null,
            null,
            new ObjectMapper());
    assertThatThrownBy(() -> racing.of("t"))
        .isInstanceOf(RunControl.NotPossible.class)
        .hasMessageContaining("task 't' is not open");
  }
}
