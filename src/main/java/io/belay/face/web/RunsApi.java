package io.belay.face.web;

import io.belay.engine.control.RunActivities;
import io.belay.engine.control.RunActivities.ActivityState;
import io.belay.engine.control.RunControl;
import io.belay.journal.Journal;
import io.belay.journal.JournalEntry;
import io.belay.journal.Samples;
import io.belay.journal.Samples.StoredSample;
import io.belay.model.Runbooks;
import io.belay.run.RunView;
import io.belay.run.Runs;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.net.URI;
import java.security.Principal;
import java.util.List;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/** Runs: start, watch, abort, retry, override. Every action is done in the caller's name. */
@RestController
@RequestMapping("/api/runs")
@Tag(name = "Runs", description = "Start, watch, abort, retry, override")
class RunsApi {

  private final Runs runs;
  private final Runbooks runbooks;
  private final RunControl control;
  private final RunActivities activities;
  private final Journal journal;
  private final Samples samples;
  private final RunEvents events;

  RunsApi(
      Runs runs,
      Runbooks runbooks,
      RunControl control,
      RunActivities activities,
      Journal journal,
      Samples samples,
      RunEvents events) {
    this.runs = runs;
    this.runbooks = runbooks;
    this.control = control;
    this.activities = activities;
    this.journal = journal;
    this.samples = samples;
    this.events = events;
  }

  @PostMapping(consumes = MediaType.APPLICATION_JSON_VALUE)
  @Operation(
      summary = "Start a run",
      description =
          "Validates every parameter and the environment, and takes the targets. 404 when there is"
              + " no such runbook, 422 naming each parameter and its rule, 409 when another run"
              + " holds a target; nothing is changed then. Requests of one user with the same"
              + " Idempotency-Key start one run; 409 when the key came with another request.")
  @ApiResponse(
      responseCode = "201",
      description = "The run; Location has its address",
      useReturnTypeSchema = true)
  ResponseEntity<RunView> start(
      @Valid @RequestBody Requests.Start start,
      @RequestHeader(value = "Idempotency-Key", required = false) String key,
      Principal user) {
    if (runbooks.find(start.runbook()).isEmpty()) {
      throw new NotFound("runbook", start.runbook());
    }
    String id =
        key == null
            ? control.start(start.runbook(), start.name(), start.parameters(), user.getName())
            : control.startOnce(
                key, start.runbook(), start.name(), start.parameters(), user.getName());
    return ResponseEntity.created(URI.create("/api/runs/" + id)).body(run(id));
  }

  @GetMapping
  @Operation(summary = "All runs", description = "Newest first; without phases, steps and gates.")
  List<RunView> list(
      @RequestParam(defaultValue = "50") @Min(1) @Max(500) int limit,
      @RequestParam(defaultValue = "0") @Min(0) int offset) {
    return runs.list(limit, offset);
  }

  @GetMapping("/{id}")
  @Operation(
      summary = "One run",
      description = "Status, phases, steps that work now, open tasks, incidents, gates.")
  RunView one(@PathVariable String id) {
    return run(id);
  }

  @GetMapping("/{id}/activities")
  @Operation(
      summary = "Where the run is and was",
      description = "Activities of the run and its phases, by their start; also after its end.")
  List<ActivityState> activities(@PathVariable String id) {
    requireRun(id);
    return activities.activities(id);
  }

  @GetMapping("/{id}/journal")
  @Operation(summary = "What happened", description = "Entries after the given id, oldest first.")
  List<JournalEntry> journal(
      @PathVariable String id,
      @RequestParam(defaultValue = "0") @Min(0) long after,
      @RequestParam(defaultValue = "500") @Min(1) @Max(5000) int limit) {
    requireRun(id);
    return journal.entries(id, after, limit);
  }

  @GetMapping("/{id}/samples")
  @Operation(
      summary = "What gates measured",
      description = "Samples after the given id, oldest first.")
  List<StoredSample> samples(
      @PathVariable String id,
      @RequestParam(defaultValue = "0") @Min(0) long after,
      @RequestParam(defaultValue = "5000") @Min(1) @Max(20000) int limit) {
    requireRun(id);
    return samples.ofRun(id, after, limit);
  }

  @GetMapping(value = "/{id}/events", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
  @Operation(
      summary = "Follow a run",
      description =
          "Server-sent events: `journal` (one entry; its id is the event's id), `progress` (all"
              + " steps that work now), `status`, and `end` after the final status, when the stream"
              + " closes. Resume with the header Last-Event-ID; entries of the half minute before it"
              + " come again. 429 when too many streams are open.")
  SseEmitter events(
      @PathVariable String id,
      @RequestHeader(value = "Last-Event-ID", defaultValue = "0") @Min(0) long lastEventId,
      @RequestParam(defaultValue = "0") @Min(0) long after,
      Principal user) {
    requireRun(id);
    return events.open(id, Math.max(lastEventId, after), user);
  }

  @PostMapping(value = "/{id}/abort", consumes = MediaType.APPLICATION_JSON_VALUE)
  @Operation(
      summary = "Abort a run",
      description =
          "The phase that runs is stopped, then everything is taken back in order. Between two"
              + " phases the abort is kept for the next one. 409 when none can be aborted any more;"
              + " the journal has the refusal.")
  RunView abort(@PathVariable String id, @Valid @RequestBody Requests.Abort abort, Principal user) {
    requireRun(id);
    control.abort(id, abort.reason(), user.getName());
    return run(id);
  }

  @PostMapping("/{id}/retry")
  @Operation(
      summary = "Try again what failed",
      description = "409 when nothing of the run waits for a retry.")
  RunView retry(@PathVariable String id, Principal user) {
    requireRun(id);
    control.retry(id, user.getName());
    return run(id);
  }

  @PostMapping(value = "/{id}/override", consumes = MediaType.APPLICATION_JSON_VALUE)
  @Operation(
      summary = "Take a failed step over",
      description =
          "Belay does not run the step; a person answers for it, with a reason. 409 when that"
              + " activity has no failed step.")
  RunView override(
      @PathVariable String id, @Valid @RequestBody Requests.Override override, Principal user) {
    requireRun(id);
    control.override(id, override.activityId(), override.reason(), user.getName());
    return run(id);
  }

  @PostMapping(value = "/{id}/targets/{target}/accept", consumes = MediaType.APPLICATION_JSON_VALUE)
  @Operation(
      summary = "Accept another system as a target of the run",
      description =
          "When a target was moved on purpose: the system that a step found under its name and"
              + " refused is the target from now on. Retry afterwards. 409 when none was refused.")
  RunView acceptTarget(
      @PathVariable String id,
      @PathVariable String target,
      @Valid @RequestBody Requests.Abort accept,
      Principal user) {
    requireRun(id);
    control.acceptTarget(id, target, accept.reason(), user.getName());
    return run(id);
  }

  private RunView run(String id) {
    return runs.find(id).orElseThrow(() -> new NotFound("run", id));
  }

  private void requireRun(String id) {
    if (runs.status(id).isEmpty()) {
      throw new NotFound("run", id);
    }
  }
}
