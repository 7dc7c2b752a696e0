package io.belay.engine.law;

import com.fasterxml.jackson.databind.JsonNode;
import io.belay.engine.law.PhaseVerdicts.NotPassed;
import io.belay.journal.Journal;
import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import io.belay.journal.RunRecords;
import io.belay.journal.RunRecords.RunRecord;
import io.belay.model.Approval;
import io.belay.step.BusinessStop;
import io.belay.step.ChangeGuard;
import io.belay.step.RunTargets;
import io.belay.step.StepCatalog;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan.Effect;
import io.belay.step.StepTask;
import io.belay.target.Environment;
import io.belay.target.Environments;
import io.belay.target.Leases;
import io.belay.target.TargetHeld;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.springframework.context.annotation.Profile;
import org.springframework.stereotype.Component;

/**
 * What the engine demands of a run before a step changes something, whatever the model says:
 *
 * <ul>
 *   <li>on whatever target: no check, gate or phase of the runbook itself said no last, and no
 *       phase that was called by one of the phases around the step;
 *   <li>on a protected target: an approval in this run, by somebody who did not start it, bound to
 *       the models, parameters and targets as they are now ({@link ApprovalBinding});
 *   <li>on one that holds data: a backup of it as well, taken and verified in this run;
 *   <li>for a step that cannot be undone, on whatever target: an approval after the last change.
 * </ul>
 *
 * What was approved or backed up before a person accepted another system as the target counts for
 * the former system only.
 *
 * <p>An undo (a step that is declared as one, in a compensation handler) needs none of these.
 */
@Component
@Profile("!agent")
class ChangeLaw implements ChangeGuard {

  private final Journal journal;
  private final RunRecords runs;
  private final StepCatalog steps;
  private final Environments environments;
  private final Leases leases;
  private final ApprovalBinding binding;
  private final VerifiedBackups backups;
  private final PhaseVerdicts verdicts;
  private final StepPlaces places;

  ChangeLaw(
      Journal journal,
      RunRecords runs,
      StepCatalog steps,
      Environments environments,
      Leases leases,
      ApprovalBinding binding,
      VerifiedBackups backups,
      PhaseVerdicts verdicts,
      StepPlaces places) {
    this.journal = journal;
    this.runs = runs;
    this.steps = steps;
    this.environments = environments;
    this.leases = leases;
    this.binding = binding;
    this.backups = backups;
    this.verdicts = verdicts;
    this.places = places;
  }

  @Override
  public void requireAllowed(StepTask task, String step, JsonNode input) {
    StepDelegate<?, ?> delegate = steps.find(step).orElseThrow();
    if (delegate.effect() == Effect.OBSERVES) {
      return;
    }
    RunRecord run = runs.find(task.runId()).orElseThrow();
    Environment environment = environments.load(run.environment());
    hold(run, steps.toHold(step, input, environment), environment);
    if (steps.isUndo(step) && places.takesBack(task, run)) {
      return;
    }
    requireNoFailedPhase(task, run);
    Set<String> targets = steps.targets(step, input, environment);
    List<String> guarded = targets.stream().filter(environment::isProtected).toList();
    boolean forGood = delegate.effect() == Effect.CANNOT_BE_UNDONE;
    if (!forGood && guarded.isEmpty()) {
      return;
    }
    if (forGood) {
      requireOwnApproval(task, run, targets);
    } else {
      requireApproval(task, run, guarded);
    }
    for (String name : guarded) {
      long since = lastAcceptance(run, name::equals);
      if (environment.targets().get(name).holdsData()
          && !backups.has(run.id(), name, environment, since)) {
        refuse(
            task,
            "it changes the protected target '%s', of which this run has no verified backup%s"
                .formatted(name, since == 0 ? "" : " since another system was accepted as it"));
      }
    }
  }

  /**
   * Takes the targets that the plan did not name, because an input is known only in the run.
   *
   * @throws TargetHeld when another run holds it
   */
  private void hold(RunRecord run, Set<String> targets, Environment environment) {
    List<String> free =
        targets.stream()
            .filter(environment.targets()::containsKey)
            .filter(name -> environment.targets().get(name).identity().isPresent())
            .filter(
                name ->
                    leases
                        .holder(environment.targets().get(name))
                        .filter(holder -> holder.runId().equals(run.id()))
                        .isEmpty())
            .toList();
    if (!free.isEmpty()) {
      leases.acquire(environment, free, run.id(), run.name());
    }
  }

  /** A phase that failed is taken back; until then a model that goes on changes nothing more. */
  private void requireNoFailedPhase(StepTask task, RunRecord run) {
    places.around(task, run).stream()
        .flatMap(instance -> saidNo(run, instance))
        .findFirst()
        .filter(no -> !places.takesBack(task, run))
        .ifPresent(no -> refuse(task, "the run goes on, but " + no));
  }

  private Stream<String> saidNo(RunRecord run, String instance) {
    List<NotPassed> notPassed =
        instance.equals(run.id())
            ? verdicts.notPassed(run.id())
            : verdicts.callsNotPassed(run.id(), instance);
    return notPassed.stream()
        .filter(NotPassed::isSaid)
        .map(
            one ->
                "'%s' said %s last"
                    .formatted(places.name(run, instance, one.activity()), one.verdict()));
  }

  private void requireApproval(StepTask task, RunRecord run, List<String> guarded) {
    List<JournalEntry> granted = approvals(run).filter(ChangeLaw::grants).toList();
    String what = "it changes the protected target '%s'".formatted(guarded.get(0));
    if (granted.isEmpty()) {
      refuse(task, what + ", and nobody has approved that in this run");
    }
    if (granted.stream().noneMatch(isBoundTo(binding.of(run.id())))) {
      refuse(task, what + ", and the run is not as it was approved any more" + changed(granted));
    }
  }

  /** An approval allows what comes next; the approver has not seen what was changed since. */
  private void requireOwnApproval(StepTask task, RunRecord run, Set<String> targets) {
    String what = "it cannot be undone";
    JournalEntry last = approvals(run).reduce((earlier, later) -> later).orElse(null);
    if (last == null || !grants(last)) {
      refuse(task, what + ", and nobody has approved it");
    } else if (journal.entries(run.id(), Kind.INTENT).stream()
        .anyMatch(begun -> begun.id() > last.id() && changes(begun, task))) {
      refuse(task, what + ", and the approval was given before the last change");
    } else if (lastAcceptance(run, targets::contains) > last.id()) {
      refuse(task, what + ", and the approval was given before another system became its target");
    } else if (!isBoundTo(binding.of(run.id())).test(last)) {
      refuse(
          task, what + ", and the run is not as it was approved any more" + changed(List.of(last)));
    }
  }

  private static String changed(List<JournalEntry> granted) {
    return " (approved was %s; models, parameters, targets or files that they read have changed since)"
        .formatted(
            ApprovalBinding.brief(
                granted.get(granted.size() - 1).payload().path(ApprovalBinding.FIELD).asText()));
  }

  private boolean changes(JournalEntry begun, StepTask task) {
    return !task.key().equals(begun.stepKey())
        && steps.find(begun.step()).map(step -> step.effect() != Effect.OBSERVES).orElse(true);
  }

  /** Answers that the engine has accepted as approvals, oldest first. */
  private Stream<JournalEntry> approvals(RunRecord run) {
    return journal.entries(run.id(), Kind.TASK_COMPLETED).stream()
        .filter(entry -> entry.payload() != null && entry.payload().has(ApprovalBinding.FIELD))
        .filter(entry -> entry.actor() != null && !entry.actor().equals(run.startedBy()));
  }

  private static boolean grants(JournalEntry approval) {
    return Approval.GRANTS.contains(approval.payload().path(Approval.DECISION).asText());
  }

  private static Predicate<JournalEntry> isBoundTo(String hash) {
    return approval -> hash.equals(approval.payload().path(ApprovalBinding.FIELD).asText());
  }

  /**
   * The last entry by which a person accepted another system as one of the targets; 0 if none: what
   * was approved and backed up before was the former system.
   */
  private long lastAcceptance(RunRecord run, Predicate<String> of) {
    return journal.entries(run.id(), Kind.TARGET_ACCEPTED).stream()
        .filter(entry -> RunTargets.accepted(entry).map(of::test).orElse(true))
        .mapToLong(JournalEntry::id)
        .max()
        .orElse(0);
  }

  private static void refuse(StepTask task, String why) {
    throw new BusinessStop("%s was not begun: %s".formatted(task.activityId(), why));
  }
}
