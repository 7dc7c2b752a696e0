package io.belay.process.lint;

import io.belay.step.StepDelegate;
import io.belay.step.StepPlan.Effect;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.camunda.bpm.model.bpmn.instance.CallActivity;
import org.camunda.bpm.model.bpmn.instance.ServiceTask;

/** The models that are deployed together, as far as they could be read. */
record ModelSet(
    Steps steps, List<ProcessFile> processes, List<DecisionFile> decisions, List<FormFile> forms) {

  List<ProcessFile> runbooks() {
    return processes.stream().filter(ProcessFile::isRunbook).toList();
  }

  List<ProcessFile> phases() {
    return processes.stream().filter(process -> !process.isRunbook()).toList();
  }

  Optional<ProcessFile> process(String id) {
    return processes.stream().filter(file -> file.process().getId().equals(id)).findFirst();
  }

  Optional<ProcessFile> called(CallActivity call) {
    return process(call.getCalledElement());
  }

  /** What the steps of a process do, those of the processes that it calls included. */
  Set<Effect> effects(ProcessFile process) {
    Set<Effect> effects = EnumSet.noneOf(Effect.class);
    collect(process, effects, new HashSet<>());
    return effects;
  }

  Set<Effect> effects(CallActivity call) {
    return called(call).map(this::effects).orElse(Set.of());
  }

  private void collect(ProcessFile process, Set<Effect> effects, Set<String> seen) {
    if (seen.add(process.file())) {
      process.all(ServiceTask.class).stream()
          .flatMap(task -> steps.of(task).stream())
          .map(StepDelegate::effect)
          .forEach(effects::add);
      process.all(CallActivity.class).stream()
          .flatMap(call -> called(call).stream())
          .forEach(called -> collect(called, effects, seen));
    }
  }
}
