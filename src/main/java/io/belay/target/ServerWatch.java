package io.belay.target;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends work without a time limit (a dump, a migration, hashing a large table) when its server falls
 * silent. Meanwhile a second connection asks the server for a sign of life. If there is none for
 * the target's {@code query-timeout}, or the server no longer knows the session at work, the
 * registered actions end the work as if the step had been cancelled, and {@link #throwIfCancelled}
 * says why.
 *
 * <p>Neither a closed connection nor TCP's keep-alive shows that a server was stopped or that the
 * network drops everything: the step would wait for ever. Any answer from the server, even a
 * refusal, is a sign of life.
 */
public final class ServerWatch implements Cancellation, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ServerWatch.class);
  private static final Duration SHORTEST_PAUSE = Duration.ofMillis(200);

  /** Shorter than waits for locks, so that the blocking session is seen. */
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);

  /** Work that is watched. */
  @FunctionalInterface
  public interface Work<T> {
    /**
     * @param cancellation when the step is cancelled or the server is silent
     */
    T with(ServerWatch cancellation) throws Exception;
  }

  /**
   * A session at work.
   *
   * @param pid of its server process, as the server says: a pooler would tell the driver another
   */
  private record Session(Connection connection, int pid) {}

  private final Connections connections;
  private final PostgresTarget target;
  private final Cancellation step;
  private final Set<Registration> registrations = ConcurrentHashMap.newKeySet();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final LockWaits locks = new LockWaits();
  private volatile Session session;
  private volatile String silence;
  private Connection probe;

  private ServerWatch(Connections connections, PostgresTarget target, Cancellation step) {
    this.connections = connections;
    this.target = target;
    this.step = step;
  }

  /** Starts a watch. The caller closes it when the work is over. */
  public static ServerWatch start(
      Connections connections, PostgresTarget target, Cancellation step) {
    ServerWatch watch = new ServerWatch(connections, target, step);
    Thread thread = new Thread(watch::watch, "watch-" + target.host() + "-" + target.port());
    thread.setDaemon(true);
    thread.start();
    return watch;
  }

  /**
   * Does the work under a watch of its own.
   *
   * @param state in which a silent server leaves things, for people
   * @throws TargetException when the server was silent, instead of the work's own exception
   */
  public static <T> T during(
      Connections connections, PostgresTarget target, Cancellation step, String state, Work<T> work)
      throws Exception {
    try (ServerWatch watch = start(connections, target, step)) {
      try {
        return work.with(watch);
      } catch (Exception e) {
        String why = watch.silence;
        throw why == null || step.isCancelled()
            ? e
            : new TargetException("%s. %s; retry when it answers".formatted(why, state), e);
      }
    }
  }

  /**
   * Watches this connection as the one at work: it is cut when the step is cancelled or the server
   * is silent, and the server must know its session.
   */
  public void of(Connection connection) throws SQLException {
    onCancel(() -> Connections.interrupt(connection));
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT pg_backend_pid()")) {
      row.next();
      session = new Session(connection, row.getInt(1));
    }
  }

  /** Why the work was ended; null while the server gives signs of life. */
  public String silence() {
    return silence;
  }

  /**
   * A failure's message; if the work waited for a lock until just now, with the holder of the lock.
   */
  public String blaming(String message) {
    return locks
        .recent()
        .map(
            blockers ->
                "%s. It waited for a lock behind %s. Let that transaction end, or end its session (SELECT pg_terminate_backend(pid)), then retry"
                    .formatted(message, blockers))
        .orElse(message);
  }

  private void watch() {
    Duration patience = target.queryTimeout();
    long pause =
        Math.max(
            SHORTEST_PAUSE.toMillis(), Math.min(LONGEST_PAUSE.toMillis(), patience.toMillis() / 6));
    long heard = System.nanoTime();
    try {
      while (!closed.await(pause, TimeUnit.MILLISECONDS)) {
        if (livesAndWorks()) {
          heard = System.nanoTime();
        } else if (System.nanoTime() - heard > patience.toNanos()) {
          giveUp(
              "%s has given no sign of life for %d s"
                  .formatted(target.describe(), patience.toSeconds()));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      forgetProbe();
    }
  }

  private boolean livesAndWorks() {
    try {
      if (probe == null) {
        probe = connections.postgres(target);
      }
      if (!knowsSession()) {
        giveUp("%s no longer knows the session that worked there".formatted(target.describe()));
      }
      locks.ask(probe);
      return true;
    } catch (SQLException e) {
      forgetProbe();
      return isAnswer(e);
    } catch (TargetException e) {
      return e.getCause() instanceof SQLException cause && isAnswer(cause);
    }
  }

  private boolean knowsSession() throws SQLException {
    Session watched = session;
    if (watched == null) {
      return true;
    }
    try (Statement statement = probe.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT count(*) FROM pg_stat_activity WHERE pid = " + watched.pid())) {
      row.next();
      return row.getInt(1) > 0 || watched.connection().isClosed(); // by Belay, its work done
    }
  }

  /** Connection errors (class 08) count as silence; all others come from the server itself. */
  private static boolean isAnswer(SQLException e) {
    return e.getSQLState() != null && !e.getSQLState().startsWith("08");
  }

  private void giveUp(String why) {
    if (silence == null && closed.getCount() > 0) {
      LOG.warn("{}", why);
      silence = why;
      registrations.forEach(Registration::run);
    }
  }

  private void forgetProbe() {
    if (probe != null) {
      try {
        probe.abort(Runnable::run);
      } catch (SQLException e) {
        // it is gone already
      }
      probe = null;
    }
  }

  @Override
  public boolean isCancelled() {
    return step.isCancelled() || silence != null;
  }

  @Override
  public void throwIfCancelled() {
    step.throwIfCancelled();
    String why = silence;
    if (why != null) {
      throw new TargetException(why);
    }
  }

  @Override
  public AutoCloseable onCancel(Runnable action) {
    Registration registration = new Registration(action);
    registrations.add(registration);
    registration.ofStep = step.onCancel(registration);
    if (silence != null) {
      registration.run();
    }
    return registration;
  }

  @Override
  public void close() {
    closed.countDown();
    registrations.forEach(Registration::close);
  }

  /** An action that runs at most once. */
  private final class Registration implements Runnable, AutoCloseable {

    private final Runnable action;
    private boolean done;
    private AutoCloseable ofStep = () -> {};

    Registration(Runnable action) {
      this.action = action;
    }

    @Override
    public void run() {
      synchronized (this) {
        if (done) {
          return;
        }
        done = true;
      }
      action.run();
    }

    @Override
    public void close() {
      registrations.remove(this);
      try {
        ofStep.close();
      } catch (Exception e) {
        throw new IllegalStateException("a cancellation could not be unregistered", e);
      }
    }
  }
}
