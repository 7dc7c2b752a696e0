package io.belay.run;

import io.belay.engine.law.ApprovalBinding;
import io.belay.engine.law.StartRequirements;
import io.belay.journal.StepDurations;
import io.belay.model.RunRefused;
import io.belay.model.RunbookOutline.PhaseOutline;
import io.belay.model.RunbookOutline.TaskOutline;
import io.belay.model.Runbooks;
import io.belay.model.Runbooks.Runbook;
import io.belay.run.RunPlan.PlannedPhase;
import io.belay.run.RunPlan.PlannedTask;
import io.belay.step.StepCatalog;
import io.belay.step.StepPlan;
import io.belay.target.Environment;
import io.belay.target.Environments;
import io.belay.target.Leases;
import io.belay.target.Masking;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/** Makes dry runs. */
@Component
public class Planner {

  private final Runbooks runbooks;
  private final Environments environments;
  private final StepCatalog steps;
  private final StepDurations durations;
  private final Leases leases;
  private final StartRequirements requirements;

  Planner(
      Runbooks runbooks,
      Environments environments,
      StepCatalog steps,
      StepDurations durations,
      Leases leases,
      StartRequirements requirements) {
    this.runbooks = runbooks;
    this.environments = environments;
    this.steps = steps;
    this.durations = durations;
    this.leases = leases;
    this.requirements = requirements;
  }

  /**
   * Asks each step of the runbook what it would do.
   *
   * @throws RunRefused when a parameter is wrong
   * @throws io.belay.target.InvalidEnvironment when the environment is invalid
   */
  public RunPlan plan(Runbook runbook, Map<String, Object> given) {
    Map<String, Object> values = runbooks.parameters(runbook.key()).orElseThrow().validate(given);
    Environment environment = environments.load((String) values.get("environment"));
    var outline = runbooks.outline(runbook.definitionId(), values).orElseThrow();
    List<String> problems =
        held(environment, requirements.targets(runbook.definitionId(), values, environment));
    problems.addAll(requirements.unmet(runbook.definitionId(), values, environment));
    return new RunPlan(
        runbook.key(),
        environment.name(),
        values,
        problems.isEmpty() ? ApprovalBinding.files(environment) : new TreeMap<>(),
        problems,
        outline.forward().stream().map(phase -> plan(phase, environment)).toList(),
        outline.undo().stream().map(phase -> plan(phase, environment)).toList());
  }

  private List<String> held(Environment environment, Set<String> targets) {
    List<String> problems = new ArrayList<>();
    for (String name : targets) {
      leases
          .holder(environment.targets().get(name))
          .ifPresent(
              holder ->
                  problems.add("target %s is held by run %s".formatted(name, holder.runName())));
    }
    return problems;
  }

  private PlannedPhase plan(PhaseOutline phase, Environment environment) {
    return new PlannedPhase(
        phase.activityId(),
        phase.name(),
        Estimates.parse(phase.estimate()),
        phase.tasks().stream().map(task -> plan(task, environment)).toList());
  }

  private PlannedTask plan(TaskOutline task, Environment environment) {
    StepPlan plan = null;
    String problem = null;
    if (task.isStep()) {
      Map<String, Object> inputs = task.inputs();
      try {
        plan = steps.plan(task.step(), inputs, environment);
      } catch (Exception e) {
        String later = laterKnown(inputs);
        problem =
            later.isEmpty()
                ? Masking.of(environment).mask(String.valueOf(e.getMessage()))
                : "is known only during the run: depends on " + later;
      }
    }
    return new PlannedTask(
        task.kind(),
        task.activityId(),
        task.name(),
        task.step(),
        plan,
        problem,
        task.documentation(),
        task.step() == null ? null : durations.last(task.step()).orElse(null));
  }

  private static String laterKnown(Map<String, Object> inputs) {
    return inputs.entrySet().stream()
        .filter(input -> input.getValue() == null)
        .map(Map.Entry::getKey)
        .sorted()
        .collect(Collectors.joining(", "));
  }
}
