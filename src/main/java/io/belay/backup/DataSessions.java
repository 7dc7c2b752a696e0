package io.belay.backup;

import io.belay.target.Cancellation;
import io.belay.target.Commands;
import io.belay.target.PostgresTarget;
import io.belay.target.TargetException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/**
 * Several psql at one database, each in a thread of its own, which run what they are sent statement
 * by statement. Only for a database that nobody uses yet: there is no transaction around it.
 */
final class DataSessions implements AutoCloseable {

  private static final int BLOCKS_AHEAD = 4;
  private static final byte[] END = new byte[0];

  private final List<Session> sessions = new ArrayList<>();
  private volatile boolean brokenOff;

  DataSessions(int count, PostgresTools tools, PostgresTarget database, Cancellation cancellation) {
    for (int i = 0; i < count; i++) {
      Session session = new Session();
      sessions.add(session);
      new Thread(() -> session.run(tools, database, cancellation), "restore-" + i).start();
    }
  }

  /** Runs the SQL that arrives there, dealt out to all sessions, to its end. */
  void run(InputStream sql) throws IOException {
    CopySplitter.split(sql, sessions);
    for (Session session : sessions) {
      session.send(END);
    }
    for (Session session : sessions) {
      session.await();
    }
  }

  /** Ends them all, whether or not they have run what they were sent. */
  @Override
  public void close() {
    brokenOff = true;
    for (Session session : sessions) {
      session.result.exceptionally(failed -> null).join();
    }
  }

  private final class Session implements CopySplitter.Lane {

    private final BlockingQueue<byte[]> blocks = new ArrayBlockingQueue<>(BLOCKS_AHEAD);
    private final CompletableFuture<Commands.Result> result = new CompletableFuture<>();

    void run(PostgresTools tools, PostgresTarget database, Cancellation cancellation) {
      try {
        result.complete(
            tools.filter(
                database,
                RestoreInPlace.PSQL,
                cancellation,
                this::feed,
                out -> out.transferTo(OutputStream.nullOutputStream())));
      } catch (Exception | Error e) {
        result.completeExceptionally(e);
      }
    }

    private void feed(OutputStream stdin) throws IOException, InterruptedException {
      while (true) {
        byte[] block = blocks.poll(100, TimeUnit.MILLISECONDS);
        if (block == END) {
          return;
        } else if (block != null) {
          stdin.write(block);
        } else if (brokenOff) {
          throw new IOException("the restore broke off");
        }
      }
    }

    @Override
    public void send(byte[] block) throws IOException {
      try {
        while (!blocks.offer(block, 100, TimeUnit.MILLISECONDS)) {
          if (result.isDone()) {
            await();
            throw new IOException("psql ended before its input did");
          }
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      }
    }

    @Override
    public int waiting() {
      return blocks.size();
    }

    void await() throws IOException {
      try {
        Commands.Result ended = result.join();
        if (!ended.succeeded()) {
          throw new TargetException(
              "psql ended with %d: %s".formatted(ended.exitCode(), ended.output().strip()));
        }
      } catch (CompletionException e) {
        if (e.getCause() instanceof RuntimeException cause) {
          throw cause;
        }
        throw new IOException(e.getCause().getMessage(), e.getCause());
      }
    }
  }
}
