package io.belay.backup;

import io.belay.step.PastStep;
import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.target.Artifact;
import io.belay.target.Environment;
import io.belay.target.PostgresTarget;
import jakarta.validation.constraints.NotBlank;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * {@code restorePostgresBackup}: puts the database back to the backup that this run took, in one
 * transaction. Rows written since then are lost. Fails when the run has no finished backup.
 *
 * @see TakePostgresBackup
 */
@Component
public class RestorePostgresBackup
    extends StepDelegate<RestorePostgresBackup.Input, RestorePostgresBackup.Result> {

  /** Name of the target. */
  public record Input(
      @NotBlank @DefaultValue("database") @TargetName(PostgresTarget.class) String database) {}

  /** Number of tables that are there now. */
  public record Result(boolean restored, int tables) {}

  private final PostgresRestore restore;

  RestorePostgresBackup(PostgresRestore restore) {
    super(Input.class, Result.class);
    this.restore = restore;
  }

  @Override
  public Result perform(Input input, StepContext context) throws Exception {
    Artifact artifact =
        FinishedBackup.of(
            "takePostgresBackup",
            input.database(),
            past -> past.input(TakePostgresBackup.Input.class).database().equals(input.database()),
            RestorePostgresBackup::artifact,
            context);
    PostgresTarget database = context.target(input.database(), PostgresTarget.class);
    return new Result(true, restore.restore(artifact, database, context));
  }

  private static String artifact(PastStep past) {
    return past.result(TakePostgresBackup.Result.class)
        .map(TakePostgresBackup.Result::artifact)
        .orElse(null);
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    return StepPlan.changes(
        input.database(),
        "replaces all of %s by the run's backup, in one transaction; later writes are lost"
            .formatted(environment.target(input.database(), PostgresTarget.class).describe()),
        "BEGIN; LOCK TABLE …; DROP SCHEMA … CASCADE; the dump's script; count(*) of each table; COMMIT",
        "locks are awaited for " + RestoreScript.LOCK_TIMEOUT);
  }
}
