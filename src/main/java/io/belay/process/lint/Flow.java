package io.belay.process.lint;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
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
 * Where a token can get to: along flows, over boundary events, into and out of subprocesses, and at
 * any time into the event subprocesses of its scope. Undo handlers are not on any way.
 */
final class Flow {

  private Flow() {}

  /** All nodes that can be reached, the starting ones included, never stepping on some. */
  static Set<FlowNode> reachable(Collection<? extends FlowNode> from, Predicate<FlowNode> blocked) {
    Set<FlowNode> seen = new LinkedHashSet<>();
    Deque<FlowNode> open = new ArrayDeque<>(from);
    while (!open.isEmpty()) {
      FlowNode node = open.pop();
      if (!blocked.test(node) && seen.add(node)) {
        open.addAll(next(node));
      }
    }
    return seen;
  }

  static Set<FlowNode> reachable(FlowNode from) {
    return reachable(next(from), node -> false);
  }

  /** Where a scope begins: its start events, and its event subprocesses. */
  static List<FlowNode> entries(ModelElementInstance scope) {
    return elements(scope).stream()
        .filter(
            element ->
                element instanceof StartEvent
                    || element instanceof SubProcess sub && sub.triggeredByEvent())
        .map(FlowNode.class::cast)
        .toList();
  }

  static List<FlowNode> next(FlowNode node) {
    List<FlowNode> next = new ArrayList<>();
    node.getOutgoing().stream().map(SequenceFlow::getTarget).forEach(next::add);
    if (node instanceof SubProcess sub) {
      next.removeIf(after -> !sub.triggeredByEvent());
      next.addAll(entries(sub));
    }
    if (node instanceof EndEvent && node.getParentElement() instanceof SubProcess around) {
      around.getOutgoing().stream().map(SequenceFlow::getTarget).forEach(next::add);
    }
    for (FlowElement other : elements(node.getParentElement())) {
      if (other instanceof BoundaryEvent boundary && node.equals(boundary.getAttachedTo())) {
        next.add(boundary);
      }
    }
    return next;
  }

  private static Collection<FlowElement> elements(ModelElementInstance scope) {
    if (scope instanceof Process process) {
      return process.getFlowElements();
    }
    return scope instanceof SubProcess sub ? sub.getFlowElements() : List.of();
  }
}
