package io.belay.step;

import com.fasterxml.jackson.databind.JsonNode;
import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import java.util.List;

/**
 * What is known and written down of one execution of a step. In Belay itself that is the engine's
 * database; an agent has none and asks Belay.
 *
 * <p>Every write is durable when its method returns, and throws when it could not be made so; the
 * end of an attempt in Belay itself only as far as Belay may be killed: a crash of the database may
 * take it back, and then the engine is not told either. An attempt that another has replaced (its
 * node was silent for too long) writes nothing any more: each of its writes throws a {@link
 * java.util.concurrent.CancellationException}.
 */
public interface StepJournal {

  /** Its run; after {@link #begin} with the fencing number of this attempt. */
  StepRun run();

  /** Whether the run still holds the targets that it took when it started. */
  boolean holdsTargets();

  /** Entries of this execution, of all its attempts, oldest first. */
  List<JournalEntry> past();

  /**
   * Entries of all executions of a step in this run, oldest first.
   *
   * @param step bean name of the delegate
   */
  List<JournalEntry> ofStep(String step);

  /** An attempt begins; it counts as working until {@link #end}. */
  void begin(int attempt, JsonNode input);

  /**
   * The attempt has ended.
   *
   * @param kind {@code RESULT}, {@code BUSINESS_STOP}, {@code FAILURE} or {@code STOPPED}
   * @param payload may be null
   */
  void end(Kind kind, String text, JsonNode payload);

  /**
   * Something happened meanwhile.
   *
   * @param kind {@code LOG}, {@code CHECKPOINT} or {@code ARTIFACT}
   * @param payload may be null
   */
  void note(Kind kind, String text, JsonNode payload);

  void sample(List<Sample> samples);

  /** How far the work has come; a state, not a record. */
  void progress(long done, long total, String unit, String message);
}
