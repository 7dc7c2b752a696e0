package io.belay.step;

import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import java.util.List;
import java.util.Optional;

/**
 * An earlier execution of a step, from its journal entries.
 *
 * @param entries of this execution, oldest first; an {@code INTENT} is among them
 */
record JournaledStep(String step, List<JournalEntry> entries, StepRecords records, String run)
    implements PastStep {

  /** Whether these entries of one execution show that it started. */
  static boolean hasBegun(List<JournalEntry> entries) {
    return entries.stream().anyMatch(entry -> entry.kind() == Kind.INTENT);
  }

  @Override
  public String key() {
    return entries.get(0).stepKey();
  }

  @Override
  public String activityId() {
    return entries.get(0).activityId();
  }

  /** Whether it was an execution of the same element in the same instance of the phase. */
  boolean isTurnOf(StepTask task) {
    JournalEntry intent = lastIntent();
    return task.instanceId().equals(intent.instanceId())
        && task.activityId().equals(intent.activityId());
  }

  @Override
  public long position() {
    return entries.stream()
        .filter(entry -> entry.kind() == Kind.INTENT)
        .mapToLong(JournalEntry::id)
        .min()
        .orElseThrow();
  }

  @Override
  public <T extends Record> T input(Class<T> type) {
    JournalEntry intent = lastIntent();
    return records.read(intent, intent.payload(), type, run);
  }

  @Override
  public <T> Optional<T> saved(String name, Class<T> type) {
    records.requireDeclared(step, name);
    return entries.stream()
        .filter(entry -> records.isCheckpoint(entry, step, name, run))
        .reduce((first, second) -> second)
        .map(entry -> records.read(entry, entry.payload().path("value"), type, run));
  }

  @Override
  public <T extends Record> Optional<T> result(Class<T> type) {
    return last(Kind.RESULT).map(entry -> records.read(entry, entry.payload(), type, run));
  }

  @Override
  public List<String> artifacts() {
    return entries.stream()
        .filter(entry -> entry.kind() == Kind.ARTIFACT)
        .map(JournalEntry::text)
        .toList();
  }

  /** The intent of its last attempt. */
  JournalEntry lastIntent() {
    return last(Kind.INTENT).orElseThrow();
  }

  private Optional<JournalEntry> last(Kind kind) {
    return entries.stream().filter(entry -> entry.kind() == kind).reduce((first, second) -> second);
  }
}
