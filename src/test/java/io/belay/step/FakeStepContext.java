package io.belay.step;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.belay.artifact.Artifact;
import io.belay.artifact.ArtifactSettings;
import io.belay.artifact.ArtifactStore;
import io.belay.artifact.FileArtifactStore;
import io.belay.playground.Scratch;
import io.belay.target.AllTargetTypes;
import io.belay.target.Environment;
import io.belay.target.IdentityReader;
import io.belay.target.KnownTarget;
import io.belay.target.Masking;
import io.belay.target.Progress;
import io.belay.target.Secret;
import io.belay.target.SettableCancellation;
import io.belay.target.StrictJson;
import io.belay.target.Target;
import io.belay.target.TargetIdentity;
import java.beans.Introspector;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A run in memory, for tests of delegates: what Belay's journal does, with real JSON and a real
 * artifact directory.
 *
 * <pre>{@code
 * var context = new FakeStepContext(Map.of("router", router));
 * context.run(shiftTraffic, new ShiftTraffic.Input("router", 10));         // intent, effect, result
 * context.runKilled(shiftTraffic, new ShiftTraffic.Input("router", 25));   // intent, effect, no result
 * context.runKilledAfterSave("previous", shiftTraffic, input);             // intent, save, no effect
 * context.retry(shiftTraffic, new ShiftTraffic.Input("router", 25));       // attempt 2 of the same execution
 * context.run(restoreTraffic, new RestoreTraffic.Input("router"));         // finds all of them by started(…)
 * }</pre>
 *
 * <p>A delegate may also be called directly ({@code delegate.perform(input, context)}); it then
 * belongs to an execution that {@code started} does not list.
 */
public final class FakeStepContext implements StepContext {

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .addModule(new JavaTimeModule())
          .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
          .build();

  private static final ObjectMapper STRICT = StrictJson.over(JSON);

  private static final IdentityReader IDENTITIES = new IdentityReader(AllTargetTypes.types());

  private final Map<String, KnownTarget> known = new LinkedHashMap<>();
  private final List<Execution> executions = new ArrayList<>();
  private final List<String> logs = new CopyOnWriteArrayList<>();
  private final List<String> takenBack = new ArrayList<>();
  private final List<Sample> samples = new ArrayList<>();
  private final List<String> progress = new ArrayList<>();
  private final SettableCancellation cancellation = new SettableCancellation();
  private final ArtifactStore store;
  private Environment environment;
  private String runId = "run-1";
  private String killAfterSave;
  private int savesToKill;
  private Execution current = new Execution("direct", 0, "null", false);

  public FakeStepContext(Environment environment) {
    this(environment, temporaryStore());
  }

  /** With a store of the test's own, an encrypting one say. */
  public FakeStepContext(Environment environment, ArtifactStore store) {
    this.environment = environment;
    this.store = store;
  }

  private static ArtifactStore temporaryStore() {
    try {
      Path directory = Scratch.directory("artifacts");
      return new FileArtifactStore(new ArtifactSettings(directory, Secret.none()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public FakeStepContext(Map<String, ? extends Target> targets) {
    this(new Environment("test", "for tests", new LinkedHashMap<>(targets)));
  }

  // ------------------------------------------------------------------ what a test does

  /** Records the intent, performs, records the result. A failure leaves the intent only. */
  public <I extends Record, O extends Record> O run(StepDelegate<I, O> delegate, I input)
      throws Exception {
    String step = Introspector.decapitalize(delegate.getClass().getSimpleName());
    current = execution(step, delegate, input);
    return perform(delegate, input, current);
  }

  /** The next attempt of the step's last execution: same key, same checkpoints. */
  public <I extends Record, O extends Record> O retry(StepDelegate<I, O> delegate, I input)
      throws Exception {
    String step = Introspector.decapitalize(delegate.getClass().getSimpleName());
    List<PastStep> earlier = started(step);
    if (earlier.isEmpty()) {
      throw new AssertionError("nothing to retry: " + step + " was never run");
    }
    current = (Execution) earlier.get(earlier.size() - 1);
    current.attempt++;
    return perform(delegate, input, current);
  }

  /** Records the intent only, of a process that is gone: what it did is on disk, if anything. */
  public <I extends Record, O extends Record> void began(StepDelegate<I, O> delegate, I input) {
    String step = Introspector.decapitalize(delegate.getClass().getSimpleName());
    execution(step, delegate, input);
  }

  private Execution execution(String step, StepDelegate<?, ?> delegate, Record input) {
    Execution execution =
        new Execution(step, executions.size() + 1, json(input), StepCatalog.changes(delegate));
    executions.add(execution);
    return execution;
  }

  /** Performs with full effect, but the result is lost: killed between effect and result. */
  public <I extends Record, O extends Record> void runKilled(StepDelegate<I, O> delegate, I input)
      throws Exception {
    run(delegate, input);
    current.result = null;
  }

  /** Performs until the delegate has saved {@code name}, and is killed there, before its effect. */
  public <I extends Record, O extends Record> void runKilledAfterSave(
      String name, StepDelegate<I, O> delegate, I input) throws Exception {
    runKilledAfterSave(1, name, delegate, input);
  }

  /** The same, when it has saved it so many times. */
  public <I extends Record, O extends Record> void runKilledAfterSave(
      int times, String name, StepDelegate<I, O> delegate, I input) throws Exception {
    killAfterSave = name;
    savesToKill = times;
    try {
      run(delegate, input);
      throw new AssertionError("the delegate never saved '" + name + "'");
    } catch (Killed expected) {
      current.result = null;
    } finally {
      killAfterSave = null;
    }
  }

  private <I extends Record, O extends Record> O perform(
      StepDelegate<I, O> delegate, I input, Execution execution) throws Exception {
    O result = delegate.perform(input, this);
    execution.result = json(result);
    return result;
  }

  public FakeStepContext runId(String id) {
    this.runId = id;
    return this;
  }

  public FakeStepContext environment(Environment other) {
    this.environment = other;
    return this;
  }

  public FakeStepContext attempt(int attempt) {
    current.attempt = attempt;
    return this;
  }

  public void cancel() {
    cancellation.cancel();
  }

  /** All log lines so far. */
  public List<String> logs() {
    return logs;
  }

  /** Keys of the executions that an undo recorded as taken back, in this order. */
  public List<String> takenBack() {
    return takenBack;
  }

  /** All samples so far. */
  public List<Sample> samples() {
    return samples;
  }

  /** All progress reports so far, as {@code done/total unit message}. */
  public List<String> progressReports() {
    return progress;
  }

  // ------------------------------------------------------------------ what a step asks

  @Override
  public String runId() {
    return runId;
  }

  @Override
  public String runName() {
    return "run of a test";
  }

  @Override
  public String stepKey() {
    return current.key();
  }

  @Override
  public int attempt() {
    return current.attempt;
  }

  @Override
  public Environment environment() {
    return environment;
  }

  @Override
  public String identity(String target) {
    return checked().describe(target);
  }

  @Override
  public void requireSource(Artifact artifact, String target) {
    checked().requireSource(artifact, target);
  }

  @Override
  public void announceDatabase(String target, long oid) {
    known.computeIfPresent(
        target, (name, now) -> now.announced(checked().identity(target).withDatabase(oid)));
  }

  /** As the journal of a run would compare it, with what this one has in memory. */
  private CheckedTargets checked() {
    return new CheckedTargets(
        environment.targets(),
        IDENTITIES,
        (target, found) -> {
          KnownTarget.Found now =
              known
                  .getOrDefault(
                      target,
                      KnownTarget.named(new TargetIdentity(found.by(), found.address(), null)))
                  .find(found);
          known.put(target, now.known());
          return new CheckedTargets.Answer(
              now.known(),
              now.finding() == KnownTarget.Finding.REFUSED
                  ? "%s is %s, not %s".formatted(target, found, now.known().now())
                  : null);
        });
  }

  @Override
  public Progress progress() {
    return (done, total, unit, message) ->
        progress.add("%d/%d %s %s".formatted(done, total, unit, message));
  }

  @Override
  public SettableCancellation cancellation() {
    return cancellation;
  }

  @Override
  public ArtifactStore artifacts() {
    List<String> written = current.artifacts;
    return new RecordingArtifactStore(
        store,
        artifact -> {
          if (!written.contains(artifact.id())) {
            written.add(artifact.id());
          }
        });
  }

  @Override
  public Masking masking() {
    return Masking.of(environment);
  }

  @Override
  public void log(String format, Object... arguments) {
    logs.add(arguments.length == 0 ? format : format.formatted(arguments));
  }

  @Override
  public void sample(List<Sample> more) {
    samples.addAll(more);
  }

  @Override
  public void save(String name, Object value) {
    current.saved.put(name, json(value));
    if (name.equals(killAfterSave) && --savesToKill == 0) {
      throw new Killed();
    }
  }

  @Override
  public <T> Optional<T> saved(String name, Class<T> type) {
    return current.saved(name, type);
  }

  @Override
  public List<PastStep> started(String step) {
    return executions.stream()
        .filter(execution -> execution.step.equals(step))
        .map(PastStep.class::cast)
        .toList();
  }

  @Override
  public List<PastStep> earlierTurns() {
    return executions.stream()
        .filter(execution -> execution != current && execution.step.equals(current.step))
        .map(PastStep.class::cast)
        .toList();
  }

  @Override
  public void takenBack(List<PastStep> taken, String how) {
    taken.stream().map(PastStep::key).forEach(takenBack::add);
  }

  @Override
  public List<PastStep> changesSince(long position) {
    return executions.stream()
        .filter(execution -> execution.changes && execution.number > position)
        .map(PastStep.class::cast)
        .toList();
  }

  private static String json(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot be written as JSON: " + value, e);
    }
  }

  private static <T> T parse(String json, Class<T> type) {
    try {
      return STRICT.readValue(json, type);
    } catch (IOException e) {
      throw new UncheckedIOException("no " + type.getSimpleName() + ": " + json, e);
    }
  }

  /** An Error, so that no delegate handles it as a failure of its target. */
  private static final class Killed extends Error {}

  /** One execution, as the journal would keep it. */
  private static final class Execution implements PastStep {

    private final String step;
    private final int number;
    private final String input;
    private final boolean changes;
    private final Map<String, String> saved = new LinkedHashMap<>();
    private final List<String> artifacts = new ArrayList<>();
    private String result;
    private int attempt = 1;

    Execution(String step, int number, String input, boolean changes) {
      this.changes = changes;
      this.step = step;
      this.number = number;
      this.input = input;
    }

    @Override
    public String step() {
      return step;
    }

    @Override
    public String key() {
      return step + "-" + number;
    }

    @Override
    public long position() {
      return number;
    }

    @Override
    public String activityId() {
      return "Task_" + step;
    }

    @Override
    public <T extends Record> T input(Class<T> type) {
      return parse(input, type);
    }

    @Override
    public <T> Optional<T> saved(String name, Class<T> type) {
      return Optional.ofNullable(saved.get(name)).map(json -> parse(json, type));
    }

    @Override
    public <T extends Record> Optional<T> result(Class<T> type) {
      return Optional.ofNullable(result).map(json -> parse(json, type));
    }

    @Override
    public List<String> artifacts() {
      return List.copyOf(artifacts);
    }
  }
}
