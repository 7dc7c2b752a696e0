package io.belay.model.lint;

import io.belay.step.StepDelegate;
import io.belay.step.StepPlan.Effect;
import io.belay.step.UndoDelegate;
import java.util.function.Consumer;
import org.camunda.bpm.model.bpmn.instance.ServiceTask;
import org.camunda.bpm.model.bpmn.instance.camunda.CamundaProperties;

/** Only a change that an undo can take back is marked temporary. */
final class TemporaryChanges implements Rule {

  @Override
  public void check(ModelSet set, Consumer<Finding> out) {
    set.processes()
        .forEach(
            file -> file.all(ServiceTask.class).forEach(task -> checkMark(set, file, task, out)));
  }

  private static boolean mustBeTakenBack(StepDelegate<?, ?> step) {
    return step.effect() == Effect.CHANGES && UndoDelegate.undoes(step).isEmpty();
  }

  private static void checkMark(
      ModelSet set, ProcessFile file, ServiceTask task, Consumer<Finding> out) {
    if (isTemporary(task)
        && set.steps().of(task).filter(step -> !mustBeTakenBack(step)).isPresent()) {
      out.accept(
          file.finding(
              task,
              "is marked temporary, but its step changes nothing that an undo could take back"));
    }
  }

  private static boolean isTemporary(ServiceTask task) {
    return Parameters.extensions(task, CamundaProperties.class).stream()
        .flatMap(properties -> properties.getCamundaProperties().stream())
        .anyMatch(property -> "temporary".equals(property.getCamundaName()));
  }
}
