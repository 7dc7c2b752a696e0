package io.belay.model.lint;

import io.belay.step.StepDelegate;
import io.belay.step.StepPlan.Effect;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.camunda.bpm.model.bpmn.instance.Activity;
import org.camunda.bpm.model.bpmn.instance.CallActivity;
import org.camunda.bpm.model.bpmn.instance.FlowNode;
import org.camunda.bpm.model.bpmn.instance.SequenceFlow;
import org.camunda.bpm.model.bpmn.instance.ServiceTask;
import org.camunda.bpm.model.bpmn.instance.UserTask;
import org.camunda.bpm.model.bpmn.instance.camunda.CamundaProperties;

/**
 * An irreversible step is marked, follows an approval of its own, and is followed by no path to the
 * bottom rail.
 */
final class Irreversible implements Rule {

  @Override
  public void check(ModelSet set, Consumer<Finding> out) {
    for (ProcessFile file : set.processes()) {
      file.all(ServiceTask.class).forEach(task -> checkMark(set, file, task, out));
      file.all(CallActivity.class).forEach(call -> checkMark(set, file, call, out));
      if (file.isUndo() && set.effects(file).contains(Effect.CANNOT_BE_UNDONE)) {
        out.accept(file.finding(file.process(), "an undo does nothing that cannot be undone"));
      }
    }
    for (ProcessFile runbook : set.runbooks()) {
      Ladder ladder = new Ladder(runbook);
      for (CallActivity phase : ladder.phases()) {
        if (set.effects(phase).contains(Effect.CANNOT_BE_UNDONE)) {
          checkApproval(set, ladder, phase, out);
        }
        if (WayDown.isPastReturn(set, ladder, phase)) {
          checkNoWayDown(ladder, phase, out);
        }
      }
    }
  }

  private static void checkMark(
      ModelSet set, ProcessFile file, ServiceTask task, Consumer<Finding> out) {
    set.steps()
        .of(task)
        .map(StepDelegate::effect)
        .filter(effect -> (effect == Effect.CANNOT_BE_UNDONE) != isMarked(task))
        .ifPresent(
            effect ->
                out.accept(
                    file.finding(
                        task,
                        isMarked(task)
                            ? "is marked irreversible, but its step can be undone; remove the mark"
                            : "its step cannot be undone; mark it with the property"
                                + " irreversible=true")));
  }

  private static void checkMark(
      ModelSet set, ProcessFile file, CallActivity call, Consumer<Finding> out) {
    if (isMarked(call) && !set.effects(call).contains(Effect.CANNOT_BE_UNDONE)) {
      out.accept(
          file.finding(
              call, "is marked irreversible, but its steps can be undone; remove the mark"));
    }
  }

  private static boolean isMarked(Activity activity) {
    return Parameters.extensions(activity, CamundaProperties.class).stream()
        .flatMap(properties -> properties.getCamundaProperties().stream())
        .anyMatch(
            property ->
                "irreversible".equals(property.getCamundaName())
                    && "true".equals(property.getCamundaValue()));
  }

  private static void checkNoWayDown(Ladder ladder, CallActivity phase, Consumer<Finding> out) {
    Set<FlowNode> behind = ladder.file().flow().behind(phase);
    boolean goesDown =
        ladder.rungs().stream().anyMatch(behind::contains)
            || behind.stream().anyMatch(node -> PhaseEnds.isNamed(node, "End_RolledBack"));
    if (goesDown) {
      out.accept(
          ladder
              .file()
              .finding(
                  phase,
                  "lies at or behind a step that cannot be undone, yet a way leads from it to the"
                      + " bottom rail; let its no lead to End_Completed"));
    }
  }

  private static void checkApproval(
      ModelSet set, Ladder ladder, CallActivity phase, Consumer<Finding> out) {
    boolean inside = set.called(phase).map(file -> isBehindApproval(set, file)).orElse(false);
    if (!inside && !approvedBefore(set, ladder.file().flow(), phase, new HashSet<>())) {
      out.accept(
          ladder
              .file()
              .finding(
                  phase,
                  "holds a step that cannot be undone, without an approval of its own; put a user"
                      + " task for approvers before the step, or into a phase between the last"
                      + " change and this one"));
    }
  }

  /** Whether a person approves in this phase on every path to the step. */
  private static boolean isBehindApproval(ModelSet set, ProcessFile file) {
    return file
        .flow()
        .reachable(
            Flow.entries(file.process()),
            node ->
                node instanceof UserTask task && UserTasks.isForApprovers(task)
                    || node instanceof CallActivity call && approves(set, call))
        .stream()
        .noneMatch(
            node ->
                node instanceof ServiceTask task
                        && set.steps().of(task).map(StepDelegate::effect).orElse(null)
                            == Effect.CANNOT_BE_UNDONE
                    || node instanceof CallActivity call
                        && set.effects(call).contains(Effect.CANNOT_BE_UNDONE));
  }

  /**
   * Whether on every path backwards an approving phase comes before another change or the start.
   */
  private static boolean approvedBefore(
      ModelSet set, Flow flow, FlowNode node, Set<FlowNode> seen) {
    List<SequenceFlow> ways = flow.incoming(node);
    return !ways.isEmpty()
        && ways.stream()
            .map(SequenceFlow::getSource)
            .filter(seen::add)
            .allMatch(
                before -> {
                  if (before instanceof CallActivity earlier) {
                    if (approves(set, earlier)) {
                      return true;
                    }
                    if (!List.of(Effect.OBSERVES).containsAll(set.effects(earlier))) {
                      return false;
                    }
                  }
                  return approvedBefore(set, flow, before, seen);
                });
  }

  private static boolean approves(ModelSet set, CallActivity call) {
    return set.called(call).map(file -> approves(set, file, new HashSet<>())).orElse(false);
  }

  /** Whether the phase, or one that it calls, asks approvers. */
  private static boolean approves(ModelSet set, ProcessFile file, Set<String> seen) {
    return seen.add(file.file())
        && (file.all(UserTask.class).stream().anyMatch(UserTasks::isForApprovers)
            || file.all(CallActivity.class).stream()
                .flatMap(call -> set.called(call).stream())
                .anyMatch(called -> approves(set, called, seen)));
  }
}
