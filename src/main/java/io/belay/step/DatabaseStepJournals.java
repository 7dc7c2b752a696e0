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
import java.util.List;
import java.util.concurrent.CancellationException;
import org.springframework.context.annotation.Profile;
import org.springframework.stereotype.Component;

/** Executions of steps in the engine's database, which all nodes share. */
@Component
@Profile("!agent")
class DatabaseStepJournals implements StepJournals {

  private final Journal journal;
  private final RunningSteps running;
  private final Samples samples;
  private final RunRecords runs;
  private final Leases leases;
  private final Node node;

  /** Of these only what does not change is used. */
  private final LastAsked<String, RunRecord> known = new LastAsked<>();

  DatabaseStepJournals(
      Journal journal,
      RunningSteps running,
      Samples samples,
      RunRecords runs,
      Leases leases,
      Node node) {
    this.journal = journal;
    this.running = running;
    this.samples = samples;
    this.runs = runs;
    this.leases = leases;
    this.node = node;
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
  public void beat(Node living) {
    running.beat(living.name(), living::worksOn);
  }

  private final class OfExecution implements StepJournal {

    private final StepTask task;
    private final String step;
    private final String worker;
    private long acquired;
    private StepRun run;

    OfExecution(StepTask task, String step, String worker) {
      this.task = task;
      this.step = step;
      this.worker = worker;
    }

    @Override
    public synchronized StepRun run() {
      if (run == null) {
        RunRecord record = known.get(task.runId(), id -> runs.find(id).orElseThrow());
        acquired = record.fence();
        run =
            new StepRun(
                record.id(), record.name(), record.environment(), leases.fence(record.id()));
      }
      return run;
    }

    @Override
    public synchronized boolean holdsTargets() {
      long fence = run().fence();
      return acquired == 0 || fence >= acquired;
    }

    @Override
    public List<JournalEntry> past() {
      return journal.ofStepKey(task.key());
    }

    @Override
    public List<JournalEntry> ofStep(String other) {
      return journal.ofStep(task.runId(), other);
    }

    @Override
    public synchronized void begin(int attempt, JsonNode input) {
      StepRun before = run();
      long[] fence = new long[1];
      journal.appendNow(
          entry(Kind.INTENT, "attempt " + attempt, input),
          () -> {
            running.begin(
                task.key(), task.runId(), task.instanceId(), task.activityId(), step, worker);
            fence[0] = leases.advance(task.runId());
          });
      run = new StepRun(before.id(), before.name(), before.environment(), fence[0]);
    }

    @Override
    public void end(Kind kind, String text, JsonNode payload) {
      JournalEntry entry = entry(kind, text, payload);
      Runnable registered =
          () -> {
            if (!running.end(task.key(), worker)) {
              throw superseded();
            }
          };
      if (worker.equals(node.name())) {
        journal.appendLast(entry, registered);
      } else {
        // An agent tells the engine with a request of its own, any time later.
        journal.appendNow(entry, registered);
      }
    }

    @Override
    public void note(Kind kind, String text, JsonNode payload) {
      journal.appendNow(
          entry(kind, text, payload),
          () -> {
            if (!running.isOf(task.key(), worker)) {
              throw superseded();
            }
          });
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
      return JournalEntry.of(task.runId(), kind, text)
          .at(task.instanceId(), task.activityId())
          .ofStep(step, task.key())
          .with(payload);
    }
  }
}
