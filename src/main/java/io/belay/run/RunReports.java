package io.belay.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.belay.artifact.Artifact;
import io.belay.artifact.ArtifactStore;
import io.belay.engine.control.TaskProofs;
import io.belay.journal.Journal;
import io.belay.journal.JournalChain;
import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import io.belay.model.GateTables;
import io.belay.step.Checkpoint;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/** Makes the reports of runs. */
@Component
public class RunReports {

  private final Runs runs;
  private final Journal journal;
  private final JournalChain chain;
  private final ArtifactStore artifacts;
  private final GateTables tables;
  private final ObjectMapper json;

  RunReports(
      Runs runs,
      Journal journal,
      JournalChain chain,
      ArtifactStore artifacts,
      GateTables tables,
      ObjectMapper json) {
    this.runs = runs;
    this.journal = journal;
    this.chain = chain;
    this.artifacts = artifacts;
    this.tables = tables;
    this.json = json;
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
                    entries(
                        runId,
                        Kind.ABORT_REQUESTED,
                        Kind.ABORT_TAKEN,
                        Kind.ABORT_REFUSED,
                        Kind.RETRY_REQUESTED,
                        Kind.SKIP_REQUESTED,
                        Kind.INTERVENTION,
                        Kind.TARGET_ACCEPTED),
                    entries(runId, Kind.INCIDENT, Kind.INCIDENT_RESOLVED),
                    artifacts(runId),
                    entries(runId, Kind.CHECKPOINT).stream()
                        .filter(
                            entry ->
                                entry.payload().path("name").asText().equals(Checkpoint.EVIDENCE))
                        .toList(),
                    tables.of(
                        run.definitionId(),
                        run.gates().stream().map(RunView.GateView::decision).distinct().toList()),
                    chain.check()));
  }

  /**
   * Manifests of all artifacts of the run, oldest first: those in this node's directory, and,
   * according to the journal, those that agents keep in theirs. A proof whose upload was not
   * recorded, because Belay died in it, is none.
   */
  public List<Artifact> artifacts(String runId) {
    Map<String, Artifact> byId = new LinkedHashMap<>();
    List<JournalEntry> recorded = journal.entries(runId, Kind.ARTIFACT);
    Set<String> ids = recorded.stream().map(JournalEntry::text).collect(Collectors.toSet());
    artifacts.ofRun(runId).stream()
        .filter(artifact -> !artifact.kind().equals(TaskProofs.KIND) || ids.contains(artifact.id()))
        .forEach(artifact -> byId.put(artifact.id(), artifact));
    for (JournalEntry entry : recorded) {
      byId.computeIfAbsent(entry.text(), id -> manifest(entry));
    }
    return byId.values().stream()
        .sorted(Comparator.comparing(Artifact::createdAt).thenComparing(Artifact::name))
        .toList();
  }

  private Artifact manifest(JournalEntry entry) {
    try {
      return json.treeToValue(entry.payload(), Artifact.class);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(
          "journal entry %d is no manifest of an artifact".formatted(entry.id()), e);
    }
  }

  private List<JournalEntry> entries(String runId, Kind... kinds) {
    return Stream.of(kinds)
        .flatMap(kind -> journal.entries(runId, kind).stream())
        .sorted(Comparator.comparingLong(JournalEntry::id))
        .toList();
  }
}
