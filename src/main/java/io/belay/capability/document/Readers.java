package io.belay.capability.document;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Reads several files, or several parts of one, at once on up to two cores; more would not be worth
 * the memory. Meanwhile the calling thread reports the progress.
 */
final class Readers {

  /** How many threads read. */
  static final int COUNT = Math.min(2, Runtime.getRuntime().availableProcessors());

  private static final long TELL_MILLIS = 100;

  /** The work on one item. */
  @FunctionalInterface
  interface Work<T> {
    /**
     * @param reader 0 to {@link #COUNT} - 1
     * @param ending the work must check it often, since it may have become useless
     */
    void on(T item, int reader, Ending ending) throws IOException;
  }

  /** Work of the calling thread; may throw to end all reading. */
  @FunctionalInterface
  interface Meanwhile {
    void run() throws IOException;
  }

  /** Ends all readers as soon as one of them, or the calling thread, has failed. */
  static final class Ending {

    private Throwable cause;

    private synchronized void because(Throwable failure) {
      cause = cause == null ? failure : cause;
    }

    synchronized void check() {
      if (cause != null) {
        throw new CancellationException("another reader failed");
      }
    }

    private synchronized void rethrow() throws IOException {
      if (cause instanceof IOException io) {
        throw io;
      } else if (cause instanceof RuntimeException unchecked) {
        throw unchecked;
      } else if (cause instanceof Error error) {
        throw error;
      }
    }
  }

  private Readers() {}

  /**
   * Returns when all is done; throws after one has failed and the others have ended.
   *
   * @param items in the order in which they are started
   * @param meanwhile called repeatedly by the calling thread
   */
  static <T> void read(List<T> items, Work<T> work, Meanwhile meanwhile) throws IOException {
    Queue<T> left = new ConcurrentLinkedQueue<>(items);
    Ending ending = new Ending();
    List<Future<?>> readers = new ArrayList<>();
    for (int i = 0; i < Math.min(COUNT, items.size()); i++) {
      int reader = i;
      FutureTask<?> task = new FutureTask<>(() -> drain(left, work, reader, ending), null);
      Thread thread = new Thread(task, "belay-document-reader-" + reader);
      thread.setDaemon(true);
      thread.start();
      readers.add(task);
    }
    boolean interrupted = false;
    for (Future<?> reader : readers) {
      while (!reader.isDone()) {
        try {
          reader.get(TELL_MILLIS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException stillReading) {
          tell(meanwhile, ending);
        } catch (InterruptedException e) {
          interrupted = true;
          ending.because(new InterruptedIOException("interrupted while files were read"));
        } catch (ExecutionException e) {
          ending.because(e.getCause());
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    ending.rethrow();
    meanwhile.run();
  }

  private static void tell(Meanwhile meanwhile, Ending ending) {
    try {
      meanwhile.run();
    } catch (IOException | RuntimeException failure) {
      ending.because(failure);
    }
  }

  private static <T> void drain(Queue<T> left, Work<T> work, int reader, Ending ending) {
    try {
      for (T item = left.poll(); item != null; item = left.poll()) {
        ending.check();
        work.on(item, reader, ending);
      }
    } catch (IOException | RuntimeException | Error failure) {
      ending.because(failure);
    }
  }
}
