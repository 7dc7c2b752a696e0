package io.belay.step;

import io.belay.target.Environment;
import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.camunda.bpm.engine.delegate.DelegateExecution;
import org.camunda.bpm.engine.delegate.JavaDelegate;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.annotation.Lazy;

/**
 * One verb of a runbook: a Spring bean whose name (the class name, first letter in lower case) is
 * what a model writes as {@code camunda:delegateExpression="${name}"} (inside the engine's job, for
 * work of seconds) or {@code camunda:topic="name"} (by a worker, for work of minutes and hours).
 *
 * <p>Around {@link #perform}: the input is bound and validated, the intent is in the journal before
 * and the result after it, and an execution that is done already returns its recorded result. An
 * attempt that was killed leaves an intent without a result; the next one must find out at the
 * target what was done, and not do it twice.
 *
 * @param <I> the input: a record of scalars, durations, paths, enums and lists of these. Bound from
 *     the task's input parameters by name; may carry {@code jakarta.validation} constraints and
 *     {@code @DefaultValue}.
 * @param <O> the result: a record of scalars (verdicts, ids, decisions, small numbers) and {@link
 *     NamedValues}; each becomes a variable local to the task, from where the model's output
 *     parameters take what the phase needs. Details belong in the journal, an artifact or a sample.
 */
public abstract class StepDelegate<I extends Record, O extends Record> implements JavaDelegate {

  /** The result of a step that has nothing to return. */
  public record Done() {}

  private final Class<I> inputType;
  private final Class<O> resultType;
  private StepJob job;

  protected StepDelegate(Class<I> inputType, Class<O> resultType) {
    this.inputType = inputType;
    this.resultType = resultType;
  }

  @Autowired
  void setJob(@Lazy StepJob job) {
    this.job = job;
  }

  /**
   * Does the work.
   *
   * @throws BusinessStop when the runbook must not go on
   * @throws Exception on a technical failure; the attempt is retried, and in the end becomes an
   *     incident
   */
  public abstract O perform(I input, StepContext context) throws Exception;

  /** Says what {@link #perform} would do in that environment, with no effect. */
  public abstract StepPlan plan(I input, Environment environment) throws Exception;

  /**
   * Checks, before a run starts, whether the environment's description would stop this step;
   * connects to nothing. That the targets exist ({@link TargetName}) has been checked already.
   *
   * @return rules that do not hold; empty when the step could be run
   */
  public List<String> check(I input, Environment environment) {
    return List.of();
  }

  /**
   * Calls {@link #check} again when a step is about to run: the environment's description may have
   * changed since the start.
   *
   * @throws BusinessStop with the first rule that does not hold
   */
  protected final void requireCheck(I input, StepContext context) {
    check(input, context.environment()).stream()
        .findFirst()
        .ifPresent(
            rule -> {
              throw new BusinessStop(rule);
            });
  }

  /**
   * The effect of {@link #perform}. A step that only observes overrides this, and so does an
   * irreversible one; the lint demands an undo, or an approval, accordingly.
   */
  public StepPlan.Effect effect() {
    return StepPlan.Effect.CHANGES;
  }

  /** What a step does for the backup of the targets that its input names. */
  public enum Backup {
    NONE,
    /** Its result means that there is a backup. */
    TAKES,
    /** Its verdict {@code PASS} means that the one taken in this run can be relied on. */
    VERIFIES
  }

  /**
   * Without a backup that this run has taken and verified, no step changes a protected target that
   * holds data.
   */
  public Backup backup() {
    return Backup.NONE;
  }

  /** The inputs that hold the items of results ({@link ItemOf}), by the name of the result. */
  public final Map<String, String> items() {
    return Stream.of(resultType.getRecordComponents())
        .filter(result -> result.isAnnotationPresent(ItemOf.class))
        .collect(
            Collectors.toUnmodifiableMap(
                RecordComponent::getName, result -> result.getAnnotation(ItemOf.class).value()));
  }

  /** The inputs that name results ({@link NamedBy}). */
  public final List<String> namingInputs() {
    return Stream.of(resultType.getRecordComponents())
        .map(result -> result.getAnnotation(NamedBy.class))
        .filter(Objects::nonNull)
        .map(NamedBy::value)
        .toList();
  }

  public final Class<I> inputType() {
    return inputType;
  }

  public final Class<O> resultType() {
    return resultType;
  }

  @Override
  public final void execute(DelegateExecution execution) throws Exception {
    job.execute(this, execution);
  }
}
