package io.belay.journal;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import org.springframework.lang.Nullable;

/**
 * One entry of the journal.
 *
 * @param id position; grows with time within a run
 * @param instanceId process instance of the phase; null for entries of the run itself
 * @param activityId BPMN element; may be null
 * @param step bean name of the delegate; null when the entry is not about a step
 * @param stepKey identifies one execution of a step over its retries
 * @param actor who did it; null means Belay itself
 * @param text one line for people
 * @param payload details as JSON; may be null
 */
public record JournalEntry(
    long id,
    String runId,
    Instant at,
    Kind kind,
    @Nullable String instanceId,
    @Nullable String activityId,
    @Nullable String step,
    @Nullable String stepKey,
    @Nullable String actor,
    @Nullable String text,
    @Nullable JsonNode payload) {

  /** Field of a payload with the version of the record that it holds. */
  public static final String VERSION = "recordVersion";

  /** A new entry about a run; refine it with the {@code with…} methods, then append it. */
  public static JournalEntry of(String runId, Kind kind, String text) {
    return new JournalEntry(0, runId, null, kind, null, null, null, null, null, text, null);
  }

  public JournalEntry at(String instance, String activity) {
    return new JournalEntry(
        id, runId, at, kind, instance, activity, step, stepKey, actor, text, payload);
  }

  public JournalEntry ofStep(String stepName, String key) {
    return new JournalEntry(
        id, runId, at, kind, instanceId, activityId, stepName, key, actor, text, payload);
  }

  public JournalEntry by(String who) {
    return new JournalEntry(
        id, runId, at, kind, instanceId, activityId, step, stepKey, who, text, payload);
  }

  public JournalEntry with(JsonNode details) {
    return new JournalEntry(
        id, runId, at, kind, instanceId, activityId, step, stepKey, actor, text, details);
  }
}
