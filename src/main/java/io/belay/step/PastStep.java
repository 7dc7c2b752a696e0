package io.belay.step;

import java.util.List;
import java.util.Optional;

/**
 * One earlier execution of a step in the same run, as the journal records it. Undo steps read it.
 */
public interface PastStep {

  /** Bean name of the delegate, for example {@code shiftTraffic}. */
  String step();

  /** The execution's {@link StepContext#stepKey}. */
  String key();

  /** Where in the run's journal it began: a later execution has a higher number. */
  long position();

  /** Id of the BPMN element. */
  String activityId();

  /** The input that the execution was started with. */
  <T extends Record> T input(Class<T> type);

  /** The last value saved under {@code name} with {@link StepContext#save}. */
  <T> Optional<T> saved(String name, Class<T> type);

  /** The result; empty when the step began and is not known to have finished. */
  <T extends Record> Optional<T> result(Class<T> type);

  /** Ids of all artifacts that this execution wrote. */
  List<String> artifacts();
}
