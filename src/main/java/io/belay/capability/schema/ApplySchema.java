package io.belay.capability.schema;

import io.belay.capability.schema.SchemaMigration.Mark;
import io.belay.capability.schema.SchemaMigration.Preview;
import io.belay.command.Commands;
import io.belay.step.Checkpoint;
import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.step.StepPlan.Effect;
import io.belay.step.TargetName;
import io.belay.target.Cancellation;
import io.belay.target.CommandSessions;
import io.belay.target.Connections;
import io.belay.target.Environment;
import io.belay.target.PostgresTarget;
import java.util.Optional;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * Migrates the schema with the target's tool. Records the state before the first change; continues
 * a killed attempt instead of repeating it.
 *
 * @see RevertSchema
 */
@Component
@Checkpoint(name = ApplySchema.MARK, type = Mark.class)
@Checkpoint(name = MigrationWindow.BEGIN, type = String.class)
@Checkpoint(name = MigrationWindow.END, type = String.class)
@Checkpoint(name = CommandSessions.CHECKPOINT, type = CommandSessions.Opened.class)
public class ApplySchema extends StepDelegate<ApplySchema.Input, ApplySchema.Result> {

  /** Checkpoint under which the {@link Mark} is saved. */
  static final String MARK = "mark";

  public record Input(
      @DefaultValue("migration") @TargetName(MigrationTarget.class) String migration) {}

  /**
   * @param changes changesets applied by this run; 1 for a command
   */
  public record Result(int changes) {}

  private final Connections connections;
  private final Commands commands;

  ApplySchema(Connections connections, Commands commands) {
    super(Input.class, Result.class);
    this.connections = connections;
    this.commands = commands;
  }

  @Override
  public Result perform(Input input, StepContext context) {
    new RunSessions(context, connections, input.migration()).endEarlier();
    SchemaMigration tool = SchemaMigration.of(context, input.migration(), connections, commands);
    PostgresTarget database =
        context.target(
            context.target(input.migration(), MigrationTarget.class).database(),
            PostgresTarget.class);
    MigrationWindow.begin(context, connections, database);
    Optional<Mark> recorded = context.saved(MARK, Mark.class);
    Mark mark = recorded.orElseGet(tool::mark);
    if (recorded.isEmpty()) {
      context.save(MARK, mark);
    }
    int changes = tool.apply(mark);
    MigrationWindow.end(context, connections, database);
    return new Result(changes);
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    MigrationTarget migration = environment.target(input.migration(), MigrationTarget.class);
    PostgresTarget database = environment.target(migration.database(), PostgresTarget.class);
    SchemaMigration.Run run = new SchemaMigration.Run("plan", null, Cancellation.NONE, line -> {});
    Preview preview = SchemaMigration.of(migration, database, connections, commands, run).preview();
    return new StepPlan(
        Effect.CHANGES,
        migration.database(),
        "migrate the schema: " + migration.describe(),
        preview.details(),
        null);
  }
}
