package io.belay.capability.schema;

import io.belay.command.Commands;
import io.belay.target.Cancellation;
import io.belay.target.Command;
import io.belay.target.Connections;
import io.belay.target.PassFile;
import io.belay.target.PostgresTarget;
import io.belay.target.Secret;
import io.belay.target.TargetException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;

/**
 * Migrates with commands, for example {@code npx prisma migrate deploy}. Their environment has the
 * database in {@code DATABASE_URL} (with the password), {@code PGHOST}, {@code PGPORT}, {@code
 * PGDATABASE}, {@code PGUSER} and {@code PGPASSFILE} (a file that only this user can read, removed
 * afterwards), a {@code lock_timeout} in {@code PGOPTIONS}, so that other queries do not queue up
 * behind them, and the run and attempt (see {@link io.belay.step.StepContext#commandEnvironment}).
 * Both commands may be called again after a kill, so they must do nothing when there is nothing to
 * do, as migration tools do. However a command ends, it is over only when its sessions at the
 * server are ({@link RunSessions}).
 */
final class CommandMigration implements SchemaMigration {

  /** How long a command's statement may wait for another session's lock. */
  private static final String LOCK_TIMEOUT = "5s";

  private final MigrationTarget migration;
  private final PostgresTarget database;
  private final Connections connections;
  private final Commands commands;
  private final Run run;

  CommandMigration(
      MigrationTarget migration,
      PostgresTarget database,
      Connections connections,
      Commands commands,
      Run run) {
    this.connections = connections;
    this.migration = migration;
    this.database = database;
    this.commands = commands;
    this.run = run;
  }

  @Override
  public Preview preview() {
    String apply = "apply: " + migration.apply();
    String revert =
        migration.revert() == null
            ? "revert: no command; only restoring the backup takes the migration back"
            : "revert: " + migration.revert();
    List<String> details = new ArrayList<>(List.of(apply, revert));
    details.add(
        "statements wait %s for a lock at most (lock_timeout in PGOPTIONS), where the tool reads that"
            .formatted(LOCK_TIMEOUT));
    if (migration.preview() != null) {
      details.add(execute("preview", migration.preview(), Map.of(), run.cancellation()));
    }
    return new Preview(-1, details);
  }

  @Override
  public Mark mark() {
    return new Mark("", 0, false);
  }

  /** Always returns 1: a command does not report how many changes it made. */
  @Override
  public int apply(Mark mark) {
    fenced("apply", migration.apply());
    return 1;
  }

  @Override
  public int revert(Mark mark) {
    if (migration.revert() == null) {
      throw new TargetException(
          "the migration of %s has no revert command, so its changes are still there; restore the backup, or take them back by hand"
              .formatted(database.describe()));
    }
    fenced("revert", migration.revert());
    return 1;
  }

  private void fenced(String verb, Command command) {
    String name = RunSessions.name(run.id());
    try (DatabaseSession session =
        DatabaseSession.open(connections, database, name, run.cancellation())) {
      boolean pooled = Connections.isPooled(session.connection());
      MigrationFence.endEarlier(session, name);
      MigrationFence.hold(session, database);
      Map<String, Secret> environment = run.sessions().openForCommand();
      if (!pooled) { // a pooler refuses options that it does not know
        environment.put("PGOPTIONS", options(command));
      }
      run.cancellation().throwIfCancelled();
      try {
        execute(verb, command, environment, session.cancellation());
      } catch (RuntimeException e) {
        throw run.sessions().endAfter(blaming(session, e));
      }
      run.sessions().endAfterSuccess();
    } catch (SQLException e) {
      run.cancellation().throwIfCancelled();
      throw new TargetException(
          "%s: %s; the %s command was not started"
              .formatted(database.describe(), e.getMessage(), verb),
          e);
    }
  }

  /** The value of {@code PGOPTIONS}; the command's own options take precedence. */
  private static Secret options(Command command) {
    Secret own = command.environment().getOrDefault("PGOPTIONS", Secret.none());
    return Secret.of("-c lock_timeout=%s %s".formatted(LOCK_TIMEOUT, own.reveal()).strip());
  }

  private static RuntimeException blaming(DatabaseSession session, RuntimeException failure) {
    String message = session.blaming(failure.getMessage());
    return failure instanceof TargetException && !message.equals(failure.getMessage())
        ? new TargetException(message, failure)
        : failure;
  }

  private String execute(
      String verb, Command command, Map<String, Secret> more, Cancellation cancellation) {
    try (PassFile passFile = PassFile.of(database)) {
      Map<String, Secret> environment =
          new HashMap<>(connections.postgresEnvironment(database, passFile.path()));
      environment.put("DATABASE_URL", connections.postgresUrl(database));
      environment.putAll(more);
      Commands.Result result = commands.run(command, environment, cancellation, run.log());
      if (!result.succeeded()) {
        throw new TargetException(
            "the %s command '%s' ended with exit code %d on %s. What it did until then is still there. Its last output: %s"
                .formatted(
                    verb,
                    command,
                    result.exitCode(),
                    database.describe(),
                    result.output().strip()));
      }
      return result.output().strip();
    } catch (CancellationException killed) {
      run.cancellation().throwIfCancelled();
      try {
        cancellation.throwIfCancelled();
      } catch (TargetException silence) { // of the server, or of the session that holds the fence
        throw new TargetException(
            "%s. The %s".formatted(silence.getMessage(), killed.getMessage()), silence);
      }
      throw killed;
    }
  }
}
