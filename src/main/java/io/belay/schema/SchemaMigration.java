package io.belay.schema;

import io.belay.step.StepContext;
import io.belay.target.Cancellation;
import io.belay.target.Commands;
import io.belay.target.Connections;
import io.belay.target.MigrationTarget;
import io.belay.target.PostgresTarget;
import java.util.List;
import java.util.function.Consumer;

/**
 * A tool that changes a schema and takes the change back. One implementation per {@link
 * MigrationTarget.Tool}.
 *
 * <p>Order: {@link #mark} before anything else, its result durably recorded, then {@link #apply};
 * {@link #revert} with the recorded mark. Each may be killed at any point and called again.
 */
public interface SchemaMigration {

  /**
   * Where the schema stood before the run touched it.
   *
   * @param tag Liquibase's tag; empty for commands, whose revert command knows by itself
   * @param executed changesets that had been executed by then; 0 for commands
   * @param newHistory whether Liquibase never worked on this database before; its books go too then
   */
  record Mark(String tag, int executed, boolean newHistory) {}

  /**
   * What would be done and how it would be taken back.
   *
   * @param pending changes still to be made; -1 when the tool cannot tell
   * @param details SQL or command output, never a secret
   */
  record Preview(int pending, List<String> details) {}

  /**
   * The run on whose behalf the tool works.
   *
   * @param id of the run
   * @param sessions that it opens; null for a plan, which has no effect
   * @param log receives what happens, line by line
   */
  record Run(String id, RunSessions sessions, Cancellation cancellation, Consumer<String> log) {}

  /** The plan, with no effect at all. */
  Preview preview();

  /** Remembers the present state, so that {@link #revert} finds back to it. Harmless to repeat. */
  Mark mark();

  /**
   * Makes all pending changes.
   *
   * @return changes made since the mark, those of earlier attempts included
   */
  int apply(Mark mark);

  /**
   * Takes back what was made since the mark; does nothing when there is nothing.
   *
   * @return changes taken back by this call
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
