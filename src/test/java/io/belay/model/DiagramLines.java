package io.belay.model;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.camunda.bpm.model.bpmn.BpmnModelInstance;
import org.camunda.bpm.model.bpmn.instance.SequenceFlow;
import org.camunda.bpm.model.bpmn.instance.SubProcess;
import org.camunda.bpm.model.bpmn.instance.bpmndi.BpmnEdge;
import org.camunda.bpm.model.bpmn.instance.bpmndi.BpmnShape;
import org.camunda.bpm.model.bpmn.instance.dc.Bounds;
import org.camunda.bpm.model.bpmn.instance.di.Waypoint;

/** The lines of a diagram, cut into straight pieces. */
record DiagramLines(List<Piece> pieces, List<Box> boxes) {

  /**
   * A straight piece of a line.
   *
   * @param source where the line comes from; lines from one source may begin as one
   * @param target where it leads to; lines to one target may end as one
   * @param plane on which it is drawn: a collapsed subprocess has one of its own
   */
  record Piece(
      String line,
      String source,
      String target,
      Object plane,
      double x1,
      double y1,
      double x2,
      double y2) {

    boolean mayMeet(Piece other) {
      return line.equals(other.line)
          || source.equals(other.source)
          || target.equals(other.target)
          || !plane.equals(other.plane);
    }

    boolean slants() {
      return x1 != x2 && y1 != y2;
    }

    /** Whether they have a point in common that is not an end of both. */
    boolean crosses(Piece other) {
      boolean apart =
          Math.max(x1, x2) < Math.min(other.x1, other.x2)
              || Math.max(other.x1, other.x2) < Math.min(x1, x2)
              || Math.max(y1, y2) < Math.min(other.y1, other.y2)
              || Math.max(other.y1, other.y2) < Math.min(y1, y2);
      return !apart && !(endsAt(other) && other.endsAt(this));
    }

    private boolean endsAt(Piece other) {
      return touches(x1, y1, other) || touches(x2, y2, other);
    }

    private static boolean touches(double x, double y, Piece piece) {
      return x == piece.x1 && y == piece.y1 || x == piece.x2 && y == piece.y2;
    }
  }

  /** The outline of an element that no line may run through. */
  record Box(String element, Object plane, double left, double top, double right, double bottom) {

    boolean isCutBy(Piece piece) {
      return plane.equals(piece.plane)
          && Math.max(piece.x1, piece.x2) > left
          && Math.min(piece.x1, piece.x2) < right
          && Math.max(piece.y1, piece.y2) > top
          && Math.min(piece.y1, piece.y2) < bottom;
    }

    boolean overlaps(Box other) {
      return plane.equals(other.plane)
          && left < other.right
          && other.left < right
          && top < other.bottom
          && other.top < bottom;
    }
  }

  static DiagramLines of(BpmnModelInstance model) {
    List<Piece> pieces = new ArrayList<>();
    for (BpmnEdge edge : model.getModelElementsByType(BpmnEdge.class)) {
      List<Waypoint> points = List.copyOf(edge.getWaypoints());
      for (int i = 1; i < points.size(); i++) {
        Waypoint a = points.get(i - 1);
        Waypoint b = points.get(i);
        pieces.add(
            new Piece(
                edge.getBpmnElement().getId(),
                edge.getBpmnElement() instanceof SequenceFlow flow
                    ? flow.getSource().getId()
                    : edge.getBpmnElement().getId(),
                edge.getBpmnElement() instanceof SequenceFlow flow
                    ? flow.getTarget().getId()
                    : edge.getBpmnElement().getId(),
                edge.getParentElement(),
                a.getX(),
                a.getY(),
                b.getX(),
                b.getY()));
      }
    }
    Collection<BpmnShape> shapes = model.getModelElementsByType(BpmnShape.class);
    List<Box> boxes =
        shapes.stream()
            .filter(shape -> !(shape.getBpmnElement() instanceof SubProcess))
            .map(
                shape ->
                    box(
                        shape.getBpmnElement().getId(),
                        shape.getParentElement(),
                        shape.getBounds()))
            .toList();
    return new DiagramLines(pieces, boxes);
  }

  private static Box box(String element, Object plane, Bounds bounds) {
    return new Box(
        element,
        plane,
        bounds.getX(),
        bounds.getY(),
        bounds.getX() + bounds.getWidth(),
        bounds.getY() + bounds.getHeight());
  }

  /** Every slanted piece, crossing, and line through an element; empty for a good diagram. */
  List<String> mistakes() {
    List<String> mistakes = new ArrayList<>();
    for (int i = 0; i < pieces.size(); i++) {
      Piece piece = pieces.get(i);
      if (piece.slants()) {
        mistakes.add(piece.line() + " slants");
      }
      for (Piece other : pieces.subList(0, i)) {
        if (!piece.mayMeet(other) && piece.crosses(other)) {
          mistakes.add(piece.line() + " crosses " + other.line());
        }
      }
      for (Box box : boxes) {
        if (box.isCutBy(piece)) {
          mistakes.add(piece.line() + " runs through " + box.element());
        }
      }
    }
    return mistakes;
  }
}
