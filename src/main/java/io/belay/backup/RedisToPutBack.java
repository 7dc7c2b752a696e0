package io.belay.backup;

import io.belay.step.PastStep;
import io.belay.step.StepContext;
import io.belay.step.Verdict;
import io.belay.target.Artifact;
import io.belay.target.TargetException;
import java.util.List;
import java.util.Optional;

/**
 * Which backup an undo has to put back into a Redis server. An undo takes back what the run did, no
 * more: as long as the run changed nothing after it began that backup, all that differs there is
 * what users wrote.
 *
 * <p>Every change counts, at whatever target: a schema that was migrated, a service that was
 * started, traffic that was shifted and a configuration that was written can each make an
 * application write to the server. A change too many costs a question to a person; one too few
 * would leave what the run did.
 *
 * @param artifact the backup
 * @param since the first change of the run after it
 */
record RedisToPutBack(Artifact artifact, PastStep since) {

  /**
   * @param cache name of the target
   * @return empty when nothing there is to be taken back; the run's log says why
   * @throws TargetException when the run went on without a finished backup
   */
  static Optional<RedisToPutBack> of(String cache, StepContext context) {
    if (!wentPastItsBackups(context)) {
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
        FinishedBackup.of(
            "takeRedisBackup", cache, past -> isOf(cache, past), RedisToPutBack::artifact, context);
    return Optional.of(new RedisToPutBack(artifact, changes.get(0)));
  }

  /** The undo of a backup phase that failed must not fail for want of that backup. */
  private static boolean wentPastItsBackups(StepContext context) {
    return context.started("takeRedisBackup").stream().anyMatch(past -> artifact(past) != null)
        || context.started("verifyBackup").stream()
            .flatMap(past -> past.result(VerifyBackup.Result.class).stream())
            .anyMatch(result -> result.verdict() == Verdict.PASS);
  }

  /** Where the backup is not known to have begun, each change of the run counts. */
  private static long lastBackup(String cache, StepContext context) {
    return context.started("takeRedisBackup").stream()
        .filter(past -> isOf(cache, past))
        .mapToLong(PastStep::position)
        .max()
        .orElse(0);
  }

  static boolean isOf(String cache, PastStep backup) {
    return backup.input(TakeRedisBackup.Input.class).cache().equals(cache);
  }

  private static String artifact(PastStep past) {
    return past.result(TakeRedisBackup.Result.class)
        .map(TakeRedisBackup.Result::artifact)
        .orElse(null);
  }
}
