package io.belay.target;

import java.util.ArrayList;
import java.util.List;

/** A cancellation that a test sets. */
public final class SettableCancellation implements Cancellation {

  private final List<Runnable> actions = new ArrayList<>();
  private boolean cancelled;

  public synchronized void cancel() {
    cancelled = true;
    List.copyOf(actions).forEach(Runnable::run);
    actions.clear();
  }

  /** For the next attempt. */
  public synchronized void reset() {
    cancelled = false;
  }

  @Override
  public synchronized boolean isCancelled() {
    return cancelled;
  }

  @Override
  public synchronized AutoCloseable onCancel(Runnable action) {
    if (cancelled) {
      action.run();
      return () -> {};
    }
    actions.add(action);
    return () -> remove(action);
  }

  private synchronized void remove(Runnable action) {
    actions.remove(action);
  }
}
