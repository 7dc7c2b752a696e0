package io.belay.engine.law;

import io.belay.journal.Journal;
import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import io.belay.step.StepCatalog;
import io.belay.step.StepDelegate;
import io.belay.step.StepDelegate.Backup;
import io.belay.target.Environment;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.context.annotation.Profile;
import org.springframework.stereotype.Component;

/** Which backups a run took and verified, by its journal. */
@Component
@Profile("!agent")
class VerifiedBackups {

  private final Journal journal;
  private final StepCatalog steps;

  VerifiedBackups(Journal journal, StepCatalog steps) {
    this.journal = journal;
    this.steps = steps;
  }

  /**
   * Whether the run took a backup of the target and then verified it, both in steps that began
   * after the journal entry {@code since}.
   */
  boolean has(String run, String target, Environment environment, long since) {
    return done(run, target, environment, Backup.TAKES, since)
        .mapToLong(JournalEntry::id)
        .boxed()
        .anyMatch(
            taken ->
                done(run, target, environment, Backup.VERIFIES, since)
                    .anyMatch(
                        verified ->
                            verified.id() > taken
                                && "PASS".equals(verified.payload().path("verdict").asText())));
  }

  /** Results of steps that take, or verify, a backup of the target. */
  private Stream<JournalEntry> done(
      String run, String target, Environment environment, Backup backup, long since) {
    List<JournalEntry> intents = journal.entries(run, Kind.INTENT);
    return journal.entries(run, Kind.RESULT).stream()
        .filter(
            result ->
                steps.find(result.step()).map(StepDelegate::backup).orElse(Backup.NONE) == backup)
        .filter(
            result ->
                intents.stream()
                    .anyMatch(
                        intent ->
                            intent.id() > since
                                && result.stepKey().equals(intent.stepKey())
                                && steps
                                    .targets(intent.step(), intent.payload(), environment)
                                    .contains(target)));
  }
}
