package io.belay.step;

import com.fasterxml.jackson.databind.JsonNode;
import io.belay.journal.Journal;
import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import io.belay.journal.RunRecords;
import io.belay.journal.RunRecords.RunRecord;
import io.belay.journal.RunningSteps;
import io.belay.journal.Samples;
import io.belay.journal.Samples.StoredSample;
import io.belay.target.Leases;
import io.belay.target.TargetIdentity;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Profile;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/** Executions of steps in the engine's database, which all nodes share. */
@Component
@Profile("!agent")
class DatabaseStepJournals implements StepJournals {

  private static final Logger log = LoggerFactory.getLogger(DatabaseStepJournals.class);

  private final Journal journal;
  private final RunningSteps running;
  private final Samples samples;
  private final RunRecords runs;
  private final Leases leases;
  private final StepCatalog steps;
  private final RunTargets targets;
  private final ObjectProvider<ChangeGuard> guards;
  private final Node node;
  private final TransactionTemplate transaction;

  /** Only their fields that never change are used. */
  private final LastAsked<String, RunRecord> known = new LastAsked<>();

  DatabaseStepJournals(
      Journal journal,
      RunningSteps running,
      Samples samples,
      RunRecords runs,
      Leases leases,
      RunTargets targets,
      PlatformTransactionManager transactions,
      StepCatalog steps,
      ObjectProvider<ChangeGuard> guards,
      Node node) {
    this.journal = journal;
    this.running = running;
    this.samples = samples;
    this.runs = runs;
    this.leases = leases;
    this.steps = steps;
    this.targets = targets;
    this.guards = guards;
    this.node = node;
    this.transaction = new TransactionTemplate(transactions);
    // Not the transaction of a short step's job.
    transaction.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
  }

  @Override
  public StepJournal of(StepTask task, String step) {
    return of(task, step, node.name());
  }

  /**
   * @param worker the node or agent that works on it
   */
  StepJournal of(StepTask task, String step, String worker) {
    return new OfExecution(task, step, worker);
  }

  @Override
  public <T> T together(Supplier<T> work) {
    return transaction.execute(status -> work.get());
  }

  @Override
  public void beat(Node living) {
    running.beat(living.name(), living::worksOn);
  }

  private final class OfExecution implements StepJournal {

    private final StepTask task;
    private final String step;
    private final String worker;
    private StepRun run;

    OfExecution(StepTask task, String step, String worker) {
      this.task = task;
      this.step = step;
      this.worker = worker;
    }

    @Override
    public synchronized StepRun run() {
      if (run == null) {
        run = of(record(), leases.fence(task.runId()));
      }
      return run;
    }

    private RunRecord record() {
      return known.get(task.runId(), id -> runs.find(id).orElseThrow());
    }

    private static StepRun of(RunRecord record, long fence) {
      return new StepRun(record.id(), record.name(), record.environment(), fence);
    }

    @Override
    public synchronized boolean holdsTargets() {
      return isHeld(record(), run().fence());
    }

    private static boolean isHeld(RunRecord record, long fence) {
      return record.fence() == 0 || fence >= record.fence();
    }

    @Override
    public List<JournalEntry> past() {
      return journal.ofStepKey(task.key());
    }

    @Override
    public List<JournalEntry> ofStep(String other) {
      requireKnownSteps();
      return journal.ofSteps(task.runId(), steps.allNames(other));
    }

    /** Throws when the run has unknown steps: who asks what was done would miss what they did. */
    private void requireKnownSteps() {
      List<String> unknown =
          journal.startedSteps(task.runId()).stream()
              .filter(name -> steps.find(name).isEmpty())
              .toList();
      if (!unknown.isEmpty()) {
        throw new UnreadableRecord(
            task.runName(), "what the steps %s did".formatted(unknown), "it has no such steps");
      }
    }

    @Override
    public synchronized boolean begin(int attempt, JsonNode input) {
      RunRecord record = record();
      run = of(record, leases.advance(task.runId()));
      if (!isHeld(record, run.fence())) {
        return false;
      }
      requireAllowed(input);
      run = of(record, leases.fence(task.runId())); // the guard may have taken more targets
      running.begin(task.key(), task.runId(), task.instanceId(), task.activityId(), step, worker);
      journal.append(entry(Kind.INTENT, "attempt " + attempt, input));
      return true;
    }

    /** Records a refusal, so that an agent learns of it and a later attempt does not ask again. */
    private void requireAllowed(JsonNode input) {
      try {
        guards.forEach(guard -> guard.requireAllowed(task, step, input));
      } catch (BusinessStop refusal) {
        journal.append(entry(Kind.BUSINESS_STOP, refusal.getMessage(), null));
        throw refusal;
      }
    }

    @Override
    public void end(Kind kind, String text, JsonNode payload) {
      end(kind, text, payload, () -> {});
    }

    @Override
    public boolean end(JsonNode result, Runnable tell) {
      try {
        end(Kind.RESULT, DONE, result, tell);
        return true;
      } catch (CancellationException superseded) {
        throw superseded;
      } catch (RuntimeException refused) {
        log.debug("The engine did not take the end of {}", task.activityId(), refused);
        end(Kind.RESULT, DONE, result);
        return false;
      }
    }

    private void end(Kind kind, String text, JsonNode payload, Runnable more) {
      journal.appendNow(
          entry(kind, text, payload),
          () -> {
            if (!running.end(task.key(), worker)) {
              throw superseded();
            }
            more.run();
          });
    }

    @Override
    public void note(Kind kind, String text, JsonNode payload) {
      journal.appendNow(entry(kind, text, payload), this::requireCurrent);
    }

    @Override
    public CheckedTargets.Answer find(String target, TargetIdentity found) {
      // The row's lock must not outlive this check: a short step runs inside its job's transaction.
      transaction.executeWithoutResult(status -> requireCurrent());
      return targets.find(run(), target, found, this::about);
    }

    @Override
    public void announce(String target, TargetIdentity next) {
      transaction.executeWithoutResult(
          status -> {
            requireCurrent();
            targets.announce(run(), target, next, this::about);
          });
    }

    private void requireCurrent() {
      if (!running.isOf(task.key(), worker)) {
        throw superseded();
      }
    }

    private CancellationException superseded() {
      return new CancellationException(
          "%s does not work on %s any more: another attempt took over, or the step was given up. Nothing of it was written down"
              .formatted(worker, task.activityId()));
    }

    @Override
    public void sample(List<Sample> taken) {
      samples.add(
          task.runId(), task.activityId(), task.key(), taken.stream().map(this::stored).toList());
    }

    private StoredSample stored(Sample sample) {
      return new StoredSample(
          0, task.activityId(), sample.at(), sample.metric(), sample.subject(), sample.value());
    }

    @Override
    public void progress(long done, long total, String unit, String message) {
      running.progress(task.key(), done, total, unit, message);
    }

    private JournalEntry entry(Kind kind, String text, JsonNode payload) {
      return about(JournalEntry.of(task.runId(), kind, text)).with(payload);
    }

    private JournalEntry about(JournalEntry entry) {
      return entry.at(task.instanceId(), task.activityId()).ofStep(step, task.key());
    }
  }
}
