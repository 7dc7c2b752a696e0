package io.belay.step;

import com.fasterxml.jackson.databind.JsonNode;
import io.belay.artifact.ArtifactStore;
import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import io.belay.step.StepObserver.Moment;
import io.belay.target.Cancellation;
import io.belay.target.Environment;
import io.belay.target.Environments;
import io.belay.target.IdentityReader;
import io.belay.target.Masking;
import io.belay.target.TargetDiffers;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.springframework.stereotype.Component;
import org.springframework.util.function.SingletonSupplier;

/**
 * Runs one execution of a step under the contract that {@link StepDelegate} describes. It does not
 * know how the engine called: {@link StepWorker} and {@link StepJob} do.
 */
@Component
class StepRunner {

  private static final Logger log = LoggerFactory.getLogger(StepRunner.class);

  private final StepJournals journals;
  private final Environments environments;
  private final IdentityReader identities;
  private final ArtifactStore artifacts;
  private final StepValues values;
  private final StepRecords records;
  private final MeterRegistry meters;
  private final Node node;
  private final List<StepObserver> observers;

  StepRunner(
      StepJournals journals,
      Environments environments,
      IdentityReader identities,
      ArtifactStore artifacts,
      StepValues values,
      StepRecords records,
      MeterRegistry meters,
      Node node,
      List<StepObserver> observers) {
    this.journals = journals;
    this.environments = environments;
    this.identities = identities;
    this.artifacts = artifacts;
    this.values = values;
    this.records = records;
    this.meters = meters;
    this.node = node;
    this.observers = observers;
  }

  /**
   * How a step has ended.
   *
   * @param variables the result's components
   * @param told whether the engine has been told already
   */
  record Ended(Map<String, Object> variables, boolean told) {}

  /**
   * Runs the step, or returns what it returned before.
   *
   * @throws BusinessStop as the step does
   * @throws CancellationException when the work was stopped
   * @throws NoSuchElementException as the call does when it is opened
   * @throws Exception any technical failure of the step
   */
  <I extends Record, O extends Record> Ended run(
      StepDelegate<I, O> delegate, StepCall call, Cancellation cancellation) throws Exception {
    String step = StepNames.of(delegate.getClass());
    MDC.put("step", step);
    if (!node.begins(call.key())) {
      throw new StepFailed(
          "%s is still being worked on by this node in an earlier attempt; this one did nothing"
              .formatted(call.activityId()),
          false);
    }
    try {
      Attempt<I, O> attempt =
          journals.together(() -> new Attempt<>(delegate, step, call.open().get()));
      call.opened().run();
      return attempt.perform(cancellation, call);
    } finally {
      node.ended(call.key());
      MDC.remove("run");
      MDC.remove("step");
      MDC.remove("target");
    }
  }

  /**
   * One attempt. Its constructor writes the intent, or finds that there is nothing to do, or why
   * the step cannot run.
   */
  private final class Attempt<I extends Record, O extends Record> {

    private final StepDelegate<I, O> delegate;
    private final String step;
    private final StepTask task;
    private final StepJournal journal;
    private final SingletonSupplier<Environment> environment;
    private final SingletonSupplier<Masking> masking;
    private int number;
    private I input;
    private Map<String, Object> known;
    private Exception refusal;

    Attempt(StepDelegate<I, O> delegate, String step, StepTask task) {
      MDC.put("run", task.runName());
      this.delegate = delegate;
      this.step = step;
      this.task = task;
      journal = journals.of(task, step);
      environment = SingletonSupplier.of(() -> environments.load(journal.run().environment()));
      masking = SingletonSupplier.of(() -> Masking.of(environment.get()));
      try {
        begin();
      } catch (BusinessStop | StepFailed cannot) {
        refusal = cannot;
      } catch (UnreadableRecord unreadable) {
        refusal = new StepFailed(unreadable.getMessage(), true);
      }
    }

    private void begin() throws BusinessStop, StepFailed {
      List<JournalEntry> past = journal.past();
      JournalEntry end = RecordedEnds.in(past).orElse(null);
      if (end != null) {
        known = recorded(end);
        return;
      }
      number = 1 + (int) past.stream().filter(entry -> entry.kind() == Kind.INTENT).count();
      try {
        input = values.bind(delegate, step, task.activityId(), task.inputs());
      } catch (InvalidStepInput invalid) {
        throw new StepFailed(mask(masking, invalid), true);
      }
      tell(Moment.BEFORE_INTENT);
      if (!journal.begin(number, records.write(input))) {
        throw new StepFailed(
            "run %s does not hold its targets any more; %s did nothing"
                .formatted(journal.run().name(), task.activityId()),
            true);
      }
    }

    private Map<String, Object> recorded(JournalEntry end) {
      return switch (end.kind()) {
        case RESULT ->
            values.variables(
                records.read(end, end.payload(), delegate.resultType(), task.runName()));
        case BUSINESS_STOP -> throw new BusinessStop(end.text());
        default -> StepValues.absent(delegate.resultType()); // a person overrode it
      };
    }

    Ended perform(Cancellation cancellation, StepCall call) throws Exception {
      if (refusal != null) {
        throw refusal;
      }
      if (known != null) {
        return new Ended(known, false);
      }
      long started = System.nanoTime();
      String outcome = "failure";
      try {
        tell(Moment.AFTER_INTENT);
        cancellation.throwIfCancelled();
        O result = delegate.perform(input, context(cancellation));
        tell(Moment.AFTER_EFFECT);
        Ended ended = end(result, call);
        outcome = "success";
        return ended;
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
        log.warn("Step {} failed in attempt {}: {}", task.activityId(), number, message);
        throw new StepFailed(
            "%s (%s, run %s) failed in attempt %d: %s"
                .formatted(task.activityId(), step, task.runName(), number, message),
            failure instanceof InvalidStepInput
                || failure instanceof UnreadableRecord
                || failure instanceof TargetDiffers);
      } finally {
        meters
            .timer("belay.step", "step", step, "outcome", outcome)
            .record(System.nanoTime() - started, TimeUnit.NANOSECONDS);
      }
    }

    private StepContext context(Cancellation cancellation) {
      return new JournaledContext(
          task,
          journal.run().fence(),
          step,
          number,
          environment,
          identities,
          masking,
          cancellation,
          journal,
          artifacts,
          records);
    }

    private Ended end(O result, StepCall call) {
      JsonNode recorded = records.write(result);
      // A result that cannot become variables must fail before it is recorded.
      Map<String, Object> variables = values.variables(result);
      AtomicBoolean reached = new AtomicBoolean();
      Runnable afterResult =
          () -> {
            if (reached.compareAndSet(false, true)) {
              tell(Moment.AFTER_RESULT);
            }
          };
      boolean told =
          journal.end(
              recorded,
              () -> {
                afterResult.run();
                call.complete().accept(variables);
              });
      afterResult.run();
      return new Ended(variables, told);
    }

    private void tell(Moment moment) {
      observers.forEach(
          observer -> observer.reached(moment, task.runId(), task.activityId(), step));
    }
  }

  /** Withholds the failure's message when it is not known what must be masked. */
  private static String mask(Supplier<Masking> masking, Throwable failure) {
    Masking known;
    try {
      known = masking.get();
    } catch (RuntimeException unreadable) {
      return "%s; no more can be told, because the environment cannot be read: %s"
          .formatted(failure.getClass().getSimpleName(), StepFailures.describe(unreadable));
    }
    return StepFailures.describe(failure, known::mask);
  }
}
