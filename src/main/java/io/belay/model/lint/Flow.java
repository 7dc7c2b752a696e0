package io.belay.model.lint;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.camunda.bpm.model.bpmn.BpmnModelInstance;
import org.camunda.bpm.model.bpmn.instance.BoundaryEvent;
import org.camunda.bpm.model.bpmn.instance.EndEvent;
import org.camunda.bpm.model.bpmn.instance.FlowElement;
import org.camunda.bpm.model.bpmn.instance.FlowNode;
import org.camunda.bpm.model.bpmn.instance.Process;
import org.camunda.bpm.model.bpmn.instance.SequenceFlow;
import org.camunda.bpm.model.bpmn.instance.StartEvent;
import org.camunda.bpm.model.bpmn.instance.SubProcess;
import org.camunda.bpm.model.xml.instance.ModelElementInstance;

/**
 * The nodes that a token of one file can reach: along flows, over boundary events, into and out of
 * subprocesses, and at any time into the event subprocesses of its scope. Undo handlers are on no
 * path.
 *
 * <p>Read from the ends of the sequence flows, as the engine does. The model's own {@code
 * getIncoming} and {@code getOutgoing} rely on elements that the engine ignores, so that a file
 * could show one path and take another.
 */
final class Flow {

  private final Map<FlowNode, List<SequenceFlow>> outgoing = new HashMap<>();
  private final Map<FlowNode, List<SequenceFlow>> incoming = new HashMap<>();
  private final Map<FlowNode, List<FlowNode>> boundaries = new HashMap<>();

  Flow(BpmnModelInstance model) {
    for (SequenceFlow flow : model.getModelElementsByType(SequenceFlow.class)) {
      outgoing.computeIfAbsent(flow.getSource(), node -> new ArrayList<>()).add(flow);
      incoming.computeIfAbsent(flow.getTarget(), node -> new ArrayList<>()).add(flow);
    }
    for (BoundaryEvent event : model.getModelElementsByType(BoundaryEvent.class)) {
      boundaries.computeIfAbsent(event.getAttachedTo(), node -> new ArrayList<>()).add(event);
    }
  }

  List<SequenceFlow> outgoing(FlowNode node) {
    return outgoing.getOrDefault(node, List.of());
  }

  List<SequenceFlow> incoming(FlowNode node) {
    return incoming.getOrDefault(node, List.of());
  }

  /**
   * All nodes that can be reached, the starting ones included, without completing any of the
   * blocked ones. These can still be left by their boundary events.
   */
  Set<FlowNode> reachable(Collection<? extends FlowNode> from, Predicate<FlowNode> blocked) {
    Set<FlowNode> seen = new LinkedHashSet<>();
    Deque<FlowNode> open = new ArrayDeque<>(from);
    while (!open.isEmpty()) {
      FlowNode node = open.pop();
      if (blocked.test(node)) {
        open.addAll(boundaries.getOrDefault(node, List.of()));
      } else if (seen.add(node)) {
        open.addAll(next(node));
      }
    }
    return seen;
  }

  /** All nodes that can be reached after this one. */
  Set<FlowNode> behind(FlowNode node) {
    return reachable(next(node), any -> false);
  }

  /** Where a process or subprocess begins: its start events, and its event subprocesses. */
  static List<FlowNode> entries(ModelElementInstance scope) {
    Collection<FlowElement> elements =
        scope instanceof Process process
            ? process.getFlowElements()
            : ((SubProcess) scope).getFlowElements();
    return elements.stream()
        .filter(
            element ->
                element instanceof StartEvent
                    || element instanceof SubProcess sub && sub.triggeredByEvent())
        .map(FlowNode.class::cast)
        .toList();
  }

  private List<FlowNode> next(FlowNode node) {
    List<FlowNode> next = new ArrayList<>(boundaries.getOrDefault(node, List.of()));
    if (node instanceof SubProcess sub) {
      next.addAll(entries(sub));
    } else {
      outgoing(node).stream().map(SequenceFlow::getTarget).forEach(next::add);
    }
    if (node instanceof EndEvent && node.getParentElement() instanceof SubProcess around) {
      outgoing(around).stream().map(SequenceFlow::getTarget).forEach(next::add);
    }
    return next;
  }
}
