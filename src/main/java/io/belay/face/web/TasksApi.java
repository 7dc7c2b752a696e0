package io.belay.face.web;

import io.belay.artifact.Artifact;
import io.belay.engine.control.RunActivities.OpenTask;
import io.belay.engine.control.RunControl;
import io.belay.engine.control.TaskForm;
import io.belay.engine.control.TaskForms;
import io.belay.engine.control.TaskProofs;
import io.belay.journal.RunRecords.RunRecord;
import io.belay.run.Runs;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.security.Principal;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Tasks that wait for people: approvals, checklists, confirmations. */
@RestController
@RequestMapping("/api/tasks")
@Tag(name = "Tasks", description = "What waits for a person")
class TasksApi {

  /** An open task and its run. */
  record TaskOfRun(String runId, String runName, String startedBy, OpenTask task, TaskForm form) {}

  private final Runs runs;
  private final RunControl control;
  private final TaskForms forms;
  private final TaskProofs proofs;

  TasksApi(Runs runs, RunControl control, TaskForms forms, TaskProofs proofs) {
    this.runs = runs;
    this.control = control;
    this.forms = forms;
    this.proofs = proofs;
  }

  @GetMapping
  @Operation(
      summary = "Open tasks",
      description =
          "Of one run, oldest first, or a page of those of all runs, newest first; with the form to"
              + " fill in.")
  List<TaskOfRun> open(
      @Parameter(description = "Id of a run; all its tasks then") @RequestParam(required = false)
          String run,
      @RequestParam(defaultValue = "50") @Min(1) @Max(500) int limit,
      @RequestParam(defaultValue = "0") @Min(0) int offset) {
    return (run == null
            ? runs.tasks(limit, offset)
            : runs.tasks(run).orElseThrow(() -> new NotFound("run", run)))
        .stream().flatMap(this::describe).toList();
  }

  private Stream<TaskOfRun> describe(Runs.TaskOfRun open) {
    RunRecord run = open.run();
    try {
      return Stream.of(
          new TaskOfRun(
              run.id(), run.name(), run.startedBy(), open.task(), forms.of(open.task().id())));
    } catch (RunControl.NotPossible closedMeanwhile) {
      return Stream.empty();
    }
  }

  @PostMapping(value = "/{id}/complete", consumes = MediaType.APPLICATION_JSON_VALUE)
  @ResponseStatus(HttpStatus.NO_CONTENT)
  @Operation(
      summary = "Complete a task",
      description =
          "With the values of its form. 403 when the caller may not decide it (the starter of the"
              + " run never may at an approval), 409 when it is not open any more, 422 naming each"
              + " field and its rule.")
  void complete(
      @PathVariable String id, @Valid @RequestBody Requests.Complete complete, Principal user) {
    control.complete(id, complete.values(), user.getName());
  }

  @PutMapping(value = "/{id}/proof", consumes = MediaType.APPLICATION_OCTET_STREAM_VALUE)
  @Operation(
      summary = "Upload the proof of a task",
      description =
          "A file of at most 8 MiB as the whole body, for a task whose form has a field of type"
              + " file; the last one counts. It becomes an artifact of the run: its manifest is the"
              + " answer. 403 when the caller may not work on the task, 409 when it is not open any"
              + " more, 422 when it asks for no file.")
  Artifact proof(
      @PathVariable String id,
      @Parameter(description = "Name of the file, for people; never a path")
          @RequestParam
          @Size(min = 1, max = 200)
          @Pattern(regexp = "\\P{C}*", message = "must have no control characters")
          String name,
      @io.swagger.v3.oas.annotations.parameters.RequestBody(
              content = @Content(schema = @Schema(type = "string", format = "binary")))
          @RequestBody
          byte[] content,
      Principal user) {
    return proofs.upload(id, name, content, user.getName());
  }
}
