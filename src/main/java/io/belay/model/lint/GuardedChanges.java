package io.belay.model.lint;

import io.belay.step.StepDelegate;
import io.belay.step.StepDelegate.Backup;
import io.belay.step.StepPlan.Effect;
import io.belay.target.ProtectedTargets;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.camunda.bpm.model.bpmn.instance.CallActivity;
import org.camunda.bpm.model.bpmn.instance.EndEvent;
import org.camunda.bpm.model.bpmn.instance.FlowNode;
import org.camunda.bpm.model.bpmn.instance.ServiceTask;
import org.camunda.bpm.model.bpmn.instance.UserTask;

/**
 * On every way through a runbook and the phases that it calls, an approval comes before the first
 * change of a protected target, and a verified backup before a change that can lose its data. The
 * engine demands the same of each run.
 */
final class GuardedChanges implements Rule {

  /** Maximum depth of calls. */
  private static final int DEEPEST = 10;

  private final Supplier<ProtectedTargets> protection;

  GuardedChanges(Supplier<ProtectedTargets> protection) {
    this.protection = protection;
  }

  /**
   * A change of protected targets.
   *
   * @param changed their names
   * @param losesData whether it can lose their data
   */
  private record Change(ServiceTask task, Set<String> changed, boolean losesData) {}

  /** What must come first: whether a node is it, with the values that the models give there. */
  private interface Guard {
    boolean test(FlowNode node, Map<String, String> literals);
  }

  @Override
  public void check(ModelSet set, Consumer<Finding> out) {
    boolean complete =
        set.processes().stream()
            .flatMap(file -> file.all(CallActivity.class).stream())
            .allMatch(call -> set.called(call).isPresent());
    if (complete) { // References refuses the others
      ProtectedTargets targets = protection.get();
      set.runbooks().forEach(runbook -> new OfRunbook(set, runbook, targets, out).check());
    }
  }

  private static final class OfRunbook {

    private final ModelSet set;
    private final ProcessFile runbook;
    private final Consumer<Finding> out;
    private final ProtectedTargets targets;

    OfRunbook(ModelSet set, ProcessFile runbook, ProtectedTargets targets, Consumer<Finding> out) {
      this.targets = targets;
      this.set = set;
      this.runbook = runbook;
      this.out = out;
    }

    void check() {
      Set<Set<String>> backups = new LinkedHashSet<>();
      for (CallActivity phase : new Ladder(runbook).phases()) {
        changes(phase, Map.of(), (node, literals) -> false, 0)
            .filter(Change::losesData)
            .forEach(change -> backups.add(backupOf(change)));
        early(phase, (node, literals) -> approves(node))
            .findFirst()
            .ifPresent(
                change -> refuse(phase, change, "an approval; put a phase that approves first"));
        for (Set<String> names : backups) {
          early(phase, (node, literals) -> verifies(node, literals, names))
              .filter(change -> change.losesData() && backupOf(change).equals(names))
              .findFirst()
              .ifPresent(
                  change ->
                      refuse(
                          phase,
                          change,
                          "a backup of it was verified; put a phase first that takes and verifies"
                              + " one"));
        }
      }
    }

    private void refuse(CallActivity phase, Change change, String guard) {
      out.accept(
          runbook.finding(
              phase,
              "changes the protected %s in '%s' before %s, on every way that leads here"
                  .formatted(String.join(", ", change.changed()), change.task().getName(), guard)));
    }

    private Set<String> backupOf(Change change) {
      return targets.areNamed() ? change.changed() : Set.of();
    }

    /** The changes of a phase that a run can reach without the guard. */
    private Stream<Change> early(CallActivity phase, Guard guard) {
      return runbook
              .flow()
              .reachable(Flow.entries(runbook.process()), node -> guards(node, Map.of(), guard, 0))
              .contains(phase)
          ? changes(phase, Map.of(), guard, 0)
          : Stream.of();
    }

    private Stream<Change> changes(
        CallActivity call, Map<String, String> ofCaller, Guard guard, int depth) {
      ProcessFile file = called(call, depth);
      Map<String, String> literals = Literals.complete(file, call, ofCaller);
      return reached(file, literals, guard, depth).stream()
          .flatMap(
              node -> {
                if (node instanceof CallActivity inner && !inner.isForCompensation()) {
                  return changes(inner, literals, guard, depth + 1);
                }
                return node instanceof ServiceTask task ? changes(task, literals) : Stream.of();
              });
    }

    private ProcessFile called(CallActivity call, int depth) {
      if (depth > DEEPEST) {
        throw new IllegalStateException(call.getId() + " calls itself");
      }
      return set.called(call).orElseThrow();
    }

    private Set<FlowNode> reached(
        ProcessFile file, Map<String, String> literals, Guard guard, int depth) {
      return file.flow()
          .reachable(
              Flow.entries(file.process()), node -> guards(node, literals, guard, depth + 1));
    }

    /** Whether nothing comes after the node without the guard. */
    private boolean guards(FlowNode node, Map<String, String> literals, Guard guard, int depth) {
      if (node instanceof CallActivity call && !call.isForCompensation()) {
        ProcessFile file = called(call, depth);
        return reached(file, Literals.complete(file, call, literals), guard, depth).stream()
            .noneMatch(end -> end instanceof EndEvent && PhaseEnds.isNamed(end, "End_Passed"));
      }
      return guard.test(node, literals);
    }

    private Stream<Change> changes(ServiceTask task, Map<String, String> literals) {
      StepDelegate<?, ?> step = set.steps().of(task).orElse(null);
      return step == null || step.effect() == Effect.OBSERVES
          ? Stream.of()
          : NamedByTask.of(step, task, literals).stream()
              .map(
                  target ->
                      new Change(
                          task,
                          targets.changedWith(target.name(), target.kind()),
                          ProtectedTargets.holdData(target.kind())))
              .filter(change -> !change.changed().isEmpty());
    }

    private boolean approves(FlowNode node) {
      return node instanceof UserTask task
          && UserTasks.isForApprovers(task)
          && PersonsDecisions.decision(set, task).isPresent();
    }

    /** Whether the node's step verifies the backup of one of these, or of anything if empty. */
    private boolean verifies(FlowNode node, Map<String, String> literals, Set<String> names) {
      return node instanceof ServiceTask task
          && set.steps()
              .of(task)
              .filter(step -> step.backup() == Backup.VERIFIES)
              .filter(
                  step ->
                      names.isEmpty()
                          || NamedByTask.of(step, task, literals).stream()
                              .anyMatch(
                                  backup -> backup.name() == null || names.contains(backup.name())))
              .isPresent();
    }
  }
}
