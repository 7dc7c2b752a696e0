package io.belay.step;

import io.belay.target.Cancellation;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A cancellation that someone can set, once. */
class CancelSignal implements Cancellation {

  private static final Logger log = LoggerFactory.getLogger(CancelSignal.class);

  private final BooleanSupplier alsoWhen;
  private final Set<Runnable> actions = new LinkedHashSet<>();
  private volatile boolean cancelled;

  CancelSignal() {
    this(() -> false);
  }

  /**
   * @param alsoWhen further condition, evaluated at each check, so that it counts before anybody
   *     calls {@link #cancel}
   */
  CancelSignal(BooleanSupplier alsoWhen) {
    this.alsoWhen = alsoWhen;
  }

  void cancel() {
    List<Runnable> due;
    synchronized (this) {
      if (cancelled) {
        return;
      }
      cancelled = true;
      due = List.copyOf(actions);
      actions.clear();
    }
    due.forEach(CancelSignal::runSafely);
  }

  @Override
  public boolean isCancelled() {
    if (!cancelled && alsoWhen.getAsBoolean()) {
      cancel();
    }
    return cancelled;
  }

  @Override
  public AutoCloseable onCancel(Runnable action) {
    synchronized (this) {
      if (!cancelled) {
        actions.add(action);
        return () -> remove(action);
      }
    }
    runSafely(action);
    return () -> {};
  }

  private synchronized void remove(Runnable action) {
    actions.remove(action);
  }

  private static void runSafely(Runnable action) {
    try {
      action.run();
    } catch (RuntimeException e) {
      log.warn("An action on cancellation failed", e);
    }
  }
}
