package io.belay.model;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.camunda.bpm.model.bpmn.BpmnModelInstance;
import org.camunda.bpm.model.bpmn.instance.FlowNode;
import org.camunda.bpm.model.bpmn.instance.SequenceFlow;

/**
 * The sequence flows that leave each node of a model, read from the flows' own ends, as the engine
 * does. {@link FlowNode#getOutgoing} relies on elements that the engine ignores, so that a file
 * could show one path and take another.
 */
public final class Outgoing {

  private final Map<FlowNode, List<SequenceFlow>> flows = new HashMap<>();

  public Outgoing(BpmnModelInstance model) {
    for (SequenceFlow flow : model.getModelElementsByType(SequenceFlow.class)) {
      flows.computeIfAbsent(flow.getSource(), node -> new ArrayList<>()).add(flow);
    }
  }

  public List<SequenceFlow> of(FlowNode node) {
    return flows.getOrDefault(node, List.of());
  }
}
