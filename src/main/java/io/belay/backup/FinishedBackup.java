package io.belay.backup;

import io.belay.step.PastStep;
import io.belay.step.StepContext;
import io.belay.target.Artifact;
import io.belay.target.TargetException;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;

/** Finds the backup that an undo has to go back to. */
final class FinishedBackup {

  private FinishedBackup() {}

  /**
   * The artifact of the last finished execution of {@code step} in this run.
   *
   * @throws TargetException when there is none: a restore that cannot be done must be seen, so this
   *     becomes an incident and never a quiet "nothing to do"
   */
  static Artifact of(
      String step,
      String target,
      Predicate<PastStep> sameTarget,
      Function<PastStep, String> artifactId,
      StepContext context) {
    List<String> ids =
        context.started(step).stream()
            .filter(sameTarget)
            .map(artifactId)
            .filter(id -> id != null)
            .toList();
    if (ids.isEmpty()) {
      throw new TargetException(
          "target '%s' cannot be restored: this run has no finished %s of it. Nothing was changed; restore it by hand from an older backup, or skip this step with a reason"
              .formatted(target, step));
    }
    String id = ids.get(ids.size() - 1);
    Artifact backup =
        context
            .artifacts()
            .find(id)
            .orElseThrow(
                () ->
                    new TargetException(
                        "target '%s' cannot be restored: its backup %s is not among the artifacts any more. Nothing was changed; put the file and its manifest back, then retry"
                            .formatted(target, id)));
    context.requireSource(backup, target);
    return backup;
  }
}
