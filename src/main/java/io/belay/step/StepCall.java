package io.belay.step;

import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The engine's call for one execution of a step, and how to answer it.
 *
 * @param key of the execution, see {@link StepTask}
 * @param open returns the task, in the transaction in which the attempt begins
 * @param opened runs when that transaction has committed
 * @param complete completes the step in the engine, with the result's components; in the
 *     transaction that writes the result, where that is the engine's database
 */
record StepCall(
    String key,
    String activityId,
    Supplier<StepTask> open,
    Runnable opened,
    Consumer<Map<String, Object>> complete) {

  /** The engine completes the step when the call returns. */
  static StepCall of(StepTask task) {
    return new StepCall(task.key(), task.activityId(), () -> task, () -> {}, variables -> {});
  }
}
