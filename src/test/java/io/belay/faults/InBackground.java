package io.belay.faults;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/** Work that goes on while a test disturbs it. */
public final class InBackground {

  /** What is done. */
  @FunctionalInterface
  public interface Work {
    void run() throws Exception;
  }

  private InBackground() {}

  /**
   * Whatever the work throws, a cancellation too, is the cause of what {@code join} throws. {@code
   * join} cannot be interrupted, so a test's timeout would not end it: it gives up by itself.
   */
  public static CompletableFuture<Void> run(Work work) {
    return CompletableFuture.runAsync(
            () -> {
              try {
                work.run();
              } catch (Exception e) {
                throw new CompletionException(e);
              }
            })
        .orTimeout(150, TimeUnit.SECONDS);
  }
}
