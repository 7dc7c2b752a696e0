package io.belay.engine.law;

import io.belay.model.RunbookOutline;
import io.belay.model.RunbookOutline.PhaseOutline;
import io.belay.model.RunbookOutline.TaskOutline;
import io.belay.step.InvalidStepInput;
import io.belay.step.StepCatalog;
import io.belay.step.StepDelegate;
import io.belay.step.StepDelegate.Backup;
import io.belay.step.StepPlan.Effect;
import io.belay.target.Environment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What {@link ChangeLaw} would refuse in the run, as far as a runbook's outline tells before it
 * starts: no approval, or no verified backup, stands before the first change of a protected target.
 */
final class ChangeRequirements {

  private final StepCatalog steps;
  private final Environment environment;
  private final Predicate<String> approves;
  private final List<String> unmet = new ArrayList<>();
  private final Set<String> backedUp = new HashSet<>();
  private final Set<String> verified = new HashSet<>();
  private boolean approved;
  private boolean changedSince;

  /**
   * @param approves whether the form with that id is an approval's
   */
  ChangeRequirements(StepCatalog steps, Environment environment, Predicate<String> approves) {
    this.steps = steps;
    this.environment = environment;
    this.approves = approves;
  }

  /** The rules that the outline breaks, in the order of the phases. */
  List<String> unmet(RunbookOutline outline) {
    for (PhaseOutline phase : outline.forward()) {
      for (TaskOutline task : phase.tasks()) {
        if (task.form() != null && approves.test(task.form())) {
          approved = true;
          changedSince = false;
        } else if (task.isStep()) {
          steps.find(task.step()).ifPresent(step -> look(phase, task, step));
        }
      }
    }
    return unmet;
  }

  private void look(PhaseOutline phase, TaskOutline task, StepDelegate<?, ?> step) {
    Set<String> targets = targets(task);
    if (step.backup() == Backup.TAKES) {
      backedUp.addAll(targets);
    } else if (step.backup() == Backup.VERIFIES) {
      targets.stream().filter(backedUp::contains).forEach(verified::add);
    }
    if (step.effect() == Effect.OBSERVES) {
      return;
    }
    String where = "phase '%s': '%s' ".formatted(phase.name(), task.name());
    if (step.effect() == Effect.CANNOT_BE_UNDONE && (!approved || changedSince)) {
      unmet.add(where + "cannot be undone, and has no approval of its own before it");
    }
    for (String target : targets) {
      if (environment.isProtected(target)) {
        if (!approved) {
          unmet.add(
              where + "changes the protected target '%s' before an approval".formatted(target));
        }
        if (environment.targets().get(target).holdsData() && !verified.contains(target)) {
          unmet.add(
              where
                  + "changes the protected target '%s' before a backup of it is verified"
                      .formatted(target));
        }
      }
    }
    changedSince = true;
  }

  /** Empty when the input is known only in the run: {@link ChangeLaw} decides there. */
  private Set<String> targets(TaskOutline task) {
    try {
      return steps.targets(task.step(), task.inputs(), environment);
    } catch (InvalidStepInput later) {
      return Set.of();
    }
  }
}
