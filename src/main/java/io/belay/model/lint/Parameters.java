package io.belay.model.lint;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.camunda.bpm.model.bpmn.instance.FlowNode;
import org.camunda.bpm.model.bpmn.instance.camunda.CamundaInputOutput;
import org.camunda.bpm.model.xml.instance.ModelElementInstance;

/** The input and output parameters of a task, by name, and other extensions of a node. */
final class Parameters {

  private Parameters() {}

  static Map<String, String> inputs(FlowNode task) {
    Map<String, String> inputs = new LinkedHashMap<>();
    extensions(task, CamundaInputOutput.class).stream()
        .flatMap(both -> both.getCamundaInputParameters().stream())
        .forEach(one -> inputs.put(one.getCamundaName(), one.getTextContent().trim()));
    return inputs;
  }

  static Map<String, String> outputs(FlowNode task) {
    Map<String, String> outputs = new LinkedHashMap<>();
    extensions(task, CamundaInputOutput.class).stream()
        .flatMap(both -> both.getCamundaOutputParameters().stream())
        .forEach(one -> outputs.put(one.getCamundaName(), one.getTextContent().trim()));
    return outputs;
  }

  static <T extends ModelElementInstance> List<T> extensions(FlowNode node, Class<T> type) {
    return node.getExtensionElements() == null
        ? List.of()
        : node.getExtensionElements().getElementsQuery().filterByType(type).list();
  }
}
