package io.belay.step;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import io.belay.step.StepObserver.Moment;
import io.belay.target.ArtifactStore;
import io.belay.target.Cancellation;
import io.belay.target.Environment;
import io.belay.target.Environments;
import io.belay.target.Masking;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.springframework.stereotype.Component;
import org.springframework.util.function.SingletonSupplier;

/**
 * Runs one execution of a step under the contract that {@link StepDelegate} describes. It knows
 * nothing of how the engine called: {@link StepWorker} and {@link StepJob} do.
 */
@Component
class StepRunner {

  private static final Logger log = LoggerFactory.getLogger(StepRunner.class);

  private final StepJournals journals;
  private final Environments environments;
  private final ArtifactStore artifacts;
  private final StepValues values;
  private final ObjectMapper json;
  private final MeterRegistry meters;
  private final Node node;
  private final List<StepObserver> observers;

  StepRunner(
      StepJournals journals,
      Environments environments,
      ArtifactStore artifacts,
      StepValues values,
      ObjectMapper json,
      MeterRegistry meters,
      Node node,
      List<StepObserver> observers) {
    this.journals = journals;
    this.environments = environments;
    this.artifacts = artifacts;
    this.values = values;
    this.json = json;
    this.meters = meters;
    this.node = node;
    this.observers = observers;
  }

  /**
   * How a step has ended.
   *
   * @param variables the result's components
   * @param told whether the engine knows already
   */
  record Ended(Map<String, Object> variables, boolean told) {}

  /**
   * Runs the step, or returns what it returned before.
   *
   * @param complete completes the step in the engine, in the transaction that writes the result
   * @throws BusinessStop as the step does
   * @throws CancellationException when the work was stopped
   * @throws Exception any technical failure of the step
   */
  <I extends Record, O extends Record> Ended run(
      StepDelegate<I, O> delegate,
      StepTask task,
      Cancellation cancellation,
      Consumer<Map<String, Object>> complete)
      throws Exception {
    String step = StepNames.of(delegate.getClass());
    MDC.put("run", task.runName());
    MDC.put("step", step);
    if (!node.begins(task.key())) {
      throw new StepFailed(
          "%s is still being worked on by this node in an earlier attempt; this one did nothing"
              .formatted(task.activityId()),
          false);
    }
    try {
      StepJournal journal = journals.of(task, step);
      List<JournalEntry> past = journal.past();
      for (JournalEntry entry : past) {
        switch (entry.kind()) {
          case RESULT -> {
            return new Ended(
                values.variables(json.treeToValue(entry.payload(), delegate.resultType())), false);
          }
          case BUSINESS_STOP -> throw new BusinessStop(entry.text());
          case SKIP_REQUESTED -> {
            return new Ended(values.absent(delegate.resultType()), false);
          }
          default -> {
            // tells nothing about the end
          }
        }
      }
      int attempt = 1 + (int) past.stream().filter(e -> e.kind() == Kind.INTENT).count();
      return perform(delegate, step, task, journal, attempt, cancellation, complete);
    } finally {
      node.ended(task.key());
      MDC.remove("run");
      MDC.remove("step");
      MDC.remove("target");
    }
  }

  private <I extends Record, O extends Record> Ended perform(
      StepDelegate<I, O> delegate,
      String step,
      StepTask task,
      StepJournal journal,
      int attempt,
      Cancellation cancellation,
      Consumer<Map<String, Object>> complete)
      throws Exception {
    SingletonSupplier<Environment> environment =
        SingletonSupplier.of(() -> environments.load(journal.run().environment()));
    SingletonSupplier<Masking> masking = SingletonSupplier.of(() -> Masking.of(environment.get()));
    I input;
    try {
      input = values.bind(delegate, step, task.activityId(), task.inputs());
    } catch (InvalidStepInput invalid) {
      throw new StepFailed(mask(masking, invalid), true);
    }
    tell(Moment.BEFORE_INTENT, task, step);
    if (!journal.begin(attempt, json.valueToTree(input))) {
      throw new StepFailed(
          "run %s does not hold its targets any more; %s did nothing"
              .formatted(journal.run().name(), task.activityId()),
          true);
    }
    long started = System.nanoTime();
    String outcome = "failure";
    try {
      tell(Moment.AFTER_INTENT, task, step);
      cancellation.throwIfCancelled();
      O result =
          delegate.perform(
              input,
              new JournaledContext(
                  task,
                  journal.run().fence(),
                  step,
                  attempt,
                  environment,
                  masking,
                  cancellation,
                  journal,
                  artifacts,
                  json));
      tell(Moment.AFTER_EFFECT, task, step);
      JsonNode recorded = json.valueToTree(result);
      // A result that cannot become variables must fail before it is recorded.
      Map<String, Object> variables = values.variables(result);
      AtomicBoolean reached = new AtomicBoolean();
      Runnable afterResult =
          () -> {
            if (reached.compareAndSet(false, true)) {
              tell(Moment.AFTER_RESULT, task, step);
            }
          };
      boolean told =
          journal.end(
              recorded,
              () -> {
                afterResult.run();
                complete.accept(variables);
              });
      outcome = "success";
      afterResult.run();
      return new Ended(variables, told);
    } catch (BusinessStop stop) {
      String reason = mask(masking, new BusinessStop(stop.getMessage()));
      journal.end(Kind.BUSINESS_STOP, reason, null);
      outcome = "stop";
      throw new BusinessStop(reason, stop);
    } catch (Throwable failure) {
      // An Error too: an attempt that is not known to have ended would count as working for ever.
      if (cancellation.isCancelled()) {
        journal.end(Kind.STOPPED, "the work was stopped", null);
        outcome = "stopped";
        throw new CancellationException("the step was stopped");
      }
      String message = mask(masking, failure);
      journal.end(Kind.FAILURE, message, null);
      log.warn("Step {} failed in attempt {}: {}", task.activityId(), attempt, message);
      throw new StepFailed(
          "%s (%s, run %s) failed in attempt %d: %s"
              .formatted(task.activityId(), step, task.runName(), attempt, message),
          failure instanceof InvalidStepInput);
    } finally {
      meters
          .timer("belay.step", "step", step, "outcome", outcome)
          .record(System.nanoTime() - started, TimeUnit.NANOSECONDS);
    }
  }

  /** Says nothing of the failure where it is not known what must be masked. */
  private static String mask(Supplier<Masking> masking, Throwable failure) {
    Masking known;
    try {
      known = masking.get();
    } catch (RuntimeException unreadable) {
      return "%s; no more can be told, because the environment cannot be read: %s"
          .formatted(failure.getClass().getSimpleName(), StepFailures.describe(unreadable));
    }
    return known.mask(StepFailures.describe(failure));
  }

  private void tell(Moment moment, StepTask task, String step) {
    observers.forEach(observer -> observer.reached(moment, task.runId(), task.activityId(), step));
  }
}
