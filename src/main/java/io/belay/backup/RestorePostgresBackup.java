package io.belay.backup;

import io.belay.step.Checkpoint;
import io.belay.step.PastStep;
import io.belay.step.StepContext;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.step.UndoDelegate;
import io.belay.step.Undoes;
import io.belay.target.Artifact;
import io.belay.target.CommandSessions;
import io.belay.target.Connections;
import io.belay.target.Environment;
import io.belay.target.MigrationTarget;
import io.belay.target.PostgresTarget;
import io.belay.target.RestoreWay;
import jakarta.validation.constraints.NotBlank;
import java.util.List;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * {@code restorePostgresBackup}: puts the database back to the backup that this run took, all at
 * once. Rows written since then are lost. Fails when the run has no finished backup.
 *
 * @see TakePostgresBackup
 */
@Component
@Undoes({"applySchema", "takePostgresBackup"})
@Checkpoint(name = RestoreInPlace.CHECKPOINT, type = RestoreInPlace.Restore.class)
@Checkpoint(name = RestoreBeside.CHECKPOINT, type = RestoreBeside.Beside.class)
public class RestorePostgresBackup
    extends UndoDelegate<RestorePostgresBackup.Input, RestorePostgresBackup.Result> {

  /** Name of the target. */
  public record Input(
      @NotBlank @DefaultValue("database") @TargetName(PostgresTarget.class) String database) {}

  /** The input of {@code applySchema}, which belongs to another capability. */
  private record Migrated(String migration) {}

  /** Number of tables that are there now. */
  public record Result(boolean restored, int tables) {}

  private final PostgresRestore restore;
  private final RestoreWays ways;
  private final Connections connections;

  RestorePostgresBackup(PostgresRestore restore, RestoreWays ways, Connections connections) {
    super(Input.class, Result.class);
    this.connections = connections;
    this.restore = restore;
    this.ways = ways;
  }

  @Override
  protected boolean takesBack(Input input, PastStep past, Environment environment) {
    if (past.step().equals("takePostgresBackup")) {
      return isOf(input.database(), past);
    }
    String migration = past.input(Migrated.class).migration();
    return environment.targets().containsKey(migration)
        && environment.target(migration, MigrationTarget.class).database().equals(input.database());
  }

  private static boolean isOf(String database, PastStep backup) {
    return backup.input(TakePostgresBackup.Input.class).database().equals(database);
  }

  @Override
  protected Result takeBack(Input input, List<PastStep> changes, StepContext context)
      throws Exception {
    Artifact artifact =
        FinishedBackup.of(
            "takePostgresBackup",
            input.database(),
            past -> isOf(input.database(), past),
            RestorePostgresBackup::artifact,
            context);
    PostgresTarget database = context.target(input.database(), PostgresTarget.class);
    new CommandSessions(connections, database)
        .endAll(
            input.database(),
            context.savedBy(
                CommandSessions.STEPS, CommandSessions.CHECKPOINT, CommandSessions.Opened.class),
            "Nothing was restored",
            line -> context.log("%s", line));
    return new Result(true, restore.restore(artifact, database, context));
  }

  private static String artifact(PastStep past) {
    return past.result(TakePostgresBackup.Result.class)
        .map(TakePostgresBackup.Result::artifact)
        .orElse(null);
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    PostgresTarget database = environment.target(input.database(), PostgresTarget.class);
    RestoreWays.Choice choice = ways.choose(database);
    ways.requirePossible(choice, database);
    boolean beside = choice.way() == RestoreWay.BESIDE;
    return StepPlan.changes(
        input.database(),
        "replaces all of %s by the run's backup, restored %s; later writes are lost"
            .formatted(database.describe(), choice.words()),
        beside
            ? "LOCK TABLE … IN EXCLUSIVE MODE; CREATE DATABASE belay_restored_…; pg_restore; count(*) of each table; ALTER DATABASE … RENAME, which ends all sessions; DROP DATABASE belay_replaced_…"
            : "BEGIN; LOCK TABLE …; DROP SCHEMA … CASCADE; the dump's script; count(*) of each table; COMMIT",
        "this way because: " + choice.why(),
        "locks are awaited for " + RestoreScript.LOCK_TIMEOUT);
  }
}
