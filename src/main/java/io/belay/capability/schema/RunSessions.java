package io.belay.capability.schema;

import io.belay.step.StepContext;
import io.belay.target.CommandSessions;
import io.belay.target.CommandSessions.Opened;
import io.belay.target.CommandSessions.Outcome;
import io.belay.target.Connections;
import io.belay.target.PostgresTarget;
import io.belay.target.Secret;
import io.belay.target.TargetException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CancellationException;

/**
 * The sessions of this run's migrations of one database, in the run's journal: recorded before the
 * first is opened, and recorded as ended once proven.
 */
final class RunSessions {

  private final StepContext context;
  private final String database;
  private final PostgresTarget target;
  private final CommandSessions sessions;
  private Opened opened;

  RunSessions(StepContext context, Connections connections, String migration) {
    this.context = context;
    this.database = context.target(migration, MigrationTarget.class).database();
    this.target = context.target(database, PostgresTarget.class);
    this.sessions = new CommandSessions(connections, target);
  }

  /**
   * Ends what earlier attempts and steps have left. Call it before reading anything that must be
   * current, and before changing anything.
   *
   * @throws TargetException when something is left; says what to do
   */
  void endEarlier() {
    sessions.endAll(
        database,
        context.savedBy(CommandSessions.STEPS, CommandSessions.CHECKPOINT, Opened.class),
        "This step has not begun",
        line -> context.log("%s", line));
  }

  /** Name of the sessions in which Belay itself works for the run. */
  static String name(String run) {
    return "belay " + run;
  }

  /**
   * Call before Belay opens a session that changes something.
   *
   * @return name for that session
   */
  String open() {
    return open(name(context.runId()));
  }

  private String open(String name) {
    opened = sessions.open(database, name);
    context.save(CommandSessions.CHECKPOINT, opened);
    return opened.mark();
  }

  /** Call before a command is started, which must get the returned environment. */
  Map<String, Secret> openForCommand() {
    Secret mark = Secret.of(open("belay-command " + context.runId()));
    Map<String, Secret> environment = new HashMap<>(context.commandEnvironment());
    environment.put("PGAPPNAME", mark);
    environment.put("BELAY_COMMAND", mark);
    return environment;
  }

  /** Call when Belay's own session has done its work. */
  void ended() {
    context.save(CommandSessions.CHECKPOINT, opened.asEnded());
  }

  /**
   * Call when the command has succeeded.
   *
   * @throws TargetException when a session was still working; it was ended
   */
  void endAfterSuccess() {
    Outcome outcome = sessions.endAfterSuccess(opened);
    if (!outcome.interrupted().isEmpty()) {
      throw new TargetException(
          "the command said that it has done its work on %s, but the server still worked for it. That was ended, and the server has rolled it back: %s. The command has to wait for what it starts"
              .formatted(target.describe(), String.join("; ", outcome.interrupted())));
    }
    settle(outcome);
  }

  /**
   * Call when the work has failed or was killed.
   *
   * @return what to throw
   */
  RuntimeException endAfter(RuntimeException failure) {
    Outcome outcome = sessions.end(opened);
    outcome.interrupted().forEach(session -> context.log("ended %s", session));
    settle(outcome);
    if (outcome.left().isEmpty() || failure instanceof CancellationException) {
      return failure;
    }
    return new TargetException(
        "%s. It may still change %s: %s"
            .formatted(failure.getMessage(), target.describe(), String.join("; ", outcome.left())),
        failure);
  }

  private void settle(Outcome outcome) {
    if (outcome.left().isEmpty()) {
      ended();
    } else {
      outcome.left().forEach(what -> context.log("not known to have ended: %s", what));
    }
  }
}
