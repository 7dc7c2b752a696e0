package io.belay.model.lint;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.camunda.bpm.model.bpmn.instance.BoundaryEvent;
import org.camunda.bpm.model.bpmn.instance.FlowNode;
import org.camunda.bpm.model.bpmn.instance.SequenceFlow;
import org.camunda.bpm.model.bpmn.instance.bpmndi.BpmnEdge;
import org.camunda.bpm.model.bpmn.instance.bpmndi.BpmnShape;
import org.camunda.bpm.model.bpmn.instance.dc.Bounds;
import org.camunda.bpm.model.xml.instance.ModelElementInstance;

/**
 * Each node and flow is in the diagram, and none hides another: what is not drawn cannot be
 * watched.
 */
final class CompleteDiagram implements Rule {

  @Override
  public void check(ModelSet set, Consumer<Finding> out) {
    for (ProcessFile file : set.processes()) {
      checkShapes(file, out);
      checkEdges(file, out);
    }
  }

  private static void checkShapes(ProcessFile file, Consumer<Finding> out) {
    Map<String, BpmnShape> shapes = new HashMap<>();
    for (BpmnShape shape : file.model().getModelElementsByType(BpmnShape.class)) {
      if (shape.getBpmnElement() != null
          && shapes.put(shape.getBpmnElement().getId(), shape) != null) {
        out.accept(file.finding(shape.getBpmnElement(), "is drawn twice; remove a shape"));
      }
    }
    List<FlowNode> drawn = new ArrayList<>();
    for (FlowNode node : file.all(FlowNode.class)) {
      BpmnShape shape = shapes.get(node.getId());
      if (shape == null || shape.getBounds() == null) {
        out.accept(file.finding(node, "is not in the diagram; draw its shape"));
      } else if (!(shape.getBounds().getWidth() > 0 && shape.getBounds().getHeight() > 0)) {
        out.accept(file.finding(node, "its shape has no size; draw it"));
      } else if (!(node instanceof BoundaryEvent)) {
        drawn.add(node);
      }
    }
    drawn.sort(Comparator.comparing(FlowNode::getId));
    for (int i = 0; i < drawn.size(); i++) {
      for (int j = i + 1; j < drawn.size(); j++) {
        FlowNode one = drawn.get(i);
        FlowNode other = drawn.get(j);
        if (!contains(one, other)
            && !contains(other, one)
            && overlap(shapes.get(one.getId()), shapes.get(other.getId()))) {
          out.accept(
              file.finding(
                  one, "overlaps %s in the diagram; move one of them".formatted(other.getId())));
        }
      }
    }
  }

  private static void checkEdges(ProcessFile file, Consumer<Finding> out) {
    Map<String, Integer> waypoints = new HashMap<>();
    for (BpmnEdge edge : file.model().getModelElementsByType(BpmnEdge.class)) {
      if (edge.getBpmnElement() != null) {
        waypoints.put(edge.getBpmnElement().getId(), edge.getWaypoints().size());
      }
    }
    for (SequenceFlow flow : file.all(SequenceFlow.class)) {
      if (waypoints.getOrDefault(flow.getId(), 0) < 2) {
        out.accept(
            file.finding(flow, "is not in the diagram; draw its edge with two waypoints or more"));
      }
    }
  }

  private static boolean contains(FlowNode outer, FlowNode inner) {
    for (ModelElementInstance at = inner.getParentElement();
        at != null;
        at = at.getParentElement()) {
      if (at.equals(outer)) {
        return true;
      }
    }
    return false;
  }

  private static boolean overlap(BpmnShape one, BpmnShape other) {
    Bounds a = one.getBounds();
    Bounds b = other.getBounds();
    // A collapsed subprocess has its content on a plane of its own.
    return one.getParentElement().equals(other.getParentElement())
        && a.getX() < b.getX() + b.getWidth()
        && b.getX() < a.getX() + a.getWidth()
        && a.getY() < b.getY() + b.getHeight()
        && b.getY() < a.getY() + a.getHeight();
  }
}
