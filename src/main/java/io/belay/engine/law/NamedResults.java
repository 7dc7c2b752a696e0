package io.belay.engine.law;

import io.belay.step.Assignments;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.camunda.bpm.engine.delegate.DelegateExecution;
import org.camunda.bpm.engine.delegate.ExecutionListener;
import org.camunda.bpm.engine.impl.bpmn.parser.BpmnParse;
import org.camunda.bpm.engine.impl.pvm.process.ActivityImpl;
import org.camunda.bpm.engine.impl.util.xml.Element;

/**
 * Makes the results that an input of a step names variables of the phase, when the step has ended.
 * What the step did not return is there as null: a gate must not read the number of an earlier
 * measurement.
 */
public final class NamedResults implements ExecutionListener {

  private final List<String> inputs;

  private NamedResults(List<String> inputs) {
    this.inputs = inputs;
  }

  /**
   * @param namingInputs the inputs of a step that name results, by the step's name
   */
  public static void add(
      Element task, ActivityImpl activity, Function<String, List<String>> namingInputs) {
    String topic = attribute(task, "topic");
    String bean = Objects.requireNonNullElse(attribute(task, "delegateExpression"), "");
    List<String> inputs = namingInputs.apply(topic == null ? bean.replaceAll("[${}]", "") : topic);
    if (!inputs.isEmpty()) {
      activity.addBuiltInListener(EVENTNAME_END, new NamedResults(inputs));
    }
  }

  private static String attribute(Element task, String name) {
    return task.attributeNS(BpmnParse.CAMUNDA_BPMN_EXTENSIONS_NS, name);
  }

  @Override
  public void notify(DelegateExecution execution) {
    if (execution.isCanceled()) {
      return;
    }
    DelegateExecution phase = execution.getProcessInstance();
    for (String input : inputs) {
      Assignments.namesIn(execution.getVariableLocal(input))
          .forEach(name -> phase.setVariable(name, execution.getVariableLocal(name)));
    }
  }
}
