package io.belay.model.lint;

import io.belay.step.StepPlan.Effect;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.camunda.bpm.model.bpmn.instance.Activity;
import org.camunda.bpm.model.bpmn.instance.CallActivity;
import org.camunda.bpm.model.bpmn.instance.IntermediateThrowEvent;

/** Every phase that changes something has an undo, and the undo is thrown on the bottom rail. */
final class UndoForEachChange implements Rule {

  @Override
  public void check(ModelSet set, Consumer<Finding> out) {
    for (ProcessFile runbook : set.runbooks()) {
      Ladder ladder = new Ladder(runbook);
      ladder.phases().forEach(phase -> checkPhase(set, ladder, phase, out));
      ladder.rungs().forEach(rung -> checkRung(ladder, rung, out));
    }
  }

  private static void checkPhase(
      ModelSet set, Ladder ladder, CallActivity phase, Consumer<Finding> out) {
    Consumer<String> refuse = rule -> out.accept(ladder.file().finding(phase, rule));
    Set<Effect> effects = set.effects(phase);
    long handlers = ladder.handlers(phase).count();
    if (effects.contains(Effect.CANNOT_BE_UNDONE)) {
      if (handlers > 0) {
        refuse.accept("holds a step that cannot be undone, and so has no undo; remove the undo");
      }
      if (effects.contains(Effect.CHANGES)) {
        refuse.accept(
            "mixes steps that can be undone with one that cannot; put the latter into a phase of"
                + " its own");
      }
      return;
    }
    if (effects.contains(Effect.CHANGES) && handlers == 0) {
      refuse.accept(
          "changes something but has no undo; attach a compensation boundary event that is"
              + " associated with an undo handler");
    }
    if (handlers > 1 || ladder.undoMarks(phase).size() > handlers) {
      refuse.accept("a phase has one undo, associated with its compensation boundary event");
    }
    if (handlers > 0
        && ladder.rungs().stream().noneMatch(rung -> phase.equals(Ladder.target(rung)))) {
      refuse.accept(
          "its undo is never thrown; add a compensation throw event with activityRef '%s' to the"
                  .formatted(phase.getId())
              + " bottom rail");
    }
  }

  private static void checkRung(Ladder ladder, IntermediateThrowEvent rung, Consumer<Finding> out) {
    Activity target = Ladder.target(rung);
    Consumer<String> refuse = rule -> out.accept(ladder.file().finding(rung, rule));
    if (target == null) {
      refuse.accept(
          "throws at nothing in particular, which starts all undos at once; set activityRef to one"
              + " phase");
    } else if (!ladder.isUndoable(target)) {
      refuse.accept("throws at '%s', which has no undo".formatted(target.getId()));
    } else {
      List<IntermediateThrowEvent> same =
          ladder.rungs().stream().filter(other -> target.equals(Ladder.target(other))).toList();
      if (!same.get(0).equals(rung)) {
        refuse.accept(
            "throws at '%s', and so does %s; keep one"
                .formatted(target.getId(), same.get(0).getId()));
      }
    }
  }
}
