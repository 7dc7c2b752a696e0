package io.belay.model.lint;

import java.util.Collection;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.camunda.bpm.model.bpmn.instance.BoundaryEvent;
import org.camunda.bpm.model.bpmn.instance.CatchEvent;
import org.camunda.bpm.model.bpmn.instance.CompensateEventDefinition;
import org.camunda.bpm.model.bpmn.instance.Event;
import org.camunda.bpm.model.bpmn.instance.EventDefinition;
import org.camunda.bpm.model.bpmn.instance.StartEvent;
import org.camunda.bpm.model.bpmn.instance.SubProcess;
import org.camunda.bpm.model.bpmn.instance.ThrowEvent;

/**
 * Which events are allowed where. End events only state an outcome, because a phase never throws
 * out; a runbook's phases are never interrupted, because an interrupted phase loses its undo.
 */
final class KnownEvents implements Rule {

  @Override
  public void check(ModelSet set, Consumer<Finding> out) {
    for (ProcessFile file : set.processes()) {
      for (Event event : file.all(Event.class)) {
        Set<String> found =
            definitions(event).stream()
                .map(definition -> definition.getElementType().getTypeName())
                .map(name -> name.replace("EventDefinition", ""))
                .collect(Collectors.toSet());
        if (!interrupts(event)) {
          out.accept(
              file.finding(
                  event,
                  "does not interrupt, so that the phase would go on beside it; make it interrupting"));
        }
        Set<String> allowed = allowed(file, event);
        boolean known =
            allowed.isEmpty()
                ? found.isEmpty()
                : found.size() == 1 && allowed.containsAll(found)
                    || found.isEmpty() && allowed.contains("none");
        if (!known) {
          out.accept(
              file.finding(
                  event,
                  "a %s here is %s, but this one is %s"
                      .formatted(
                          event.getElementType().getTypeName(),
                          allowed.isEmpty()
                              ? "plain"
                              : "one of " + allowed.stream().sorted().toList(),
                          found.isEmpty() ? "plain" : found)));
        }
      }
    }
  }

  private static boolean interrupts(Event event) {
    return event instanceof BoundaryEvent boundary
        ? boundary.cancelActivity() || isUndoMark(boundary)
        : !(event instanceof StartEvent start) || start.isInterrupting();
  }

  static Collection<EventDefinition> definitions(Event event) {
    return event instanceof CatchEvent caught
        ? caught.getEventDefinitions()
        : ((ThrowEvent) event).getEventDefinitions();
  }

  static boolean isCompensation(Event event) {
    return definitions(event).stream().anyMatch(CompensateEventDefinition.class::isInstance);
  }

  private static Set<String> allowed(ProcessFile file, Event event) {
    return switch (event.getElementType().getTypeName()) {
      case "startEvent" -> {
        if (event.getParentElement() instanceof SubProcess sub) {
          yield sub.triggeredByEvent() ? Set.of("message", "timer", "error") : Set.of();
        }
        yield file.isRunbook() ? Set.of("none", "message") : Set.of();
      }
      case "boundaryEvent" ->
          file.isRunbook()
              ? Set.of("compensate")
              : Set.of("compensate", "timer", "error", "message");
      case "intermediateThrowEvent" -> Set.of("compensate");
      case "intermediateCatchEvent" -> Set.of("timer");
      default -> Set.of();
    };
  }

  /** Whether the event is a boundary event that only attaches the undo. */
  static boolean isUndoMark(Event event) {
    return event instanceof BoundaryEvent && isCompensation(event);
  }
}
