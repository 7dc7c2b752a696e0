package io.belay.capability.backup;

import io.belay.artifact.Artifact;
import io.belay.step.StepContext;
import io.belay.target.PostgresTarget;
import io.belay.target.RestoreWay;
import io.belay.target.TargetException;
import org.springframework.stereotype.Component;

/**
 * Restores a database to exactly what its backup holds, in the way that the backup's manifest says.
 * Does not repeat what an earlier attempt has completed, in either way.
 *
 * @see PostgresBackup
 */
@Component
class PostgresRestore {

  private final RestoreInPlace inPlace;
  private final RestoreBeside beside;
  private final RestoreWays ways;

  PostgresRestore(RestoreInPlace inPlace, RestoreBeside beside, RestoreWays ways) {
    this.inPlace = inPlace;
    this.beside = beside;
    this.ways = ways;
  }

  /**
   * @return the number of tables now
   * @throws TargetException when the artifact is damaged, the server refuses, or the way is no
   *     longer possible; the database is then unchanged
   */
  int restore(Artifact artifact, PostgresTarget database, StepContext context) throws Exception {
    int tables = PostgresManifest.of(artifact).content().tables().size();
    if (beside.isDone(artifact, database, context) || inPlace.isDone(artifact, database, context)) {
      context.log("%s was restored by an earlier attempt already", database.describe());
      return tables;
    }
    context.artifacts().verify(artifact);
    RestoreWays.Choice choice = ways.of(artifact, database);
    ways.requirePossible(choice, database);
    context.log("restoring %s %s: %s", database.describe(), choice.words(), choice.why());
    if (choice.way() == RestoreWay.BESIDE) {
      beside.restore(artifact, database, context);
    } else {
      inPlace.restore(artifact, database, context);
    }
    return tables;
  }
}
