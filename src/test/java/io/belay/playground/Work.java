package io.belay.playground;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Runs work whose failure no caller of the playground can do anything about. */
final class Work {

  /** Work without a result. */
  @FunctionalInterface
  interface Action {
    void perform() throws Exception;
  }

  private Work() {}

  static <T> CompletableFuture<T> async(Callable<T> work) {
    return CompletableFuture.supplyAsync(() -> run(work));
  }

  static <T> T join(CompletableFuture<T> future) {
    try {
      return future.join();
    } catch (CompletionException e) {
      throw new IllegalStateException(e.getCause().getMessage(), e.getCause());
    }
  }

  static void perform(Action action) {
    run(
        () -> {
          action.perform();
          return null;
        });
  }

  static <T> T run(Callable<T> work) {
    try {
      return work.call();
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e.getMessage(), e);
    }
  }
}
