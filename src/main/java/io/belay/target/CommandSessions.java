package io.belay.target;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * The sessions that a run's commands opened at a PostgreSQL server. They can outlive a killed
 * client: the server continues the statement, and commits. Before a retry, a rollback, a comparison
 * or a restore, the sessions are ended here, and their end is awaited.
 *
 * <p>A session is known by the command's mark, its application name. One without the mark (the
 * client has set a name of its own) is judged by its client. If it is seen waiting for its client,
 * it belongs to somebody else, since a killed client's session would have ended. If it is busy and
 * its other end is on this machine, but held by no process, its client is dead: it is ended as
 * well. Belay does not end other sessions that stay busy; it reports them.
 */
public final class CommandSessions {

  /** Checkpoint of the {@link #STEPS}, of type {@link Opened}. */
  public static final String CHECKPOINT = "commandSessions";

  /** The steps that work on a database through sessions that can outlive them. */
  public static final List<String> STEPS = List.of("applySchema", "revertSchema");

  /** How long a session has to end by itself after its client has ended. */
  private static final Duration GRACE = Duration.ofSeconds(1);

  private static final Duration PAUSE = Duration.ofMillis(50);

  private final Connections connections;
  private final PostgresTarget target;

  public CommandSessions(Connections connections, PostgresTarget target) {
    this.connections = connections;
    this.target = target;
  }

  /**
   * What a step records before it opens sessions.
   *
   * @param database name of the target
   * @param mark application name of its sessions; of a command also {@code BELAY_COMMAND} of its
   *     processes
   * @param since the server's clock before the first was opened; for a session behind a pooler,
   *     nobody knows when a command got it
   * @param ended whether all were proven to have ended
   */
  public record Opened(String database, String mark, String since, boolean ended) {

    public Opened asEnded() {
      return new Opened(database, mark, since, true);
    }
  }

  /**
   * What became of the sessions.
   *
   * @param interrupted those that were ended while they worked, for people; the server has rolled
   *     back their work
   * @param left what may still have an effect and what to do about it, for people; empty if nothing
   */
  public record Outcome(List<String> interrupted, List<String> left) {}

  /**
   * What to record before the first session is opened.
   *
   * @param database name of the target
   * @param name of the sessions, at most 52 bytes of PostgreSQL's 63; a random number makes it
   *     unique
   */
  public Opened open(String database, String name) {
    String mark =
        "%.52s %s".formatted(name, UUID.randomUUID().toString().replace("-", "").substring(0, 10));
    try (Connection connection = connections.postgres(target);
        PreparedStatement ask = connection.prepareStatement("SELECT clock_timestamp()::text");
        ResultSet row = ask.executeQuery()) {
      row.next();
      String since = Connections.isPooled(connection) ? "-infinity" : row.getString(1);
      return new Opened(database, mark, since, false);
    } catch (SQLException e) {
      throw new TargetException(
          "%s does not tell the time: %s. Nothing was begun there; retry"
              .formatted(target.describe(), e.getMessage()),
          e);
    }
  }

  /**
   * Ends the sessions that the steps of a run have recorded, before another step works there.
   *
   * @param database name of the target
   * @param state of that other step, for people
   * @throws TargetException when something is left that may still have an effect
   */
  public void endAll(String database, List<Opened> recorded, String state, Consumer<String> log) {
    for (Opened opened : recorded) {
      if (opened.database().equals(database)) {
        Outcome outcome = end(opened);
        outcome.interrupted().forEach(session -> log.accept("ended " + session));
        if (!outcome.left().isEmpty()) {
          throw new TargetException(
              "a command of this run may still change %s: %s. %s"
                  .formatted(target.describe(), String.join("; ", outcome.left()), state));
        }
      }
    }
  }

  /**
   * Ends the sessions of a step that has ended, or of an attempt that another replaces, and the
   * command's processes on this machine. Does nothing if all were proven to have ended.
   */
  public Outcome end(Opened opened) {
    return opened.ended() ? new Outcome(List.of(), List.of()) : end(opened, true);
  }

  /**
   * Ends the sessions left by a command that ended by itself. Its processes may go on, for example
   * a service that it started.
   */
  public Outcome endAfterSuccess(Opened opened) {
    return end(opened, false);
  }

  private Outcome end(Opened opened, boolean processesToo) {
    boolean interrupted = Thread.interrupted(); // restored below, for a stopped step
    List<String> left = new ArrayList<>();
    Map<String, String> worked = new LinkedHashMap<>();
    if (processesToo) {
      StrayCommands.end(opened.mark())
          .forEach(pid -> left.add("process %d cannot be killed; kill it".formatted(pid)));
    }
    try (Connection connection = connections.postgres(target)) {
      long start = System.nanoTime();
      left.addAll(endSessions(connection, opened, start, worked));
      left.addAll(awaitPrepared(connection, opened, start));
    } catch (SQLException | TargetException e) {
      left.add(
          "whether its sessions have ended cannot be known: %s; retry when the server answers"
              .formatted(e.getMessage()));
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
    return new Outcome(List.copyOf(worked.values()), left);
  }

  private boolean isOver(long start) {
    return System.nanoTime() - start > GRACE.plus(target.queryTimeout()).toNanos();
  }

  private List<String> endSessions(
      Connection connection, Opened opened, long start, Map<String, String> worked)
      throws SQLException {
    Map<String, String> refusals = new LinkedHashMap<>();
    Set<String> others = new HashSet<>();
    while (true) {
      List<CommandSession> open = new ArrayList<>();
      List<CommandSession> all = CommandSession.all(connection, opened);
      LocalSockets sockets = LocalSockets.now();
      for (CommandSession session : all) {
        if (session.isOthers(sockets)) {
          others.add(session.id());
        } else if (!others.contains(session.id())) {
          open.add(session);
        }
      }
      if (open.isEmpty()) {
        return List.of();
      } else if (isOver(start)) {
        return open.stream()
            .map(session -> session.describe(refusals.getOrDefault(session.id(), "")))
            .toList();
      } else if (System.nanoTime() - start > GRACE.toNanos()) {
        for (CommandSession session : open) {
          end(connection, session, sockets, worked, refusals);
        }
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    }
  }

  private static void end(
      Connection connection,
      CommandSession session,
      LocalSockets sockets,
      Map<String, String> worked,
      Map<String, String> refusals)
      throws SQLException {
    if (!session.isTheCommands(sockets)) {
      refusals.put(session.id(), "it has no mark of the command, and its client is unknown");
      return;
    }
    try (PreparedStatement end = connection.prepareStatement("SELECT pg_terminate_backend(?)")) {
      end.setInt(1, session.pid());
      end.execute();
      if (!session.waits()) {
        worked.putIfAbsent(session.id(), session.describe(""));
      }
      refusals.put(session.id(), "it does not end though it was told to");
    } catch (SQLException e) {
      if (!"42501".equals(e.getSQLState())) {
        throw e;
      }
      refusals.put(
          session.id(), "this login has no right to end it (%s)".formatted(e.getMessage()));
    }
  }

  /** Waits for prepared transactions: those that an application itself commits are gone soon. */
  private List<String> awaitPrepared(Connection connection, Opened opened, long start)
      throws SQLException {
    Map<String, String> waiting = prepared(connection, opened);
    while (!waiting.isEmpty() && !isOver(start)) {
      LockSupport.parkNanos(PAUSE.toNanos());
      waiting.keySet().retainAll(prepared(connection, opened).keySet());
    }
    return List.copyOf(waiting.values());
  }

  private static Map<String, String> prepared(Connection connection, Opened opened)
      throws SQLException {
    try (PreparedStatement ask =
        connection.prepareStatement(
            """
            SELECT gid, format('transaction %L of user %s was prepared at %s and takes effect when somebody commits it; COMMIT PREPARED or ROLLBACK PREPARED it, then retry',
              gid, owner, prepared::timestamptz(0))
            FROM pg_prepared_xacts WHERE database = current_database() AND prepared >= ?::timestamptz
            """)) {
      ask.setString(1, opened.since());
      Map<String, String> found = new LinkedHashMap<>();
      try (ResultSet rows = ask.executeQuery()) {
        while (rows.next()) {
          found.put(rows.getString(1), rows.getString(2));
        }
      }
      return found;
    }
  }
}
