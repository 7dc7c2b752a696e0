package io.belay.capability.backup;

import io.belay.step.Checkpoint;
import io.belay.step.PastStep;
import io.belay.step.StepContext;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.step.UndoDelegate;
import io.belay.step.Undoes;
import io.belay.target.CommandSessions;
import io.belay.target.Connections;
import io.belay.target.Environment;
import io.belay.target.PostgresTarget;
import io.belay.target.RestoreWay;
import io.belay.target.Target;
import jakarta.validation.constraints.NotBlank;
import java.util.List;
import java.util.Optional;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * {@code restorePostgresBackup}: restores the database, atomically, from the backup that this run
 * took. Rows written since then are lost. Fails when the run has no finished backup. An undo
 * reverts only what the run did: a run that changed nothing since it began its backup restores
 * nothing.
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

  /** Whether it was restored, and the number of tables now; 0 if it was not. */
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
    Target migration = environment.targets().get(past.input(Migrated.class).migration());
    return migration != null && migration.alsoChanged().contains(input.database());
  }

  private static boolean isOf(String database, PastStep backup) {
    return backup.input(TakePostgresBackup.Input.class).databases().contains(database);
  }

  @Override
  protected Result takeBack(Input input, List<PastStep> changes, StepContext context)
      throws Exception {
    List<PastStep> backups =
        context.started("takePostgresBackup").stream()
            .filter(past -> isOf(input.database(), past))
            .toList();
    Optional<FinishedBackup> backup =
        FinishedBackup.of("takePostgresBackup", input.database(), backups, context);
    if (backup.isEmpty()) {
      return new Result(false, 0);
    }
    PostgresTarget database = context.target(input.database(), PostgresTarget.class);
    new CommandSessions(connections, database)
        .endAll(
            input.database(),
            context.savedBy(
                CommandSessions.STEPS, CommandSessions.CHECKPOINT, CommandSessions.Opened.class),
            "Nothing was restored",
            line -> context.log("%s", line));
    return new Result(true, restore.restore(backup.get().artifact(), database, context));
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
