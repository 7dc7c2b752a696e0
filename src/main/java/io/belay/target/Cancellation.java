package io.belay.target;

import java.util.concurrent.CancellationException;

/**
 * Says when work must stop: the operator aborted, the lock was lost, the node is shutting down.
 * Work checks it between chunks, and registers what must be closed or killed immediately.
 */
public interface Cancellation {

  /** Never cancelled. */
  Cancellation NONE =
      new Cancellation() {
        @Override
        public boolean isCancelled() {
          return false;
        }

        @Override
        public AutoCloseable onCancel(Runnable action) {
          return () -> {};
        }
      };

  boolean isCancelled();

  /**
   * Runs {@code action} when cancelled, or at once if already cancelled.
   *
   * @return closes the registration
   */
  AutoCloseable onCancel(Runnable action);

  /**
   * @throws CancellationException when cancelled
   */
  default void throwIfCancelled() {
    if (isCancelled()) {
      throw new CancellationException("the step was cancelled");
    }
  }
}
