package io.belay.model.lint;

import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;
import org.camunda.bpm.model.bpmn.instance.BusinessRuleTask;
import org.camunda.bpm.model.bpmn.instance.CallActivity;

/**
 * What a model calls is in the same set and bound to the same deployment, so that a run keeps the
 * phases and criteria with which it started.
 */
final class References implements Rule {

  private static final String DEPLOYMENT = "deployment";

  @Override
  public void check(ModelSet set, Consumer<Finding> out) {
    for (ProcessFile file : set.processes()) {
      file.all(CallActivity.class).forEach(call -> checkCall(set, file, call, out));
      file.all(BusinessRuleTask.class).forEach(task -> checkDecision(set, file, task, out));
      if (callsItself(set, file, file, new HashSet<>())) {
        out.accept(file.finding(file.process(), "calls itself, so that it never ends"));
      }
    }
  }

  private static void checkCall(
      ModelSet set, ProcessFile file, CallActivity call, Consumer<Finding> out) {
    set.called(call)
        .ifPresentOrElse(
            called -> {
              if (called.isRunbook()) {
                out.accept(file.finding(call, "calls a runbook; only phases are called"));
              } else if (called.isUndo() != (call.isForCompensation() || file.isUndo())) {
                out.accept(
                    file.finding(
                        call,
                        called.isUndo()
                            ? "calls %s on the way up; only an undo does".formatted(called.name())
                            : "is an undo but calls %s; an undo calls a phase named undo-…"
                                .formatted(called.name())));
              }
            },
            () ->
                out.accept(
                    file.finding(
                        call,
                        "calls '%s', which is not in the set; add phases/%<s.bpmn"
                            .formatted(call.getCalledElement()))));
    if (!DEPLOYMENT.equals(call.getCamundaCalledElementBinding())) {
      out.accept(file.finding(call, "calledElementBinding is not 'deployment'; set it"));
    }
  }

  private static void checkDecision(
      ModelSet set, ProcessFile file, BusinessRuleTask task, Consumer<Finding> out) {
    String decision = task.getCamundaDecisionRef();
    boolean given = decision != null && PlainExpressions.variable(decision).isPresent();
    if (!given && set.decisions().stream().noneMatch(known -> known.name().equals(decision))) {
      out.accept(
          file.finding(
              task,
              "asks decision '%s', which is not in the set; add decisions/%<s.dmn"
                  .formatted(decision)));
    }
    if (!DEPLOYMENT.equals(task.getCamundaDecisionRefBinding())) {
      out.accept(file.finding(task, "decisionRefBinding is not 'deployment'; set it"));
    }
  }

  private static boolean callsItself(
      ModelSet set, ProcessFile start, ProcessFile at, Set<String> seen) {
    return at.all(CallActivity.class).stream()
        .flatMap(call -> set.called(call).stream())
        .anyMatch(
            called ->
                called.equals(start)
                    || seen.add(called.file()) && callsItself(set, start, called, seen));
  }
}
