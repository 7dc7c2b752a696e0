package io.belay.step;

import io.belay.target.Environment;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.util.ClassUtils;

/**
 * A step that takes back what steps of the same run did: the steps that its {@link Undoes} names.
 * Safe to repeat, and to run when there is nothing to take back.
 *
 * <p>When {@link #takeBack} returns, the journal records that nothing of those executions stands
 * any more. A run counts as rolled back only with such a record of each execution that changed
 * something.
 */
public abstract class UndoDelegate<I extends Record, O extends Record> extends StepDelegate<I, O> {

  protected UndoDelegate(Class<I> inputType, Class<O> resultType) {
    super(inputType, resultType);
  }

  /**
   * Whether this undo, with that input, is the one to take that execution back, even if the
   * execution turns out to have had no effect. Connects to nothing.
   *
   * @param past an execution of one of the steps that {@link Undoes} names
   */
  protected abstract boolean takesBack(I input, PastStep past, Environment environment);

  /**
   * Takes the executions back, and throws when any part could not be done.
   *
   * @param executions those that this undo takes back, oldest first; may be empty
   */
  protected abstract O takeBack(I input, List<PastStep> executions, StepContext context)
      throws Exception;

  @Override
  public final O perform(I input, StepContext context) throws Exception {
    List<PastStep> executions =
        undoes(this).stream()
            .flatMap(step -> context.started(step).stream())
            .filter(past -> takesBack(input, past, context.environment()))
            .sorted(Comparator.comparingLong(PastStep::position))
            .toList();
    O result = takeBack(input, executions, context);
    context.takenBack(executions, "nothing of %s stands any more".formatted(names(executions)));
    return result;
  }

  private static String names(List<PastStep> executions) {
    return String.join(
        ", ",
        executions.stream()
            .map(past -> "%s (%s)".formatted(past.step(), past.activityId()))
            .toList());
  }

  /** The steps whose executions a step may record as taken back. */
  public static List<String> undoes(StepDelegate<?, ?> step) {
    return Stream.ofNullable(ClassUtils.getUserClass(step).getAnnotation(Undoes.class))
        .flatMap(undoes -> Stream.of(undoes.value()))
        .toList();
  }
}
