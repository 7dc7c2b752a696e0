package io.belay.backup;

import io.belay.step.StepContext;
import io.belay.target.Artifact;
import io.belay.target.PostgresTarget;
import io.belay.target.RestoreWay;
import io.belay.target.TargetException;
import java.util.Optional;
import org.springframework.stereotype.Component;

/**
 * Puts a database back to exactly what its backup holds, in place or beside, as the target says.
 * What an earlier attempt has done either way is not done again.
 *
 * @see PostgresBackup
 */
@Component
class PostgresRestore {

  /** Bytes of a dump from which on the way beside is worth that all sessions are ended. */
  static final long LARGE = 100_000_000;

  private final RestoreInPlace inPlace;
  private final RestoreBeside beside;
  private final BesideObstacles obstacles;

  PostgresRestore(RestoreInPlace inPlace, RestoreBeside beside, BesideObstacles obstacles) {
    this.inPlace = inPlace;
    this.beside = beside;
    this.obstacles = obstacles;
  }

  /**
   * @param why for people
   */
  record Choice(RestoreWay way, String why) {}

  /**
   * Which way a restore would go now.
   *
   * @param bytes of the dump, not compressed
   */
  Choice choose(PostgresTarget database, long bytes) {
    if (database.restore() == RestoreWay.IN_PLACE) {
      return new Choice(RestoreWay.IN_PLACE, "as the target says");
    }
    if (database.restore() == RestoreWay.AUTO && bytes < LARGE) {
      return new Choice(
          RestoreWay.IN_PLACE,
          "%s are less than %s"
              .formatted(BackupSpace.readable(bytes), BackupSpace.readable(LARGE)));
    }
    Optional<String> obstacle = obstacles.first(database);
    if (obstacle.isEmpty()) {
      return new Choice(RestoreWay.BESIDE, "nothing is in the way of that");
    }
    if (database.restore() == RestoreWay.BESIDE) {
      throw new TargetException(
          "%s cannot be restored beside, as 'restore' of the target demands: %s. Nothing was changed; remove that, or say 'auto' or 'in-place'"
              .formatted(database.describe(), obstacle.get()));
    }
    return new Choice(RestoreWay.IN_PLACE, "not beside: " + obstacle.get());
  }

  /**
   * @return the number of tables that are there now
   * @throws TargetException when the artifact is damaged or the server refuses; the database is
   *     unchanged then
   */
  int restore(Artifact artifact, PostgresTarget database, StepContext context) throws Exception {
    int tables = PostgresManifest.of(artifact).content().tables().size();
    if (beside.isDone(artifact, database, context) || inPlace.isDone(artifact, database, context)) {
      context.log("%s was restored by an earlier attempt already", database.describe());
      return tables;
    }
    context.artifacts().verify(artifact);
    Choice choice = choice(artifact, database, context);
    context.log("restoring %s %s: %s", database.describe(), choice.way(), choice.why());
    if (choice.way() == RestoreWay.BESIDE) {
      beside.restore(artifact, database, context);
    } else {
      inPlace.restore(artifact, database, context);
    }
    return tables;
  }

  /** What failed beside, for want of room say, is done in place by the next attempt. */
  private Choice choice(Artifact artifact, PostgresTarget database, StepContext context) {
    return database.restore() == RestoreWay.AUTO && beside.wasTried(context)
        ? new Choice(RestoreWay.IN_PLACE, "an earlier attempt beside did not succeed")
        : choose(database, PostgresManifest.plainBytes(artifact));
  }
}
