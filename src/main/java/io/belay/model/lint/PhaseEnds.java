package io.belay.model.lint;

import java.util.List;
import java.util.function.Consumer;
import org.camunda.bpm.model.bpmn.instance.EndEvent;
import org.camunda.bpm.model.bpmn.instance.FlowNode;
import org.camunda.bpm.model.bpmn.instance.SubProcess;

/** The end event that a phase reaches is its outcome; an undo has only one. */
final class PhaseEnds implements Rule {

  private static final List<String> OUTCOMES =
      List.of("End_Passed", "End_Failed", "End_Aborted", "End_TimedOut");
  private static final List<String> UNDONE = List.of("End_Undone");

  @Override
  public void check(ModelSet set, Consumer<Finding> out) {
    for (ProcessFile phase : set.phases()) {
      List<String> allowed = phase.isUndo() ? UNDONE : OUTCOMES;
      for (EndEvent end : phase.all(EndEvent.class)) {
        if (endsPhase(end) && allowed.stream().noneMatch(name -> isNamed(end, name))) {
          out.accept(
              phase.finding(
                  end,
                  "the end event says no outcome; its id is one of %s, or begins with it and '_'"
                      .formatted(allowed)));
        }
      }
      String good = allowed.get(0);
      if (phase.nodes().stream()
          .noneMatch(node -> node instanceof EndEvent && isNamed(node, good))) {
        out.accept(
            phase.finding(phase.process(), "never ends well; it needs an end event " + good));
      }
    }
  }

  /** Whether the node has that id, or that id with a suffix. */
  static boolean isNamed(FlowNode node, String name) {
    return node.getId() != null
        && (node.getId().equals(name) || node.getId().startsWith(name + "_"));
  }

  private static boolean endsPhase(EndEvent end) {
    return !(end.getParentElement() instanceof SubProcess sub) || sub.triggeredByEvent();
  }
}
