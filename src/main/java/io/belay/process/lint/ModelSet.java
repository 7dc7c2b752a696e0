package io.belay.process.lint;

import io.belay.step.StepDelegate;
import io.belay.step.StepPlan.Effect;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.camunda.bpm.model.bpmn.instance.CallActivity;
import org.camunda.bpm.model.bpmn.instance.ServiceTask;

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

  Optional<ProcessFile> called(CallActivity call) {
    return Optional.ofNullable(byId.get(call.getCalledElement()));
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
