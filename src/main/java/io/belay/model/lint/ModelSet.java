package io.belay.model.lint;

import io.belay.model.OutlineReader;
import io.belay.model.RunbookOutline;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan.Effect;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.camunda.bpm.model.bpmn.BpmnModelInstance;
import org.camunda.bpm.model.bpmn.instance.CallActivity;
import org.camunda.bpm.model.bpmn.instance.ServiceTask;
import org.camunda.bpm.model.dmn.instance.InputExpression;

/** The models that are deployed together, as far as they could be read. */
final class ModelSet {

  private final Steps steps;
  private final List<ProcessFile> processes;
  private final List<DecisionFile> decisions;
  private final List<FormFile> forms;
  private final Map<String, ProcessFile> byId = new HashMap<>();
  private final Map<String, Set<Effect>> effects = new HashMap<>();

  ModelSet(
      Steps steps,
      List<ProcessFile> processes,
      List<DecisionFile> decisions,
      List<FormFile> forms) {
    this.steps = steps;
    this.processes = processes;
    this.decisions = decisions;
    this.forms = forms;
    processes.forEach(process -> byId.putIfAbsent(process.process().getId(), process));
  }

  Steps steps() {
    return steps;
  }

  List<ProcessFile> processes() {
    return processes;
  }

  List<DecisionFile> decisions() {
    return decisions;
  }

  List<FormFile> forms() {
    return forms;
  }

  List<ProcessFile> runbooks() {
    return processes.stream().filter(ProcessFile::isRunbook).toList();
  }

  List<ProcessFile> phases() {
    return processes.stream().filter(process -> !process.isRunbook()).toList();
  }

  /**
   * Whether a runbook calls that phase itself, so that it is one of those that an abort, a deadline
   * or a stop has to end. Others are parts of phases, and end with the phase around them.
   */
  boolean isCalledByRunbook(ProcessFile phase) {
    return runbooks().stream()
        .flatMap(runbook -> runbook.all(CallActivity.class).stream())
        .anyMatch(call -> phase.process().getId().equals(call.getCalledElement()));
  }

  boolean isCalledByPhase(ProcessFile phase) {
    return phases().stream()
        .flatMap(caller -> caller.all(CallActivity.class).stream())
        .anyMatch(call -> phase.process().getId().equals(call.getCalledElement()));
  }

  Optional<ProcessFile> called(CallActivity call) {
    return Optional.ofNullable(byId.get(call.getCalledElement()));
  }

  /** The variables that a decision table asks; none when the set has no such table. */
  Set<String> asked(String table) {
    return decisions.stream()
        .filter(decision -> decision.name().equals(table))
        .flatMap(
            decision -> decision.model().getModelElementsByType(InputExpression.class).stream())
        .map(input -> DecisionFile.text(input.getText()))
        .filter(text -> text.matches("[A-Za-z][A-Za-z0-9_]*"))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** What a runbook goes through, with the inputs that the models give by themselves. */
  RunbookOutline outline(ProcessFile runbook) {
    return new OutlineReader(
            new OutlineReader.Source() {
              @Override
              public BpmnModelInstance called(String process) {
                return byId.get(process).model();
              }

              @Override
              public Map<String, String> items(ServiceTask task) {
                return steps.of(task).map(StepDelegate::items).orElse(Map.of());
              }
            },
            Map.of())
        .read(runbook.model());
  }

  /** What the steps of a process do, those of the processes that it calls included. */
  Set<Effect> effects(ProcessFile process) {
    return effects.computeIfAbsent(
        process.file(),
        file -> {
          Set<Effect> found = EnumSet.noneOf(Effect.class);
          collect(process, found, new HashSet<>());
          return found;
        });
  }

  Set<Effect> effects(CallActivity call) {
    return called(call).map(this::effects).orElse(Set.of());
  }

  private void collect(ProcessFile process, Set<Effect> found, Set<String> seen) {
    if (seen.add(process.file())) {
      process.all(ServiceTask.class).stream()
          .flatMap(task -> steps.of(task).stream())
          .map(StepDelegate::effect)
          .forEach(found::add);
      process.all(CallActivity.class).stream()
          .flatMap(call -> called(call).stream())
          .forEach(called -> collect(called, found, seen));
    }
  }
}
