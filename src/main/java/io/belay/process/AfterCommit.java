package io.belay.process;

import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/** What only counts when the engine's transaction has come to its end. */
final class AfterCommit {

  private AfterCommit() {}

  /**
   * Acts when the present transaction is committed, never if it is not; at once where there is
   * none.
   */
  static void run(Runnable act) {
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
