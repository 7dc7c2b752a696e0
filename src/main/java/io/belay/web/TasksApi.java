package io.belay.web;

import io.belay.process.RunActivities.OpenTask;
import io.belay.process.RunControl;
import io.belay.process.TaskForm;
import io.belay.process.TaskForms;
import io.belay.run.RunView;
import io.belay.run.Runs;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.validation.Valid;
import java.security.Principal;
import java.util.List;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** What waits for people: approvals, checklists, confirmations. */
@RestController
@RequestMapping("/api/tasks")
@Tag(name = "Tasks", description = "What waits for a person")
class TasksApi {

  private static final int RUNS_LOOKED_AT = 500;

  /** An open task and its run. */
  record TaskOfRun(String runId, String runName, String startedBy, OpenTask task, TaskForm form) {}

  private final Runs runs;
  private final RunControl control;
  private final TaskForms forms;

  TasksApi(Runs runs, RunControl control, TaskForms forms) {
    this.runs = runs;
    this.control = control;
    this.forms = forms;
  }

  @GetMapping
  @Operation(
      summary = "Open tasks",
      description = "Of one run, or of all runs that go on, with the form to fill in.")
  List<TaskOfRun> open(
      @Parameter(description = "Id of a run") @RequestParam(required = false) String run) {
    List<RunView> looked =
        run == null
            ? runs.list(RUNS_LOOKED_AT, 0)
            : List.of(runs.find(run).orElseThrow(() -> new NotFound("run", run)));
    return looked.stream()
        .flatMap(
            of ->
                of.tasks().stream()
                    .map(
                        task ->
                            new TaskOfRun(
                                of.id(), of.name(), of.startedBy(), task, forms.of(task.id()))))
        .toList();
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
}
