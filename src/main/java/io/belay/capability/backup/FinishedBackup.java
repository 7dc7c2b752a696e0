package io.belay.capability.backup;

import io.belay.artifact.Artifact;
import io.belay.step.PastStep;
import io.belay.step.StepContext;
import io.belay.target.TargetException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The backup that an undo has to restore. An undo reverts only what the run did: if the run changed
 * nothing since it began that backup, all differences are what others wrote.
 *
 * <p>Every change at any target counts: a migrated schema, a started service, shifted traffic and a
 * written configuration can each make an application write. Counting one change too many costs a
 * question to a person; one too few would leave what the run did.
 *
 * @param artifact the last complete backup
 * @param since the first change of the run after that backup began
 */
record FinishedBackup(Artifact artifact, PastStep since) {

  private static final int MOST_IDS = 20;

  /**
   * @param executions of {@code step} in this run that had to back up that target, oldest first
   * @return empty when there is nothing to undo; the run's log says why
   * @throws TargetException when no backup was finished: an impossible restore must become an
   *     incident, never a silent "nothing to do"
   */
  static Optional<FinishedBackup> of(
      String step, String target, List<PastStep> executions, StepContext context) {
    List<String> ids = executions.stream().flatMap(past -> past.artifacts().stream()).toList();
    List<Optional<Artifact>> found = ids.stream().map(id -> context.artifacts().find(id)).toList();
    Optional<Artifact> backup =
        found.stream()
            .flatMap(Optional::stream)
            .filter(artifact -> target.equals(artifact.details().get("target")))
            .reduce((earlier, later) -> later);
    List<PastStep> changes = context.changesSince(began(backup, executions));
    if (changes.isEmpty()) {
      context.log(
          "'%s' is kept as it is: the run changed nothing since it began its backup, so all that differs is what others wrote",
          target);
      return Optional.empty();
    }
    Artifact artifact =
        backup.orElseThrow(
            () ->
                found.stream().allMatch(Optional::isPresent)
                    ? none(step, target)
                    : new TargetException(
                        "target '%s' cannot be restored: its backup %s is not among the artifacts any more. Nothing was changed; put the file and its manifest back, then retry"
                            .formatted(target, ids.get(found.lastIndexOf(Optional.empty())))));
    context.requireSource(artifact, target);
    return Optional.of(new FinishedBackup(artifact, changes.get(0)));
  }

  /** Position of that backup's start, else of the first; 0 if unknown: then each change counts. */
  private static long began(Optional<Artifact> backup, List<PastStep> executions) {
    return backup
        .flatMap(
            artifact ->
                executions.stream()
                    .filter(past -> past.artifacts().contains(artifact.id()))
                    .findFirst())
        .or(() -> executions.stream().findFirst())
        .map(PastStep::position)
        .orElse(0L);
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
