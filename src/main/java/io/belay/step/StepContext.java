package io.belay.step;

import io.belay.artifact.Artifact;
import io.belay.artifact.ArtifactStore;
import io.belay.target.Cancellation;
import io.belay.target.Environment;
import io.belay.target.Masking;
import io.belay.target.Progress;
import io.belay.target.Secret;
import io.belay.target.Target;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** All that a step may ask of Belay while it works. */
public interface StepContext {

  /** How much of what a command prints is kept in the run's log. */
  int MOST_LINES = 1000;

  /** Id of the run (the root process instance). */
  String runId();

  /** The run's name (its business key). */
  String runName();

  /** Stable over retries of this execution, different for each execution; file-name safe. */
  String stepKey();

  /** 1 for the first attempt. A higher one must expect that an earlier attempt took effect. */
  int attempt();

  /**
   * Fencing number of this attempt: it grows with each attempt of each step and with each lease,
   * and a router that has seen a higher one refuses the writes of an attempt that was replaced or
   * of a run whose lease is over. 0 means none.
   */
  default long fence() {
    return 0;
  }

  /**
   * Environment variables for the commands of this attempt: {@code BELAY_RUN} (the run's id),
   * {@code BELAY_STEP} (the {@link #stepKey}), {@code BELAY_ATTEMPT} and {@code BELAY_FENCE}; with
   * the last, a command can refuse an attempt that was replaced.
   */
  default Map<String, Secret> commandEnvironment() {
    return Map.of(
        "BELAY_RUN", Secret.of(runId()),
        "BELAY_STEP", Secret.of(stepKey()),
        "BELAY_ATTEMPT", Secret.of(Integer.toString(attempt())),
        "BELAY_FENCE", Secret.of(Long.toString(fence())));
  }

  Environment environment();

  /** Short for {@code environment().target(name, type)}. */
  default <T extends Target> T target(String name, Class<T> type) {
    return environment().target(name, type);
  }

  /**
   * A target's identity as found in this attempt, for the manifest of an artifact that is taken
   * from it ({@link #SOURCE}).
   */
  String identity(String target);

  /** Name of the detail in an artifact's manifest that says which system it was taken from. */
  String SOURCE = "source";

  /**
   * Call this before an artifact is restored: it must have been taken from this very target.
   *
   * @throws io.belay.target.TargetDiffers when it was taken from another system
   */
  void requireSource(Artifact artifact, String target);

  /**
   * Call this before a step puts another database in the place of the target's, under its name: the
   * run then recognises it, whether this attempt is killed before, during or after that.
   *
   * @param oid object id of the new database on the same server
   */
  void announceDatabase(String target, long oid);

  Progress progress();

  Cancellation cancellation();

  ArtifactStore artifacts();

  /**
   * The secrets of the whole environment, for text that the step itself passes on: what a system
   * answered, in an artifact or in a reason.
   */
  Masking masking();

  /** A line in the run's log (in the journal), with secrets masked. */
  void log(String format, Object... arguments);

  /**
   * Writes what a command prints to the run's log, up to a thousand lines. A command that prints a
   * gigabyte must not fill the journal; its last output is in its result.
   */
  default Consumer<String> commandLog() {
    AtomicInteger lines = new AtomicInteger();
    return line -> {
      int number = lines.incrementAndGet();
      if (number <= MOST_LINES) {
        log("%s", line);
      } else if (number == MOST_LINES + 1) {
        log("what the command prints from here on is not kept, but for its last lines");
      }
    };
  }

  /** Stores samples of a gate, durably. */
  void sample(List<Sample> samples);

  /**
   * Saves a checkpoint of this execution, at once and durably (as JSON, in a transaction of its
   * own). Save what an undo needs <em>before</em> the effect. A later value under the same name
   * replaces the earlier one.
   */
  void save(String name, Object value);

  /** The checkpoint that this execution saved last under {@code name}, in any attempt. */
  <T> Optional<T> saved(String name, Class<T> type);

  /**
   * Executions of the named step that were started in this run, oldest first, including unfinished
   * ones.
   *
   * @param step bean name of the delegate
   */
  List<PastStep> started(String step);

  /**
   * Keys of attempts that may have left commands at work: earlier ones of this execution, and those
   * executions that have no result. What a command of a finished one has started goes on.
   */
  default String[] unfinished(List<PastStep> executions, Class<? extends Record> result) {
    Stream<String> others =
        executions.stream().filter(past -> past.result(result).isEmpty()).map(PastStep::key);
    return Stream.concat(attempt() > 1 ? Stream.of(stepKey()) : Stream.empty(), others)
        .toArray(String[]::new);
  }

  /** The same for a step of the caller's own capability, by its class. */
  default List<PastStep> started(Class<? extends StepDelegate<?, ?>> step) {
    return started(StepNames.of(step));
  }

  /**
   * Earlier executions of this element in the same instance of the phase, oldest first: the turns
   * of a loop.
   */
  List<PastStep> earlierTurns();

  /**
   * Records that nothing of what these executions did stands any more. A run counts as rolled back
   * only when each execution that changed something is so recorded. It counts only for executions
   * of the steps that {@link Undoes} of this step names. An {@link UndoDelegate} calls this itself.
   *
   * @param how one line for people
   */
  void takenBack(List<PastStep> executions, String how);

  /** What the executions of those steps in this run saved last under {@code name}. */
  default <T> List<T> savedBy(List<String> steps, String name, Class<T> type) {
    return steps.stream()
        .flatMap(step -> started(step).stream())
        .flatMap(past -> past.saved(name, type).stream())
        .toList();
  }

  /**
   * Executions of all steps that change something, other than undo steps, that started in this run
   * after that position, oldest first, including unfinished ones.
   *
   * @param position {@link PastStep#position} of an earlier execution; 0 for the whole run
   */
  List<PastStep> changesSince(long position);
}
