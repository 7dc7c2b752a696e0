package io.belay.capability.backup;

import io.belay.step.PastStep;
import io.belay.step.StepContext;
import io.belay.step.Verdict;
import java.util.List;
import java.util.Optional;

/** The backup that an undo has to restore to a Redis server. */
final class RedisToPutBack {

  private RedisToPutBack() {}

  /**
   * @param cache name of the target
   * @return empty when there is nothing to undo; the run's log says why
   * @throws io.belay.target.TargetException when the run continued without a finished backup
   */
  static Optional<FinishedBackup> of(String cache, StepContext context) {
    List<PastStep> backups =
        context.started(TakeRedisBackup.class).stream()
            .filter(past -> past.input(TakeRedisBackup.Input.class).caches().contains(cache))
            .toList();
    if (!wentPast(backups, context)) {
      context.log("'%s' is kept as it is: the run did not get past its backups", cache);
      return Optional.empty();
    }
    return FinishedBackup.of("takeRedisBackup", cache, backups, context);
  }

  /**
   * Whether the run got past its backups: the undo of a failed backup phase must not fail for lack
   * of a backup.
   */
  private static boolean wentPast(List<PastStep> backups, StepContext context) {
    return backups.stream().anyMatch(past -> !past.artifacts().isEmpty())
        || context.started(VerifyBackup.class).stream()
            .flatMap(past -> past.result(VerifyBackup.Result.class).stream())
            .anyMatch(result -> result.verdict() == Verdict.PASS);
  }
}
