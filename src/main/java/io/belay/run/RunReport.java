package io.belay.run;

import io.belay.journal.JournalChain;
import io.belay.journal.JournalEntry;
import io.belay.target.Artifact;
import java.time.Instant;
import java.util.List;

/**
 * What an auditor reads about a run.
 *
 * @param at when this was put together; a run that goes on has a later report
 * @param decisions completed and cancelled tasks: who decided what, when and why
 * @param interventions aborts, retries and steps that a person took over
 * @param incidents that occurred, also those resolved since
 * @param journal whether the journal is intact, over all runs
 */
public record RunReport(
    Instant at,
    RunView run,
    List<JournalEntry> decisions,
    List<JournalEntry> interventions,
    List<JournalEntry> incidents,
    List<Artifact> artifacts,
    JournalChain.Check journal) {}
