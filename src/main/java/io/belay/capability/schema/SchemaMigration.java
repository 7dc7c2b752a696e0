package io.belay.capability.schema;

import io.belay.command.Commands;
import io.belay.step.StepContext;
import io.belay.target.Cancellation;
import io.belay.target.Connections;
import io.belay.target.PostgresTarget;
import java.util.List;
import java.util.function.Consumer;

/**
 * A tool that changes a schema and reverts the change. One implementation per {@link
 * MigrationTarget.Tool}.
 *
 * <p>Order: {@link #mark} before anything else, its result durably recorded, then {@link #apply};
 * {@link #revert} with the recorded mark. Each may be killed at any point and called again.
 */
public interface SchemaMigration {

  /**
   * The schema's state before the run touched it.
   *
   * @param tag Liquibase's tag; empty for commands, whose revert command needs none
   * @param executed number of changesets executed by then; 0 for commands
   * @param newHistory whether Liquibase never worked on this database before, so that a revert also
   *     removes its tables
   */
  record Mark(String tag, int executed, boolean newHistory) {}

  /**
   * What would be done and how it would be reverted.
   *
   * @param pending number of changes still to be made; -1 when the tool cannot tell
   * @param details SQL or command output, never a secret
   */
  record Preview(int pending, List<String> details) {}

  /**
   * The run on whose behalf the tool works.
   *
   * @param id of the run
   * @param sessions that the tool opens; null for a plan, which has no effect
   * @param log receives lines about what happens
   */
  record Run(String id, RunSessions sessions, Cancellation cancellation, Consumer<String> log) {}

  /** The plan, with no effect at all. */
  Preview preview();

  /** Returns the present state, to which {@link #revert} goes back. Harmless to repeat. */
  Mark mark();

  /**
   * Applies all pending changes.
   *
   * @return number of changes made since the mark, including earlier attempts
   */
  int apply(Mark mark);

  /**
   * Reverts the changes since the mark; does nothing if there are none.
   *
   * @return number of changes reverted by this call
   */
  int revert(Mark mark);

  /** The implementation for a step of a run. */
  static SchemaMigration of(
      StepContext context, String name, Connections connections, Commands commands) {
    MigrationTarget migration = context.target(name, MigrationTarget.class);
    return of(
        migration,
        context.target(migration.database(), PostgresTarget.class),
        connections,
        commands,
        new Run(
            context.runId(),
            new RunSessions(context, connections, name),
            context.cancellation(),
            context.commandLog()));
  }

  /** The implementation that the target asks for. */
  static SchemaMigration of(
      MigrationTarget migration,
      PostgresTarget database,
      Connections connections,
      Commands commands,
      Run run) {
    return switch (migration.tool()) {
      case LIQUIBASE -> new LiquibaseMigration(migration, database, connections, run);
      case COMMAND -> new CommandMigration(migration, database, connections, commands, run);
    };
  }
}
