package io.belay.run;

import io.belay.artifact.Artifact;
import io.belay.journal.JournalChain;
import io.belay.journal.JournalEntry;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * What an auditor reads about a run.
 *
 * @param at when the report was made; while a run goes on, a later report has more
 * @param decisions completed and cancelled tasks: who decided what, when and why
 * @param interventions aborts, retries and steps that a person overrode
 * @param incidents that occurred, also those resolved since
 * @param evidence from which the verdicts of comparisons can be judged again
 * @param tables the decision tables of the run's gates, as DMN, by decision; with the numbers of a
 *     gate they give its verdict again
 * @param journal whether the journal is intact, over all runs
 */
public record RunReport(
    Instant at,
    RunView run,
    List<JournalEntry> decisions,
    List<JournalEntry> interventions,
    List<JournalEntry> incidents,
    List<Artifact> artifacts,
    List<JournalEntry> evidence,
    Map<String, String> tables,
    JournalChain.Check journal) {}
