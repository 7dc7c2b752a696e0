package io.belay.step;

import com.fasterxml.jackson.databind.JsonNode;
import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import io.belay.target.TargetIdentity;
import java.util.List;

/**
 * The journal of one execution of a step. In Belay itself it is in the engine's database; an agent
 * has none and asks Belay.
 *
 * <p>Every write is durable when its method returns, and throws when it could not be made durable.
 * An attempt that another has replaced (its node was silent for too long) writes nothing any more:
 * each of its writes throws a {@link java.util.concurrent.CancellationException}.
 */
public interface StepJournal {

  /** The run; after {@link #begin} with the fencing number of this attempt. */
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

  /**
   * Begins an attempt, which counts as working until {@link #end}. Joins {@link
   * StepJournals#together}.
   *
   * @return false, with nothing written, when the run no longer holds its targets
   */
  boolean begin(int attempt, JsonNode input);

  /**
   * Ends the attempt.
   *
   * @param kind {@code RESULT}, {@code BUSINESS_STOP}, {@code FAILURE} or {@code STOPPED}
   * @param payload may be null
   */
  void end(Kind kind, String text, JsonNode payload);

  /** Text of the entry with a result. */
  String DONE = "done";

  /**
   * Ends the attempt with a result. Where the journal is in the engine's database, the engine is
   * told in the transaction that writes the result; when it refuses, the result is written
   * nevertheless.
   *
   * @param tell completes the step in the engine
   * @return whether the engine was told
   */
  boolean end(JsonNode result, Runnable tell);

  /**
   * Records an event during the attempt.
   *
   * @param kind {@code LOG}, {@code CHECKPOINT}, {@code ARTIFACT} or {@code TAKEN_BACK}
   * @param payload may be null
   */
  void note(Kind kind, String text, JsonNode payload);

  /**
   * Compares what the attempt found with what the run knows of the target.
   *
   * @param target name of the target
   */
  CheckedTargets.Answer find(String target, TargetIdentity found);

  /** Records that the attempt is about to put another system in the target's place. */
  void announce(String target, TargetIdentity next);

  void sample(List<Sample> samples);

  /** Reports how far the work has come; a state, not a record. */
  void progress(long done, long total, String unit, String message);
}
