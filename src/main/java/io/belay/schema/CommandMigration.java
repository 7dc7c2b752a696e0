package io.belay.schema;

import io.belay.target.Cancellation;
import io.belay.target.Command;
import io.belay.target.Commands;
import io.belay.target.Connections;
import io.belay.target.MigrationTarget;
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
 * Migrates with commands, for example {@code npx prisma migrate deploy}. They find the database in
 * {@code DATABASE_URL} (with the password), {@code PGHOST}, {@code PGPORT}, {@code PGDATABASE},
 * {@code PGUSER} and {@code PGPASSFILE} (a file that only this user can read, removed afterwards),
 * a {@code lock_timeout} in {@code PGOPTIONS}, so that every other query does not queue up behind
 * them, and which attempt of which run wants it (see {@link
 * io.belay.step.StepContext#commandEnvironment}). Both commands may be called again after they were
 * killed, so they must do nothing when there is nothing to do, as migration tools do. A command is
 * over when its sessions at the server are ({@link RunSessions}), however it ended.
 */
final class CommandMigration implements SchemaMigration {

  /** How long a statement of a command may wait for somebody else's lock. */
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

  /** Always 1: a command does not tell how many changes it made. */
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

  /** Those of the command's own environment count more. */
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
      } catch (TargetException silence) { // of the server, or of the session that is the fence
        throw new TargetException(
            "%s. The %s".formatted(silence.getMessage(), killed.getMessage()), silence);
      }
      throw killed;
    }
  }
}
