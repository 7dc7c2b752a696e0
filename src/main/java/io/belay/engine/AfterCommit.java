package io.belay.engine;

import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/** Runs actions once the engine's transaction has committed. */
public final class AfterCommit {

  private AfterCommit() {}

  /**
   * Runs the action after the current transaction commits, never if it rolls back; at once when
   * there is none.
   */
  public static void run(Runnable act) {
    if (!TransactionSynchronizationManager.isSynchronizationActive()) {
      act.run();
      return;
    }
    TransactionSynchronizationManager.registerSynchronization(
        new TransactionSynchronization() {
          @Override
          public void afterCommit() {
            act.run();
          }
        });
  }
}
