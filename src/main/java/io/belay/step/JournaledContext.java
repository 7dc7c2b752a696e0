package io.belay.step;

import io.belay.artifact.Artifact;
import io.belay.artifact.ArtifactStore;
import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import io.belay.target.Cancellation;
import io.belay.target.Environment;
import io.belay.target.IdentityReader;
import io.belay.target.Masking;
import io.belay.target.Progress;
import io.belay.target.Target;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.MDC;
import org.springframework.util.function.SingletonSupplier;

/** The context of one attempt, which records in the journal. */
class JournaledContext implements StepContext {

  private static final Duration PROGRESS_INTERVAL = Duration.ofMillis(300);

  private final StepTask task;
  private final long fence;
  private final String step;
  private final int attempt;
  private final Supplier<Environment> environment;
  private final Supplier<Masking> masking;
  private final Cancellation cancellation;
  private final StepJournal journal;
  private final ArtifactStore artifacts;
  private final StepRecords records;
  private CheckedTargets checked;
  private long lastProgress;

  JournaledContext(
      StepTask task,
      long fence,
      String step,
      int attempt,
      Supplier<Environment> environment,
      IdentityReader identities,
      Supplier<Masking> masking,
      Cancellation cancellation,
      StepJournal journal,
      ArtifactStore artifacts,
      StepRecords records) {
    this.task = task;
    this.fence = fence;
    this.step = step;
    this.attempt = attempt;
    this.environment =
        SingletonSupplier.of(
            () -> {
              Environment read = environment.get();
              checked = new CheckedTargets(read.targets(), identities, journal::find);
              return new Environment(read.name(), read.description(), checked);
            });
    this.masking = masking;
    this.cancellation = cancellation;
    this.journal = journal;
    this.artifacts = new RecordingArtifactStore(artifacts, this::recordArtifact);
    this.records = records;
  }

  @Override
  public String runId() {
    return task.runId();
  }

  @Override
  public String runName() {
    return task.runName();
  }

  @Override
  public String stepKey() {
    return task.key();
  }

  @Override
  public int attempt() {
    return attempt;
  }

  @Override
  public long fence() {
    return fence;
  }

  @Override
  public Environment environment() {
    return environment.get();
  }

  @Override
  public <T extends Target> T target(String name, Class<T> type) {
    MDC.put("target", name);
    return environment().target(name, type);
  }

  @Override
  public String identity(String target) {
    return targets().describe(target);
  }

  @Override
  public void requireSource(Artifact artifact, String target) {
    targets().requireSource(artifact, target);
  }

  @Override
  public void announceDatabase(String target, long oid) {
    journal.announce(target, targets().identity(target).withDatabase(oid));
  }

  private CheckedTargets targets() {
    environment();
    return checked;
  }

  @Override
  public Progress progress() {
    return (done, total, unit, message) -> {
      long now = System.nanoTime();
      synchronized (this) {
        boolean last = total > 0 && done >= total;
        if (!last && lastProgress != 0 && now - lastProgress < PROGRESS_INTERVAL.toNanos()) {
          return;
        }
        lastProgress = now;
      }
      journal.progress(done, total, unit, PlainText.of(masking.get().mask(message)));
    };
  }

  @Override
  public Cancellation cancellation() {
    return cancellation;
  }

  @Override
  public ArtifactStore artifacts() {
    return artifacts;
  }

  @Override
  public Masking masking() {
    return masking.get();
  }

  @Override
  public void log(String format, Object... arguments) {
    String text = arguments.length == 0 ? format : format.formatted(arguments);
    journal.note(Kind.LOG, masking.get().mask(text), null);
  }

  @Override
  public void sample(List<Sample> taken) {
    journal.sample(taken);
  }

  @Override
  public void save(String name, Object value) {
    records.requireDeclared(step, name);
    journal.note(Kind.CHECKPOINT, name, records.checkpoint(name, value));
  }

  @Override
  public <T> Optional<T> saved(String name, Class<T> type) {
    return new JournaledStep(step, journal.past(), records, runName()).saved(name, type);
  }

  @Override
  public List<PastStep> started(String stepName) {
    Map<String, List<JournalEntry>> executions = new LinkedHashMap<>();
    for (JournalEntry entry : journal.ofStep(stepName)) {
      executions.computeIfAbsent(entry.stepKey(), key -> new ArrayList<>()).add(entry);
    }
    return executions.values().stream()
        .filter(JournaledStep::hasBegun)
        .map(entries -> (PastStep) new JournaledStep(stepName, entries, records, runName()))
        .toList();
  }

  @Override
  public List<PastStep> earlierTurns() {
    return started(step).stream()
        .map(JournaledStep.class::cast)
        .filter(past -> !past.key().equals(task.key()))
        .filter(past -> past.isTurnOf(task))
        .map(PastStep.class::cast)
        .toList();
  }

  @Override
  public void takenBack(List<PastStep> executions, String how) {
    if (!executions.isEmpty()) {
      List<String> keys = executions.stream().map(PastStep::key).toList();
      journal.note(
          Kind.TAKEN_BACK,
          masking.get().mask(how),
          records.plain(Map.of(StandingChanges.EXECUTIONS, keys)));
    }
  }

  @Override
  public List<PastStep> changesSince(long position) {
    return records.steps().changing().stream()
        .flatMap(name -> started(name).stream())
        .filter(past -> past.position() > position)
        .sorted(Comparator.comparingLong(PastStep::position))
        .toList();
  }

  private void recordArtifact(Artifact artifact) {
    journal.note(Kind.ARTIFACT, artifact.id(), records.plain(artifact));
  }
}
