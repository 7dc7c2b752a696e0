package io.belay.model.lint;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.camunda.bpm.model.bpmn.instance.Activity;
import org.camunda.bpm.model.bpmn.instance.Association;
import org.camunda.bpm.model.bpmn.instance.BoundaryEvent;
import org.camunda.bpm.model.bpmn.instance.CallActivity;
import org.camunda.bpm.model.bpmn.instance.CompensateEventDefinition;
import org.camunda.bpm.model.bpmn.instance.ExclusiveGateway;
import org.camunda.bpm.model.bpmn.instance.FlowNode;
import org.camunda.bpm.model.bpmn.instance.IntermediateThrowEvent;
import org.camunda.bpm.model.bpmn.instance.SequenceFlow;

/** A runbook read as a ladder: phases and gates above, undo throws below. */
final class Ladder {

  private final ProcessFile file;
  private final Map<Activity, Set<FlowNode>> behind = new HashMap<>();

  Ladder(ProcessFile file) {
    this.file = file;
  }

  ProcessFile file() {
    return file;
  }

  /** The way down from one gate, up to its last node. */
  record Descent(List<IntermediateThrowEvent> rungs, FlowNode last) {

    /** The phases that are undone, in this order. */
    List<Activity> undone() {
      return rungs.stream().map(Ladder::target).filter(Objects::nonNull).toList();
    }
  }

  static Activity target(IntermediateThrowEvent rung) {
    return rung.getEventDefinitions().stream()
        .filter(CompensateEventDefinition.class::isInstance)
        .map(definition -> ((CompensateEventDefinition) definition).getActivity())
        .filter(Objects::nonNull)
        .findFirst()
        .orElse(null);
  }

  List<CallActivity> phases() {
    return file.all(CallActivity.class).stream().filter(call -> !call.isForCompensation()).toList();
  }

  List<IntermediateThrowEvent> rungs() {
    return file.all(IntermediateThrowEvent.class);
  }

  /** The phases that can have run when this one begins. */
  List<CallActivity> before(CallActivity phase) {
    return phases().stream().filter(other -> comesBefore(other, phase)).toList();
  }

  boolean comesBefore(Activity earlier, Activity later) {
    return !earlier.equals(later)
        && behind.computeIfAbsent(earlier, file.flow()::behind).contains(later);
  }

  /** The boundary events of the phase to which its undo is attached. */
  List<BoundaryEvent> undoMarks(Activity phase) {
    return file.all(BoundaryEvent.class).stream()
        .filter(event -> phase.equals(event.getAttachedTo()) && KnownEvents.isUndoMark(event))
        .toList();
  }

  Stream<Activity> handlers(Activity phase) {
    List<BoundaryEvent> marks = undoMarks(phase);
    return file.model().getModelElementsByType(Association.class).stream()
        .filter(
            line -> line.getSource() instanceof BoundaryEvent && marks.contains(line.getSource()))
        .map(Association::getTarget)
        .filter(Activity.class::isInstance)
        .map(Activity.class::cast)
        .filter(Activity::isForCompensation);
  }

  boolean isUndoable(Activity phase) {
    return handlers(phase).findAny().isPresent();
  }

  /** The splitting gateway that directly follows the phase, joins aside. */
  Optional<ExclusiveGateway> gate(CallActivity phase) {
    Set<FlowNode> seen = new HashSet<>();
    FlowNode node = phase;
    while (seen.add(node) && file.flow().outgoing(node).size() == 1) {
      node = file.flow().outgoing(node).get(0).getTarget();
      if (!(node instanceof ExclusiveGateway gateway)) {
        return Optional.empty();
      }
      if (file.flow().outgoing(gateway).size() > 1) {
        return Optional.of(gateway);
      }
    }
    return Optional.empty();
  }

  /**
   * Follows a gate's "no" over throws, joins and tasks to the first node that is a phase or has not
   * exactly one way on.
   */
  Descent descent(SequenceFlow no) {
    List<IntermediateThrowEvent> rungs = new ArrayList<>();
    Set<FlowNode> seen = new HashSet<>();
    FlowNode node = no.getTarget();
    while (seen.add(node)) {
      if (node instanceof IntermediateThrowEvent rung) {
        rungs.add(rung);
      }
      boolean isPhase = node instanceof CallActivity;
      if (isPhase || file.flow().outgoing(node).size() != 1) {
        break;
      }
      node = file.flow().outgoing(node).get(0).getTarget();
    }
    return new Descent(rungs, node);
  }
}
