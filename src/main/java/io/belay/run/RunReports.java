package io.belay.run;

import io.belay.journal.Journal;
import io.belay.journal.JournalChain;
import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import io.belay.target.ArtifactStore;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/** Puts reports of runs together. */
@Component
public class RunReports {

  private final Runs runs;
  private final Journal journal;
  private final JournalChain chain;
  private final ArtifactStore artifacts;

  RunReports(Runs runs, Journal journal, JournalChain chain, ArtifactStore artifacts) {
    this.runs = runs;
    this.journal = journal;
    this.chain = chain;
    this.artifacts = artifacts;
  }

  /** The report as of now; empty when there is no such run. Reads the whole journal to check it. */
  public Optional<RunReport> of(String runId) {
    return runs.find(runId)
        .map(
            run ->
                new RunReport(
                    Instant.now(),
                    run,
                    entries(runId, Kind.TASK_COMPLETED, Kind.TASK_CANCELLED),
                    entries(runId, Kind.ABORT_REQUESTED, Kind.RETRY_REQUESTED, Kind.SKIP_REQUESTED),
                    entries(runId, Kind.INCIDENT, Kind.INCIDENT_RESOLVED),
                    artifacts.ofRun(runId),
                    chain.check()));
  }

  private List<JournalEntry> entries(String runId, Kind... kinds) {
    return Stream.of(kinds)
        .flatMap(kind -> journal.entries(runId, kind).stream())
        .sorted(Comparator.comparingLong(JournalEntry::id))
        .toList();
  }
}
