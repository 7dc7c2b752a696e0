package io.belay.model.lint;

import io.belay.model.RunbookOutline;
import io.belay.model.RunbookOutline.PhaseOutline;
import io.belay.model.RunbookOutline.TaskOutline;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.camunda.bpm.model.bpmn.instance.CallActivity;

/**
 * The steps of a phase, and of the phases that it calls in turn, accept what the runbook passes to
 * it.
 */
final class InputsOfCalledSteps implements Rule {

  private final InputCheck inputs;

  InputsOfCalledSteps(InputCheck inputs) {
    this.inputs = inputs;
  }

  @Override
  public void check(ModelSet set, Consumer<Finding> out) {
    boolean complete =
        set.processes().stream()
            .flatMap(file -> file.all(CallActivity.class).stream())
            .allMatch(call -> set.called(call).isPresent());
    if (complete) { // References refuses the others
      for (ProcessFile runbook : set.runbooks()) {
        RunbookOutline outline = set.outline(runbook);
        Stream.concat(outline.forward().stream(), outline.undo().stream())
            .forEach(phase -> check(set, runbook, phase, out));
      }
    }
  }

  private void check(ModelSet set, ProcessFile runbook, PhaseOutline phase, Consumer<Finding> out) {
    for (TaskOutline task : phase.tasks()) {
      if (task.isStep()) {
        Map<String, Object> given = new LinkedHashMap<>(task.inputs());
        given.values().removeIf(value -> value instanceof String text && text.isBlank());
        set.steps()
            .named(task.step())
            .flatMap(step -> inputs.problem(step, given))
            .ifPresent(
                problem ->
                    out.accept(
                        new Finding(
                            runbook.file(),
                            phase.activityId(),
                            "gives '%s' in '%s' the input %s"
                                .formatted(task.step(), task.name(), problem))));
      }
    }
  }
}
