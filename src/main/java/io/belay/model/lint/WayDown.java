package io.belay.model.lint;

import io.belay.model.lint.Ladder.Descent;
import io.belay.step.StepPlan.Effect;
import java.util.List;
import java.util.function.Consumer;
import org.camunda.bpm.model.bpmn.instance.Activity;
import org.camunda.bpm.model.bpmn.instance.CallActivity;
import org.camunda.bpm.model.bpmn.instance.EndEvent;
import org.camunda.bpm.model.bpmn.instance.ExclusiveGateway;

/**
 * Each gate's "no" leads down through the undos of all phases that can have run, last one first, to
 * End_RolledBack. The throw for a phase that did not run does nothing, so alternatives may share a
 * rail.
 */
final class WayDown implements Rule {

  @Override
  public void check(ModelSet set, Consumer<Finding> out) {
    for (ProcessFile runbook : set.runbooks()) {
      Ladder ladder = new Ladder(runbook);
      for (CallActivity phase : ladder.phases()) {
        if (!isPastReturn(set, ladder, phase)) {
          ladder
              .gate(phase)
              .filter(gate -> gate.getDefault() != null)
              .ifPresent(
                  gate ->
                      check(ladder, phase, gate, rule -> out.accept(runbook.finding(gate, rule))));
        }
      }
      checkTop(ladder, out);
    }
  }

  /** Whether something irreversible may have been done when the phase has ended. */
  static boolean isPastReturn(ModelSet set, Ladder ladder, CallActivity phase) {
    return set.effects(phase).contains(Effect.CANNOT_BE_UNDONE)
        || ladder.before(phase).stream()
            .anyMatch(earlier -> set.effects(earlier).contains(Effect.CANNOT_BE_UNDONE));
  }

  private static void check(
      Ladder ladder, CallActivity phase, ExclusiveGateway gate, Consumer<String> refuse) {
    Descent descent = ladder.descent(gate.getDefault());
    if (!(descent.last() instanceof EndEvent)) {
      refuse.accept(
          "its no leads to %s; the way down has only throws, joins and notices, to End_RolledBack"
              .formatted(descent.last().getId()));
      return;
    }
    if (!PhaseEnds.isNamed(descent.last(), "End_RolledBack")) {
      refuse.accept(
          "its no leads to %s; let it lead to End_RolledBack".formatted(descent.last().getId()));
    }
    List<Activity> undone = descent.undone();
    if (ladder.isUndoable(phase) && !undone.contains(phase)) {
      refuse.accept(
          "its no leads past the undo of %s; let it lead to the throw at that phase"
              .formatted(phase.getId()));
    }
    for (CallActivity earlier : ladder.before(phase)) {
      if (ladder.isUndoable(earlier) && !undone.contains(earlier)) {
        refuse.accept(
            "its no leads past the undo of the earlier %s; chain all throws"
                .formatted(earlier.getId()));
      }
    }
    for (int i = 0; i < undone.size(); i++) {
      if (ladder.comesBefore(phase, undone.get(i))) {
        refuse.accept(
            "its no leads to the undo of %s, which comes later; enter the bottom rail below %s"
                .formatted(undone.get(i).getId(), phase.getId()));
      }
      for (int j = i + 1; j < undone.size(); j++) {
        if (ladder.comesBefore(undone.get(i), undone.get(j))) {
          refuse.accept(
              "the way down undoes %s before the later %s; chain the throws in the reverse order of the phases"
                  .formatted(undone.get(i).getId(), undone.get(j).getId()));
        }
      }
    }
  }

  /** Checks that there are phases, and that no gate's yes leads to the bottom rail. */
  private static void checkTop(Ladder ladder, Consumer<Finding> out) {
    List<CallActivity> phases = ladder.phases();
    if (phases.isEmpty()) {
      out.accept(
          ladder.file().finding(ladder.file().process(), "has no phase; a runbook calls phases"));
    }
    for (CallActivity phase : phases) {
      ladder
          .gate(phase)
          .ifPresent(
              gate ->
                  ladder.file().flow().outgoing(gate).stream()
                      .filter(flow -> !flow.equals(gate.getDefault()))
                      .map(ladder::descent)
                      .filter(WayDown::goesDown)
                      .forEach(
                          way ->
                              out.accept(
                                  ladder
                                      .file()
                                      .finding(
                                          gate,
                                          "its yes leads to the bottom rail; it leads on, or to"
                                              + " End_Completed"))));
    }
  }

  static boolean goesDown(Descent way) {
    return !way.rungs().isEmpty() || PhaseEnds.isNamed(way.last(), "End_RolledBack");
  }
}
