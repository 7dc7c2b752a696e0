package io.belay.capability.backup;

import io.belay.artifact.Artifact;
import io.belay.step.PastStep;
import io.belay.step.StepContext;
import io.belay.step.Verdict;
import io.belay.target.TargetException;
import java.util.List;
import java.util.Optional;

/**
 * The backup that an undo has to restore to a Redis server. An undo reverts only what the run did:
 * if the run changed nothing after it started that backup, all differences are what users wrote.
 *
 * <p>Every change at any target counts: a migrated schema, a started service, shifted traffic and a
 * written configuration can each make an application write to the server. Counting one change too
 * many costs a question to a person; one too few would leave what the run did.
 *
 * @param artifact the backup
 * @param since the first change of the run after it
 */
record RedisToPutBack(Artifact artifact, PastStep since) {

  /**
   * @param cache name of the target
   * @return empty when there is nothing to undo; the run's log says why
   * @throws TargetException when the run continued without a finished backup
   */
  static Optional<RedisToPutBack> of(String cache, StepContext context) {
    if (!wentPastItsBackups(cache, context)) {
      context.log("'%s' is kept as it is: the run did not get past its backups", cache);
      return Optional.empty();
    }
    List<PastStep> changes = context.changesSince(lastBackup(cache, context));
    if (changes.isEmpty()) {
      context.log(
          "'%s' is kept as it is: the run changed nothing since its backup, so all that differs is what others wrote",
          cache);
      return Optional.empty();
    }
    Artifact artifact =
        FinishedBackup.of("takeRedisBackup", cache, backups(cache, context), context);
    return Optional.of(new RedisToPutBack(artifact, changes.get(0)));
  }

  /**
   * Whether the run got past its backups: the undo of a failed backup phase must not fail for lack
   * of a backup.
   */
  private static boolean wentPastItsBackups(String cache, StepContext context) {
    return backups(cache, context).stream().anyMatch(past -> !past.artifacts().isEmpty())
        || context.started(VerifyBackup.class).stream()
            .flatMap(past -> past.result(VerifyBackup.Result.class).stream())
            .anyMatch(result -> result.verdict() == Verdict.PASS);
  }

  /** Position of the last backup's start; 0 if unknown, so that every change of the run counts. */
  private static long lastBackup(String cache, StepContext context) {
    return backups(cache, context).stream().mapToLong(PastStep::position).max().orElse(0);
  }

  private static List<PastStep> backups(String cache, StepContext context) {
    return context.started(TakeRedisBackup.class).stream()
        .filter(past -> past.input(TakeRedisBackup.Input.class).caches().contains(cache))
        .toList();
  }
}
