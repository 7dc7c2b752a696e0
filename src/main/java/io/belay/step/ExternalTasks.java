package io.belay.step;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The engine's external tasks: long steps that wait for somebody who works on them. Belay itself
 * asks its engine; an agent asks over the engine's REST interface.
 */
public interface ExternalTasks {

  /**
   * A task that this node may work on.
   *
   * @param step its topic, which is the step's bean name
   * @param retries attempts left; null before the first failure
   * @param locked whether it is locked for this node already
   * @param open locks it for this node, if it is not yet, and tells what is to be done; joins the
   *     caller's transaction. Throws {@link NoSuchElementException} when it is gone, or somebody
   *     else's
   */
  record Waiting(
      String id,
      String step,
      String activityId,
      Integer retries,
      boolean locked,
      Supplier<StepTask> open) {}

  /**
   * Comes back at once when there is nothing.
   *
   * @param most how many at most
   * @param steps bean names of steps that can be worked on
   * @param except ids of tasks that are worked on here already
   */
  List<Waiting> find(int most, Collection<String> steps, Set<String> except);

  /**
   * Waits until there may be something to find.
   *
   * @param longest to wait at most
   */
  void await(Duration longest);

  /** Ends a wait. */
  void wakeUp();

  /**
   * Renews the lock.
   *
   * @return false when it is lost for good: the task is gone, or somebody else's
   */
  boolean extendLock(String id);

  /**
   * The step is done.
   *
   * @throws NoSuchElementException when the task is gone, or somebody else's
   * @throws Refused when what follows it in the model fails
   */
  void complete(String id, Map<String, Object> result);

  /**
   * The runbook must not go on.
   *
   * @throws NoSuchElementException when the task is gone, or somebody else's
   * @throws Refused when what follows it in the model fails
   */
  void stop(String id, String reason);

  /**
   * The attempt failed.
   *
   * @param left attempts left; 0 makes it an incident
   * @param pause before the next attempt
   */
  void fail(String id, String message, int left, Duration pause);

  /** Gives it back without a word. */
  void unlock(String id);

  /** The end of a step was not accepted. */
  class Refused extends RuntimeException {
    public Refused(Throwable cause) {
      super(cause.getMessage(), cause);
    }
  }
}
