package io.belay.engine.law;

import io.belay.model.Forms;
import io.belay.model.RunbookOutline;
import io.belay.model.RunbookOutline.PhaseOutline;
import io.belay.model.RunbookOutline.TaskOutline;
import io.belay.model.Runbooks;
import io.belay.model.Unchecked;
import io.belay.step.StepCatalog;
import io.belay.target.Environment;
import io.belay.target.TargetException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;

/**
 * What a runbook needs of an environment: the targets that its steps name, what each step demands
 * of them, and an approval and a backup before the first change of a protected one. Checked before
 * a run starts, so that no run gets half way to a step that cannot be run. Only phases and undo
 * steps that are reachable with the run's parameters count.
 */
@Component
public class StartRequirements {

  private final ObjectProvider<Runbooks> runbooks;
  private final ObjectProvider<StepCatalog> steps;
  private final Forms forms;
  private final TargetNames targets;

  StartRequirements(
      ObjectProvider<Runbooks> runbooks,
      ObjectProvider<StepCatalog> steps,
      Forms forms,
      TargetNames targets) {
    this.runbooks = runbooks;
    this.steps = steps;
    this.forms = forms;
    this.targets = targets;
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
                task -> steps.getObject().check(task.step(), task.inputs(), environment).stream());
    Stream<String> ofChanges =
        new ChangeRequirements(
                steps.getObject(),
                environment,
                form -> ApprovalRules.isApproval(forms.of(deployment, form)))
            .unmet(outline).stream();
    Stream<String> ofParameters =
        Unchecked.withoutAuthorization(() -> runbooks.getObject().parametersOf(definitionId))
            .stream()
            .flatMap(p -> targets.missing(p, parameters.get(p.name()), environment))
            .map("parameter "::concat);
    return Stream.of(
            ofParameters, ofInputs(outline, environment), ofSteps, ofChanges, ofFiles(environment))
        .flatMap(Function.identity())
        .distinct()
        .toList();
  }

  /** Names of the targets that a run's plan names, and that the run holds until it ends. */
  public Set<String> targets(
      String definitionId, Map<String, Object> parameters, Environment environment) {
    RunbookOutline outline =
        Unchecked.withoutAuthorization(
            () -> runbooks.getObject().outline(definitionId, parameters).orElseThrow());
    return Stream.concat(outline.forward().stream(), outline.undo().stream())
        .flatMap(phase -> phase.tasks().stream())
        .filter(TaskOutline::isStep)
        .flatMap(task -> steps.getObject().toHold(task.step(), task.inputs(), environment).stream())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** Why an approval could not be bound to the files: there are too many. */
  private static Stream<String> ofFiles(Environment environment) {
    try {
      ApprovalBinding.files(environment);
      return Stream.empty();
    } catch (TargetException tooMany) {
      return Stream.of(tooMany.getMessage());
    }
  }

  /** Inputs of phases whose value breaks a rule, or names a target that is not there. */
  private Stream<String> ofInputs(RunbookOutline outline, Environment environment) {
    return Stream.concat(outline.forward().stream(), outline.undo().stream())
        .flatMap(
            phase ->
                Stream.concat(
                        phase.problems().stream(),
                        phase.inputs().stream()
                            .flatMap(
                                given -> targets.missing(given.input(), given.value(), environment))
                            .map("input "::concat))
                    .map(rule -> "phase '%s': %s".formatted(phase.name(), rule)));
  }
}
