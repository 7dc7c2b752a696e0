package io.belay.runbooks;

import io.belay.step.StepObserver;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.springframework.boot.test.context.TestComponent;

/**
 * Lets a test act at a moment of a step: break the world, hold the step, or make the attempt fail.
 */
@TestComponent
public class Moments implements StepObserver {

  private record At(String activityId, Moment moment) {}

  /** A step that is held, so that something can happen while it works. */
  public static final class Hold implements Runnable {

    private final CountDownLatch reached = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);

    @Override
    public void run() {
      reached.countDown();
      await(released);
    }

    public void awaitReached() {
      await(reached);
    }

    public void release() {
      released.countDown();
    }

    private static void await(CountDownLatch latch) {
      try {
        if (!latch.await(180, TimeUnit.SECONDS)) {
          throw new IllegalStateException("waited in vain");
        }
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private final ConcurrentMap<At, Runnable> actions = new ConcurrentHashMap<>();
  private final ConcurrentLinkedQueue<String> effects = new ConcurrentLinkedQueue<>();
  private volatile StepObserver everywhere = (moment, run, activity, step) -> {};

  /** Does {@code action} whenever that step reaches that moment. */
  public void at(String activityId, Moment moment, Runnable action) {
    actions.put(new At(activityId, moment), action);
  }

  /** Holds that step after its intent, before its effect. */
  public Hold hold(String activityId) {
    Hold hold = new Hold();
    at(activityId, Moment.AFTER_INTENT, hold);
    return hold;
  }

  public void everywhere(StepObserver observer) {
    everywhere = observer;
  }

  /** Steps that took effect, in that order; one entry for each time. */
  public List<String> effects() {
    return List.copyOf(effects);
  }

  public void clear() {
    actions.values().stream()
        .filter(Hold.class::isInstance)
        .forEach(action -> ((Hold) action).release());
    actions.clear();
    effects.clear();
    everywhere = (moment, run, activity, step) -> {};
  }

  @Override
  public void reached(Moment moment, String runId, String activityId, String step) {
    if (moment == Moment.AFTER_EFFECT) {
      effects.add(activityId);
    }
    everywhere.reached(moment, runId, activityId, step);
    Runnable action = actions.get(new At(activityId, moment));
    if (action != null) {
      action.run();
    }
  }
}
