package io.belay.face.migration;

import io.belay.artifact.ArtifactStore;
import io.belay.capability.document.DocumentAnalysis;
import io.belay.capability.document.DocumentValidation;
import io.belay.capability.document.QueryAdapters;
import io.belay.capability.document.QuerySetting;
import io.belay.capability.document.ValidationReport;
import io.belay.face.migration.MigrationStores.Store;
import io.belay.face.migration.MigrationViews.Back;
import io.belay.face.migration.MigrationViews.Logs;
import io.belay.face.migration.MigrationViews.Progress;
import io.belay.face.migration.MigrationViews.ProgressEvent;
import io.belay.face.migration.MigrationViews.Status;
import io.belay.face.web.RunEvents;
import io.belay.journal.JournalEntry;
import io.belay.journal.JournalSearch;
import io.belay.journal.Kind;
import io.belay.journal.RunRecords.RunRecord;
import io.belay.run.RunView;
import io.belay.run.Runs;
import io.belay.target.Cancellation;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.validation.Valid;
import jakarta.validation.constraints.DecimalMin;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.security.Principal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/**
 * The guide's interface to a two-database migration, with its paths and verbs, for administrators.
 * Every call may name the environment; see {@link MigrationSettings} for the default.
 */
@RestController
@RequestMapping("/api/migration")
@Tag(name = "Migration", description = "Moves a document store from 21 files to two")
class MigrationApi {

  private static final int RUNS_OF_LOGS = 500;

  private final MigrationStores stores;
  private final MigrationRuns migrations;
  private final MigrationStatus status;
  private final QueryModes modes;
  private final QueryAdapters adapters;
  private final ArtifactStore artifacts;
  private final JournalSearch journal;
  private final Runs runs;
  private final RunEvents events;
  private final LongReads longReads = new LongReads();

  MigrationApi(
      MigrationStores stores,
      MigrationRuns migrations,
      MigrationStatus status,
      QueryModes modes,
      QueryAdapters adapters,
      ArtifactStore artifacts,
      JournalSearch journal,
      Runs runs,
      RunEvents events) {
    this.stores = stores;
    this.migrations = migrations;
    this.status = status;
    this.modes = modes;
    this.adapters = adapters;
    this.artifacts = artifacts;
    this.journal = journal;
    this.runs = runs;
    this.events = events;
  }

  @GetMapping("/plan")
  @Operation(
      summary = "Is it ready to be migrated, and what would be done",
      description =
          "Reads every line of the legacy files; changes nothing. 409 while another plan or"
              + " validation of this store is read on this node.")
  DocumentAnalysis plan(@RequestParam(required = false) String environment) throws IOException {
    Store store = stores.store(environment);
    return longReads.alone(
        store,
        () ->
            DocumentAnalysis.of(
                store.target(), artifacts, (done, total, unit, message) -> {}, Cancellation.NONE));
  }

  @PostMapping("/snapshot")
  @Operation(
      summary = "Keep all files of the store as a verified snapshot",
      description = "Starts a run of document-snapshot. 409 when another run holds the store.")
  @ApiResponse(responseCode = "202", description = "Accepted", useReturnTypeSchema = true)
  ResponseEntity<RunView> snapshot(
      @RequestParam(required = false) String environment,
      @RequestParam(required = false) String name,
      Principal user) {
    return started(migrations.snapshot(stores.store(environment), name, user.getName()));
  }

  @PostMapping("/start")
  @Operation(
      summary = "Start the migration, or let the paused one go on",
      description =
          "Starts a run of two-database-rolling; a snapshot is its first act. 409 when a run is"
              + " active that does not wait to be resumed, 422 naming each wrong parameter.")
  @ApiResponse(responseCode = "202", description = "Accepted", useReturnTypeSchema = true)
  ResponseEntity<RunView> start(
      @RequestParam(required = false) String environment,
      @Valid @RequestBody(required = false) MigrationRequests.Start start,
      Principal user)
      throws IOException {
    MigrationRequests.Start how =
        Objects.requireNonNullElse(start, MigrationRequests.Start.DEFAULTS);
    return started(
        migrations.start(stores.store(environment), how.name(), how.parameters(), user.getName()));
  }

  @GetMapping(value = "/progress", produces = MediaType.APPLICATION_JSON_VALUE)
  @Operation(
      summary = "How far the migration is",
      description =
          "By collection and overall, of the migration that runs or ran last. With Accept:"
              + " text/event-stream the same as server-sent events: those of the run (journal,"
              + " progress, status, end) and `migration`. 404 when none was ever started.")
  Progress progress(@RequestParam(required = false) String environment) throws IOException {
    return progress(stores.store(environment));
  }

  private Progress progress(Store store) throws IOException {
    return status
        .progress(store)
        .orElseThrow(
            () ->
                MigrationRefused.notFound(
                    "No migration was started in environment '%s'."
                        .formatted(store.environment().name())));
  }

  @GetMapping(value = "/progress", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
  @Operation(hidden = true)
  SseEmitter follow(
      @RequestParam(required = false) String environment,
      @RequestHeader(value = "Last-Event-ID", defaultValue = "0") @Min(0) long lastEventId,
      Principal user)
      throws IOException {
    Store store = stores.store(environment);
    String run = progress(store).run().id();
    return events.open(run, lastEventId, user, "migration", () -> event(store, run));
  }

  private static ProgressEvent event(Store store, String run) {
    try {
      var migration = MigrationStatus.migration(store, run);
      return migration == null ? null : ProgressEvent.of(migration);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @PostMapping("/validate")
  @Operation(
      summary = "Compare every document of both sides",
      description =
          "Reads all files; changes nothing. The report says in `overall` whether it is safe to go"
              + " on. 409 while another plan or validation of this store is read on this node.")
  ValidationReport validate(
      @RequestParam(required = false) String environment,
      @RequestParam(defaultValue = "1.5") @DecimalMin("1.0") double slowdownLimit)
      throws IOException {
    Store store = stores.store(environment);
    return longReads.alone(
        store,
        () ->
            DocumentValidation.validate(
                store.target(),
                slowdownLimit,
                (done, total, unit, message) -> {},
                Cancellation.NONE));
  }

  @PostMapping("/rollback")
  @Operation(
      summary = "Back to the state before",
      description =
          "While a run is active, aborts it: all that it did is taken back, in order. Else goes back"
              + " to the snapshot that is named, or to the one that the last migration took: every"
              + " file, and the query mode; `laterWrites` then counts the documents that were"
              + " written since that migration, which the run keeps in a snapshot of its own. 200, and nothing is touched, when the last migration was"
              + " rolled back already. 409 when the state to go back to is not known, or the run is"
              + " past the point of no return.")
  @ApiResponse(
      responseCode = "200",
      description = "It was rolled back already",
      useReturnTypeSchema = true)
  @ApiResponse(responseCode = "202", description = "Accepted", useReturnTypeSchema = true)
  ResponseEntity<Back> rollback(
      @RequestParam(required = false) String environment,
      @Valid @RequestBody(required = false) MigrationRequests.Rollback rollback,
      Principal user)
      throws IOException {
    MigrationRequests.Rollback how =
        Objects.requireNonNullElse(rollback, MigrationRequests.Rollback.DEFAULTS);
    MigrationRuns.Rollback back =
        migrations.rollBack(
            stores.store(environment), how.snapshot(), how.reason(), user.getName());
    ResponseEntity<RunView> run = started(back.run());
    return ResponseEntity.status(back.already() ? HttpStatus.OK : HttpStatus.ACCEPTED)
        .headers(back.already() ? HttpHeaders.EMPTY : run.getHeaders())
        .body(new Back(run.getBody(), back.laterWrites()));
  }

  @PostMapping("/stop")
  @Operation(
      summary = "Pause the migration",
      description =
          "After its present chunk; POST /start lets it go on from there. Safe to repeat. 409 when"
              + " nothing is being moved.")
  @ApiResponse(responseCode = "202", description = "Accepted", useReturnTypeSchema = true)
  ResponseEntity<Progress> stop(@RequestParam(required = false) String environment, Principal user)
      throws IOException {
    Store store = stores.store(environment);
    migrations.pause(store, user.getName());
    return ResponseEntity.accepted().body(progress(store));
  }

  @GetMapping("/status")
  @Operation(
      summary = "How the store stands",
      description =
          "Query mode, documents and health of both sides, the last run, snapshots, and figures of"
              + " the queries that this `node` answered.")
  Status status(@RequestParam(required = false) String environment) throws IOException {
    return status.of(stores.store(environment));
  }

  @GetMapping("/mode")
  @Operation(summary = "How queries are answered")
  QuerySetting mode(@RequestParam(required = false) String environment) throws IOException {
    return adapters.of(stores.store(environment).target()).setting();
  }

  @PutMapping(value = "/mode", consumes = MediaType.APPLICATION_JSON_VALUE)
  @Operation(
      summary = "Answer queries in another way, on all nodes, at once",
      description =
          "409 while a run holds the store (it switches by itself), 422 when a side would answer"
              + " alone that cannot.")
  QuerySetting mode(
      @RequestParam(required = false) String environment,
      @Valid @RequestBody MigrationRequests.Mode mode,
      Principal user)
      throws IOException {
    return modes.set(
        stores.store(environment), mode.mode(), mode.preferNew(), mode.fallback(), user.getName());
  }

  @GetMapping("/logs")
  @Operation(
      summary = "What happened, and who did it",
      description =
          "The journal of all migrations, snapshots and restores of the environment, and of the"
              + " calls of this interface; newest first.")
  Logs logs(
      @RequestParam(required = false) String environment,
      @RequestParam(required = false) String run,
      @RequestParam(required = false) String user,
      @RequestParam(required = false) Kind kind,
      @RequestParam(required = false) Instant since,
      @RequestParam(required = false) Instant until,
      @RequestParam(required = false) String text,
      @RequestParam(required = false) @Min(1) Long before,
      @RequestParam(defaultValue = "100") @Min(1) @Max(1000) int limit) {
    List<String> wanted = new ArrayList<>();
    migrations.recent(stores.store(environment), RUNS_OF_LOGS).stream()
        .filter(record -> run == null || run.equals(record.id()) || run.equals(record.name()))
        .map(RunRecord::id)
        .forEach(wanted::add);
    if (run == null) {
      wanted.add(CallJournal.CALLS);
    } else if (wanted.isEmpty()) {
      throw MigrationRefused.notFound("There is no run '%s' of this store.".formatted(run));
    }
    List<JournalEntry> entries =
        journal.find(
            new JournalSearch.Wanted(wanted, kind, user, since, until, text, before, limit));
    return new Logs(entries, entries.size() < limit ? null : entries.get(entries.size() - 1).id());
  }

  private ResponseEntity<RunView> started(String run) {
    return ResponseEntity.accepted()
        .location(URI.create("/api/runs/" + run))
        .body(runs.summary(run).orElseThrow());
  }
}
