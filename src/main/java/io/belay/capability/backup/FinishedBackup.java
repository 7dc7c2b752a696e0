package io.belay.capability.backup;

import io.belay.artifact.Artifact;
import io.belay.step.PastStep;
import io.belay.step.StepContext;
import io.belay.target.TargetException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Finds the backup that an undo has to restore. */
final class FinishedBackup {

  private static final int MOST_IDS = 20;

  private FinishedBackup() {}

  /**
   * The last complete backup of {@code target} that executions of {@code step} wrote in this run.
   *
   * @param executions that had to back up that target, oldest first
   * @throws TargetException when there is none: an impossible restore must become an incident,
   *     never a silent "nothing to do"
   */
  static Artifact of(String step, String target, List<PastStep> executions, StepContext context) {
    List<String> ids = executions.stream().flatMap(past -> past.artifacts().stream()).toList();
    if (ids.isEmpty()) {
      throw none(step, target);
    }
    List<Optional<Artifact>> found = ids.stream().map(id -> context.artifacts().find(id)).toList();
    Artifact backup =
        found.stream()
            .flatMap(Optional::stream)
            .filter(artifact -> target.equals(artifact.details().get("target")))
            .reduce((earlier, later) -> later)
            .orElseThrow(
                () ->
                    found.stream().allMatch(Optional::isPresent)
                        ? none(step, target)
                        : new TargetException(
                            "target '%s' cannot be restored: its backup %s is not among the artifacts any more. Nothing was changed; put the file and its manifest back, then retry"
                                .formatted(target, ids.get(found.lastIndexOf(Optional.empty())))));
    context.requireSource(backup, target);
    return backup;
  }

  private static TargetException none(String step, String target) {
    return new TargetException(
        "target '%s' cannot be restored: this run has no finished %s of it. Nothing was changed; restore it by hand from an older backup, or override this step with a reason"
            .formatted(target, step));
  }

  /** The ids of backups, for people; if there are many, the first ones. */
  static String ids(List<Artifact> backups) {
    return backups.stream().limit(MOST_IDS).map(Artifact::id).collect(Collectors.joining(", "))
        + (backups.size() > MOST_IDS ? ", …" : "");
  }

  static long bytes(List<Artifact> backups) {
    return backups.stream().mapToLong(Artifact::size).sum();
  }
}
