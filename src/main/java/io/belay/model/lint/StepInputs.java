package io.belay.model.lint;

import io.belay.step.StepDelegate;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.camunda.bpm.model.bpmn.instance.ServiceTask;
import org.camunda.bpm.model.bpmn.instance.camunda.CamundaInputOutput;
import org.camunda.bpm.model.bpmn.instance.camunda.CamundaInputParameter;

/** A step gets every required input, and only inputs that it has and accepts. */
final class StepInputs implements Rule {

  private final InputCheck inputs;

  StepInputs(InputCheck inputs) {
    this.inputs = inputs;
  }

  @Override
  public void check(ModelSet set, Consumer<Finding> out) {
    for (ProcessFile file : set.processes()) {
      for (ServiceTask task : file.all(ServiceTask.class)) {
        set.steps()
            .of(task)
            .ifPresent(
                delegate -> check(delegate, task, rule -> out.accept(file.finding(task, rule))));
      }
    }
  }

  private void check(StepDelegate<?, ?> delegate, ServiceTask task, Consumer<String> out) {
    List<String> known = names(delegate.inputType());
    Map<String, Object> given = new LinkedHashMap<>();
    for (CamundaInputParameter parameter :
        Parameters.extensions(task, CamundaInputOutput.class).stream()
            .flatMap(both -> both.getCamundaInputParameters().stream())
            .toList()) {
      String name = parameter.getCamundaName();
      String text = parameter.getTextContent().trim();
      if (!known.contains(name)) {
        out.accept(
            "the step has no input '%s'; it has %s"
                .formatted(name, known.isEmpty() ? "none" : known));
      } else if (given.containsKey(name)) {
        out.accept("input '%s' is given twice; keep one".formatted(name));
      } else if (!text.isEmpty()) {
        given.put(name, PlainExpressions.isLiteral(text) ? text : null);
      }
    }
    inputs.problem(delegate, given).ifPresent(problem -> out.accept("input " + problem));
  }

  private static List<String> names(Class<? extends Record> type) {
    return Arrays.stream(type.getRecordComponents()).map(RecordComponent::getName).toList();
  }
}
