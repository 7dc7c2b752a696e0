package io.belay.faults;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Work that goes on while a test disturbs it. */
public final class InBackground {

  /** What is done. */
  @FunctionalInterface
  public interface Work {
    void run() throws Exception;
  }

  private InBackground() {}

  /** Whatever the work throws, a cancellation too, is the cause of what {@code join} throws. */
  public static CompletableFuture<Void> run(Work work) {
    return CompletableFuture.runAsync(
        () -> {
          try {
            work.run();
          } catch (Exception e) {
            throw new CompletionException(e);
          }
        });
  }
}
