package io.belay.model.lint;

import io.belay.step.StepPlan.Effect;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.camunda.bpm.model.bpmn.instance.EndEvent;
import org.camunda.bpm.model.bpmn.instance.ErrorEventDefinition;
import org.camunda.bpm.model.bpmn.instance.EventDefinition;
import org.camunda.bpm.model.bpmn.instance.FlowNode;
import org.camunda.bpm.model.bpmn.instance.MessageEventDefinition;
import org.camunda.bpm.model.bpmn.instance.ServiceTask;
import org.camunda.bpm.model.bpmn.instance.StartEvent;
import org.camunda.bpm.model.bpmn.instance.SubProcess;
import org.camunda.bpm.model.bpmn.instance.TimerEventDefinition;

/**
 * A phase can be stopped at any time: by an operator, by its deadline, by a step that demands it.
 * It first waits until the steps that still work have stopped, because an undo must not race with
 * them. An undo is never stopped, and neither is a phase with an irreversible step. A part of a
 * phase ends with the phase around it.
 */
final class PhaseInterrupts implements Rule {

  private static final String AWAIT = "awaitStepsStopped";

  private record Interrupt(
      String what, Predicate<EventDefinition> event, String end, boolean awaitsSteps) {}

  private static final List<Interrupt> INTERRUPTS =
      List.of(
          new Interrupt(
              "message 'Abort'",
              event ->
                  event instanceof MessageEventDefinition message
                      && message.getMessage() != null
                      && "Abort".equals(message.getMessage().getName()),
              "End_Aborted",
              true),
          new Interrupt(
              "its deadline (timer)", TimerEventDefinition.class::isInstance, "End_TimedOut", true),
          new Interrupt(
              "error 'STOP'",
              event ->
                  event instanceof ErrorEventDefinition error
                      && error.getError() != null
                      && "STOP".equals(error.getError().getErrorCode()),
              "End_Failed",
              false));

  @Override
  public void check(ModelSet set, Consumer<Finding> out) {
    for (ProcessFile phase : set.phases()) {
      boolean part = set.isCalledByPhase(phase) && !set.isCalledByRunbook(phase);
      if (!part && !phase.isUndo() && !set.effects(phase).contains(Effect.CANNOT_BE_UNDONE)) {
        INTERRUPTS.forEach(interrupt -> check(phase, interrupt, out));
      }
    }
  }

  private static void check(ProcessFile phase, Interrupt interrupt, Consumer<Finding> out) {
    Optional<StartEvent> start =
        phase
            .eventSubProcesses()
            .flatMap(sub -> starts(sub).stream())
            .filter(event -> event.getEventDefinitions().stream().anyMatch(interrupt.event()))
            .filter(StartEvent::isInterrupting)
            .findFirst();
    if (start.isEmpty()) {
      out.accept(
          phase.finding(
              phase.process(),
              "cannot be stopped by %s; add an interrupting event subprocess that ends in %s"
                  .formatted(interrupt.what(), interrupt.end())));
      return;
    }
    Set<FlowNode> reached = phase.flow().reachable(start.stream().toList(), node -> false);
    for (FlowNode node : reached) {
      if (node instanceof EndEvent && !PhaseEnds.isNamed(node, interrupt.end())) {
        out.accept(
            phase.finding(
                node,
                "a phase that is stopped by %s ends in %s"
                    .formatted(interrupt.what(), interrupt.end())));
      }
    }
    if (interrupt.awaitsSteps()
        && phase.flow().reachable(start.stream().toList(), PhaseInterrupts::awaitsSteps).stream()
            .anyMatch(EndEvent.class::isInstance)) {
      out.accept(
          phase.finding(
              start.get(),
              "ends while a step may still work; put the external task %s before the end"
                  .formatted(AWAIT)));
    }
  }

  private static List<StartEvent> starts(SubProcess sub) {
    return Flow.entries(sub).stream()
        .filter(StartEvent.class::isInstance)
        .map(StartEvent.class::cast)
        .toList();
  }

  private static boolean awaitsSteps(FlowNode node) {
    return node instanceof ServiceTask task && AWAIT.equals(task.getCamundaTopic());
  }
}
