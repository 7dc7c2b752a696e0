package io.belay.process.lint;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.camunda.bpm.model.bpmn.instance.FlowNode;
import org.camunda.bpm.model.bpmn.instance.camunda.CamundaInputOutput;
import org.camunda.bpm.model.xml.instance.ModelElementInstance;

/** The input and output parameters of a task, by name, and other extensions of a node. */
final class Parameters {

  private Parameters() {}

  static Map<String, String> inputs(FlowNode task) {
    Map<String, String> inputs = new LinkedHashMap<>();
    of(task)
        .flatMap(both -> both.getCamundaInputParameters().stream())
        .forEach(one -> inputs.put(one.getCamundaName(), one.getTextContent().trim()));
    return inputs;
  }

  static Map<String, String> outputs(FlowNode task) {
    Map<String, String> outputs = new LinkedHashMap<>();
    of(task)
        .flatMap(both -> both.getCamundaOutputParameters().stream())
        .forEach(one -> outputs.put(one.getCamundaName(), one.getTextContent().trim()));
    return outputs;
  }

  private static Stream<CamundaInputOutput> of(FlowNode task) {
    return extensions(task, CamundaInputOutput.class).stream();
  }

  static <T extends ModelElementInstance> List<T> extensions(FlowNode node, Class<T> type) {
    return node.getExtensionElements() == null
        ? List.of()
        : node.getExtensionElements().getElementsQuery().filterByType(type).list();
  }
}
