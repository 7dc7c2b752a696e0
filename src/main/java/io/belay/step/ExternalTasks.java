package io.belay.step;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The engine's external tasks: long steps that wait for a worker. Belay itself asks its engine; an
 * agent uses the engine's REST interface.
 */
public interface ExternalTasks {

  /**
   * A task that this node may work on.
   *
   * @param step its topic, which is the step's bean name
   * @param retries attempts left; null before the first failure
   * @param locked whether it is locked for this node already
   * @param open locks the task for this node, if necessary, and returns it; joins the caller's
   *     transaction. Throws {@link NoSuchElementException} when it is gone, or somebody else's
   */
  record Waiting(
      String id,
      String step,
      String activityId,
      Integer retries,
      boolean locked,
      Supplier<StepTask> open) {}

  /**
   * Finds tasks to work on; returns at once when there are none.
   *
   * @param most maximum number
   * @param steps bean names of steps that can be worked on
   * @param except ids of tasks that this node already works on
   */
  List<Waiting> find(int most, Collection<String> steps, Set<String> except);

  /**
   * Waits until there may be something to find.
   *
   * @param longest maximum wait
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
   * Reports that the step is done.
   *
   * @throws NoSuchElementException when the task is gone, or somebody else's
   * @throws Refused when what follows it in the model fails
   */
  void complete(String id, Map<String, Object> result);

  /**
   * Reports that the runbook must not go on.
   *
   * @throws NoSuchElementException when the task is gone, or somebody else's
   * @throws Refused when what follows it in the model fails
   */
  void stop(String id, String reason);

  /**
   * Reports that the attempt failed.
   *
   * @param left attempts left; 0 makes it an incident
   * @param pause before the next attempt
   */
  void fail(String id, String message, int left, Duration pause);

  /** Releases the lock and reports nothing. */
  void unlock(String id);

  /** The end of a step was not accepted. */
  class Refused extends RuntimeException {
    public Refused(Throwable cause) {
      super(cause.getMessage(), cause);
    }
  }
}
