package io.belay.capability.schema;

import io.belay.capability.schema.MigrationTarget.Tool;
import io.belay.capability.schema.SchemaMigration.Mark;
import io.belay.command.Commands;
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
import java.util.List;
import java.util.Optional;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * Reverts what {@link ApplySchema} did in this run, down to the mark recorded there, and nothing
 * older. Does nothing when no migration was started, or when it was already reverted.
 *
 * @see ApplySchema
 */
@Component
@Undoes("applySchema")
@Checkpoint(name = RevertSchema.REVERTED, type = Integer.class)
@Checkpoint(name = MigrationWindow.BEGIN, type = String.class)
@Checkpoint(name = MigrationWindow.END, type = String.class)
@Checkpoint(name = CommandSessions.CHECKPOINT, type = CommandSessions.Opened.class)
public class RevertSchema extends UndoDelegate<RevertSchema.Input, RevertSchema.Result> {

  static final String REVERTED = "revertedMigrations";

  public record Input(
      @DefaultValue("migration") @TargetName(MigrationTarget.class) String migration) {}

  /**
   * @param reverted changesets reverted; 1 for a command; 0 when there was nothing to do
   */
  public record Result(int reverted) {}

  private final Connections connections;
  private final Commands commands;

  RevertSchema(Connections connections, Commands commands) {
    super(Input.class, Result.class);
    this.connections = connections;
    this.commands = commands;
  }

  @Override
  protected boolean takesBack(Input input, PastStep past, Environment environment) {
    return past.input(ApplySchema.Input.class).migration().equals(input.migration());
  }

  @Override
  protected Result takeBack(Input input, List<PastStep> migrations, StepContext context) {
    new RunSessions(context, connections, input.migration()).endEarlier();
    List<Mark> marks = marks(migrations);
    MigrationTarget migration = context.target(input.migration(), MigrationTarget.class);
    Tool tool = migration.tool();
    // Liquibase finds in the database what is left to revert; only the journal knows that a command
    // was run.
    boolean done = tool == Tool.COMMAND && marks.size() <= alreadyReverted(input, context);
    if (marks.isEmpty() || done) {
      context.log("No migration of this run is left to take back");
      return new Result(0);
    }
    PostgresTarget database = context.target(migration.database(), PostgresTarget.class);
    MigrationWindow.begin(context, connections, database);
    // All marks of a run lead to the same place: the state before its first migration.
    int reverted =
        SchemaMigration.of(context, input.migration(), connections, commands).revert(marks.get(0));
    MigrationWindow.end(context, connections, database);
    context.save(REVERTED, marks.size());
    return new Result(reverted);
  }

  private static List<Mark> marks(List<PastStep> migrations) {
    return migrations.stream()
        .map(step -> step.saved(ApplySchema.MARK, Mark.class))
        .flatMap(Optional::stream)
        .toList();
  }

  private static int alreadyReverted(Input input, StepContext context) {
    return context.started(RevertSchema.class).stream()
        .filter(step -> step.input(Input.class).migration().equals(input.migration()))
        .map(step -> step.saved(REVERTED, Integer.class))
        .flatMap(Optional::stream)
        .mapToInt(Integer::intValue)
        .max()
        .orElse(0);
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    MigrationTarget migration = environment.target(input.migration(), MigrationTarget.class);
    String how =
        switch (migration.tool()) {
          case LIQUIBASE ->
              "with the changelog's rollbacks, to the tag that applySchema set; the SQL is in the plan of applySchema";
          case COMMAND ->
              migration.revert() == null
                  ? "not possible: there is no revert command; the backup must be restored"
                  : "with the command: " + migration.revert();
        };
    return StepPlan.changes(
        migration.database(), "take back what this run migrated, if it did", how);
  }
}
