package io.belay.model.lint;

import io.belay.step.StepDelegate;
import io.belay.step.StepPlan.Effect;
import io.belay.step.UndoDelegate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.camunda.bpm.model.bpmn.instance.Activity;
import org.camunda.bpm.model.bpmn.instance.CallActivity;
import org.camunda.bpm.model.bpmn.instance.ServiceTask;
import org.camunda.bpm.model.bpmn.instance.camunda.CamundaIn;

/**
 * The undo of a phase takes back each kind of change that its phase makes, and no other, on the
 * targets that the phase is given.
 */
final class UndoFitsPhase implements Rule {

  @Override
  public void check(ModelSet set, Consumer<Finding> out) {
    for (ProcessFile runbook : set.runbooks()) {
      Ladder ladder = new Ladder(runbook);
      for (CallActivity phase : ladder.phases()) {
        List<ServiceTask> done = tasks(set, phase);
        ladder
            .handlers(phase)
            .forEach(
                handler ->
                    otherLiterals(phase, handler)
                        .forEach(rule -> out.accept(runbook.finding(handler, rule))));
        ladder
            .handlers(phase)
            .filter(handler -> areKnown(set, done) && areKnown(set, tasks(set, handler)))
            .forEach(
                handler ->
                    check(phase, steps(set, done), steps(set, tasks(set, handler)))
                        .forEach(rule -> out.accept(runbook.finding(handler, rule))));
      }
    }
  }

  /** What the undo is given by its own name, and is not what the phase is given by it. */
  private static Stream<String> otherLiterals(CallActivity phase, Activity handler) {
    Map<String, String> ofPhase = passed(phase);
    Map<String, String> ofUndo = new TreeMap<>(passed(handler));
    ofUndo.putAll(Parameters.inputs(handler));
    return ofUndo.entrySet().stream()
        .filter(
            input ->
                ofPhase.containsKey(input.getKey())
                    && PlainExpressions.isLiteral(input.getValue())
                    && !input.getValue().equals(ofPhase.get(input.getKey())))
        .map(
            input ->
                "is given '%s' as '%s', but %s works on '%s'; give both the same"
                    .formatted(
                        input.getValue(),
                        input.getKey(),
                        phase.getId(),
                        ofPhase.get(input.getKey())));
  }

  /** The literals that a call passes. */
  private static Map<String, String> passed(Activity call) {
    Map<String, String> literals = new TreeMap<>();
    for (CamundaIn in : Parameters.extensions(call, CamundaIn.class)) {
      String value = in.getCamundaSourceExpression();
      if (in.getCamundaTarget() != null && value != null && PlainExpressions.isLiteral(value)) {
        literals.put(in.getCamundaTarget(), value);
      }
    }
    return literals;
  }

  /** Whether all tasks name known steps; {@link KnownSteps} refuses the others. */
  private static boolean areKnown(ModelSet set, List<ServiceTask> tasks) {
    return tasks.stream().allMatch(task -> set.steps().of(task).isPresent());
  }

  private static Stream<String> check(
      CallActivity phase,
      Map<String, StepDelegate<?, ?>> did,
      Map<String, StepDelegate<?, ?>> undo) {
    Set<String> standing = new TreeSet<>();
    did.forEach(
        (name, step) -> {
          boolean undoesItsOwn = UndoDelegate.undoes(step).stream().anyMatch(did::containsKey);
          if (step.effect() == Effect.CHANGES && !undoesItsOwn) {
            standing.add(name);
          }
        });
    undo.values().forEach(step -> standing.removeAll(UndoDelegate.undoes(step)));
    Stream<String> missing =
        standing.stream()
            .map(
                name ->
                    "takes nothing back of step '%s' in %s; add the step that undoes it"
                        .formatted(name, phase.getId()));
    Stream<String> foreign =
        undo.entrySet().stream()
            .filter(step -> !UndoDelegate.undoes(step.getValue()).isEmpty())
            .filter(
                step -> UndoDelegate.undoes(step.getValue()).stream().noneMatch(did::containsKey))
            .map(
                step ->
                    "its step '%s' takes back %s, which %s does not do; hang it on the phase that does"
                        .formatted(
                            step.getKey(), UndoDelegate.undoes(step.getValue()), phase.getId()));
    return Stream.concat(missing, foreign);
  }

  private static Map<String, StepDelegate<?, ?>> steps(ModelSet set, List<ServiceTask> tasks) {
    Map<String, StepDelegate<?, ?>> steps = new TreeMap<>();
    tasks.forEach(
        task -> steps.put(Steps.nameIn(task).orElseThrow(), set.steps().of(task).orElseThrow()));
    return steps;
  }

  private static List<ServiceTask> tasks(ModelSet set, Activity activity) {
    List<ServiceTask> tasks = new ArrayList<>();
    if (activity instanceof ServiceTask task) {
      tasks.add(task);
    } else if (activity instanceof CallActivity call) {
      set.called(call).ifPresent(process -> add(set, process, tasks, new TreeSet<>()));
    }
    return tasks;
  }

  private static void add(
      ModelSet set, ProcessFile process, List<ServiceTask> tasks, Set<String> seen) {
    if (seen.add(process.file())) {
      tasks.addAll(process.all(ServiceTask.class));
      process.all(CallActivity.class).stream()
          .flatMap(call -> set.called(call).stream())
          .forEach(called -> add(set, called, tasks, seen));
    }
  }
}
