package io.belay.capability.backup;

import io.belay.target.Connections;
import io.belay.target.PostgresTarget;
import io.belay.target.ServerWatch;
import io.belay.target.TargetException;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.postgresql.core.Encoding;
import org.postgresql.largeobject.LargeObject;
import org.postgresql.largeobject.LargeObjectManager;

/**
 * Fills a database with the rows and large objects of an archive over several connections, each in
 * a thread of its own. Only for a database that nobody uses yet: there is no common transaction.
 * Rows go to the server in blocks as they arrive; only the server parses them.
 */
final class DataSessions implements AutoCloseable {

  private static final int WORK_AHEAD = 4;
  private static final Work END = () -> {};

  /** The same as at the start of pg_restore's sessions. */
  private static final List<String> SETTINGS =
      List.of(
          "select pg_catalog.set_config(name, '0', false) from pg_catalog.pg_settings where name in"
              + " ('lock_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout')",
          "set row_security = off",
          "set xmloption = content",
          "set client_min_messages = warning",
          "select pg_catalog.set_config('search_path', '', false)");

  private final PostgresTarget database;
  private final List<Session> sessions = new ArrayList<>();
  private volatile boolean brokenOff;

  private interface Work {
    void run() throws SQLException, IOException;
  }

  /**
   * @throws TargetException when the server cannot be reached
   */
  DataSessions(int count, PostgresTools tools, PostgresTarget database, ServerWatch watch)
      throws SQLException {
    this.database = database;
    try {
      for (int i = 0; i < count; i++) {
        Session session = new Session(tools.connectUnbounded(database, watch));
        sessions.add(session);
        new Thread(session::run, "restore-" + i).start();
      }
    } catch (SQLException | RuntimeException e) {
      close();
      throw e;
    }
  }

  /** Reads the archive to its end, and waits until all of it is in the database. */
  void fill(CustomArchive archive) throws IOException {
    for (Session session : sessions) {
      session.begin(archive.encoding());
    }
    archive.read(new RowDistributor(sessions), sessions.get(0));
    for (Session session : sessions) {
      session.send(END);
    }
    for (Session session : sessions) {
      session.await();
    }
  }

  /** Ends all sessions, whether or not they have finished. */
  @Override
  public void close() {
    brokenOff = true;
    for (Session session : sessions) {
      if (!session.result.isDone()) {
        Connections.interrupt(session.connection);
      }
    }
    for (Session session : sessions) {
      session.result.exceptionally(failed -> null).join();
    }
  }

  private final class Session implements RowDistributor.Lane, CustomArchive.LargeObjects {

    private final Connection connection;
    private final BlockingQueue<Work> waiting = new ArrayBlockingQueue<>(WORK_AHEAD);
    private final CompletableFuture<Void> result = new CompletableFuture<>();
    private String encoding = "UTF8";
    private CopyIn copying;
    private LargeObject object;

    Session(Connection connection) {
      this.connection = connection;
    }

    private void run() {
      try (connection) {
        while (!brokenOff) {
          Work work = waiting.poll(100, TimeUnit.MILLISECONDS);
          if (work == END) {
            result.complete(null);
            return;
          } else if (work != null) {
            work.run();
          }
        }
        throw new IOException("the restore broke off");
      } catch (SQLException e) {
        result.completeExceptionally(
            new TargetException(
                "the rows cannot be restored into %s: %s. The database itself is as it was before"
                    .formatted(database.describe(), e.getMessage()),
                e));
      } catch (Exception | Error e) {
        result.completeExceptionally(e);
      }
    }

    /** Decodes a statement, which the driver will send in UTF-8, from the archive's encoding. */
    private String text(byte[] sql) throws IOException {
      String charset = encoding.equals("SQL_ASCII") ? "UTF8" : encoding; // bytes are not converted
      Encoding read = Encoding.getDatabaseEncoding(charset);
      String text = read.decode(sql);
      if (!Arrays.equals(read.encode(text), sql)) {
        throw new IOException("a statement of the archive is not in its encoding " + encoding);
      }
      return text;
    }

    /** Starts the session. Its encoding stays the driver's; each COPY names the archive's. */
    void begin(String encoding) throws IOException {
      this.encoding = encoding;
      send(
          () -> {
            try (Statement statement = connection.createStatement()) {
              for (String setting : SETTINGS) {
                statement.execute(setting);
              }
            }
          });
    }

    @Override
    public void copy(byte[] sql) throws IOException {
      String text = text(sql).replaceFirst(";\\n$", " WITH (ENCODING '" + encoding + "')");
      send(() -> copying = connection.unwrap(PGConnection.class).getCopyAPI().copyIn(text));
    }

    @Override
    public void rows(byte[] block, int length) throws IOException {
      send(() -> copying.writeToCopy(block, 0, length));
    }

    @Override
    public void endCopy() throws IOException {
      send(() -> copying.endCopy());
    }

    @Override
    public void largeObject(long oid) throws IOException {
      send(
          () -> {
            closeObject();
            connection.setAutoCommit(false);
            object =
                connection
                    .unwrap(PGConnection.class)
                    .getLargeObjectAPI()
                    .open(oid, LargeObjectManager.WRITE);
          });
    }

    @Override
    public void content(byte[] bytes, int from, int length) throws IOException {
      byte[] part = Arrays.copyOfRange(bytes, from, from + length);
      send(() -> object.write(part));
    }

    @Override
    public void endLargeObjects() throws IOException {
      send(
          () -> {
            closeObject();
            connection.commit();
            connection.setAutoCommit(true);
          });
    }

    private void closeObject() throws SQLException {
      if (object != null) {
        object.close();
        object = null;
      }
    }

    private void send(Work work) throws IOException {
      try {
        while (!waiting.offer(work, 100, TimeUnit.MILLISECONDS)) {
          if (result.isDone()) {
            await();
            throw new IOException("the session ended before its input did");
          }
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      }
    }

    @Override
    public int waiting() {
      return waiting.size();
    }

    void await() throws IOException {
      try {
        result.join();
      } catch (CompletionException e) {
        if (e.getCause() instanceof RuntimeException cause) {
          throw cause;
        }
        throw new IOException(e.getCause().getMessage(), e.getCause());
      }
    }
  }
}
