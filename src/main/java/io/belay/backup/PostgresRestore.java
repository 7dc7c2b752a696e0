package io.belay.backup;

import io.belay.step.StepContext;
import io.belay.target.Artifact;
import io.belay.target.PostgresTarget;
import io.belay.target.RestoreWay;
import io.belay.target.TargetException;
import org.springframework.stereotype.Component;

/**
 * Puts a database back to exactly what its backup holds, the way that the backup's manifest says.
 * What an earlier attempt has done either way is not done again.
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
   * @return the number of tables that are there now
   * @throws TargetException when the artifact is damaged, the server refuses, or the way is not
   *     possible any more; the database is unchanged then
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
