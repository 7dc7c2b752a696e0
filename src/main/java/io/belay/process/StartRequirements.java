package io.belay.process;

import io.belay.process.RunbookOutline.PhaseOutline;
import io.belay.process.RunbookOutline.TaskOutline;
import io.belay.step.StepCatalog;
import io.belay.target.Environment;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;

/**
 * What a runbook needs of an environment: the targets that its steps name, what each step demands
 * of them, and before the first change of a protected one an approval and a backup. Asked before a
 * run starts, so that none gets half way to a step that cannot be run. Only phases and undo steps
 * that these parameters can reach count.
 */
@Component
public class StartRequirements {

  private final ObjectProvider<Runbooks> runbooks;
  private final ObjectProvider<StepCatalog> steps;
  private final Forms forms;

  StartRequirements(
      ObjectProvider<Runbooks> runbooks, ObjectProvider<StepCatalog> steps, Forms forms) {
    this.runbooks = runbooks;
    this.steps = steps;
    this.forms = forms;
  }

  /** The rules that the environment breaks, each once; empty when the run can start. */
  public List<String> unmet(
      String definitionId, Map<String, Object> parameters, Environment environment) {
    RunbookOutline outline =
        Unchecked.withoutAuthorization(
            () -> runbooks.getObject().outline(definitionId, parameters).orElseThrow());
    String deployment =
        Unchecked.withoutAuthorization(
            () -> runbooks.getObject().deployment(definitionId).orElseThrow());
    Stream<String> ofSteps =
        Stream.concat(outline.forward().stream(), outline.undo().stream())
            .map(PhaseOutline::tasks)
            .flatMap(List::stream)
            .filter(TaskOutline::isStep)
            .flatMap(
                task ->
                    steps
                        .getObject()
                        .check(task.step(), task.inputs(parameters), environment)
                        .stream());
    Stream<String> ofChanges =
        new ChangeRequirements(
                steps.getObject(),
                environment,
                parameters,
                form -> ApprovalRules.isApproval(forms.of(deployment, form)))
            .unmet(outline).stream();
    return Stream.concat(ofSteps, ofChanges).distinct().toList();
  }
}
