package io.belay.face.web;

import com.fasterxml.jackson.databind.JsonNode;
import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import io.belay.step.AgentSettings;
import io.belay.step.AgentSteps;
import io.belay.step.AgentSteps.NotYours;
import io.belay.step.AgentSteps.Opened;
import io.belay.step.BusinessStop;
import io.belay.step.CheckedTargets;
import io.belay.step.Sample;
import io.belay.step.StepJournal;
import io.belay.step.StepRun;
import io.belay.step.UnreadableRecord;
import io.belay.target.TargetIdentity;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.security.Principal;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.lang.Nullable;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/**
 * The journal of the steps that an agent has locked, for the agent, which has no database. The
 * header {@code Belay-Worker} identifies the agent's process: it is the worker id of its locks.
 */
@RestController
@RequestMapping("/api/agent")
@Tag(name = "Agents", description = "For agents: the journal of the steps that they work on")
class AgentApi {

  private static final String WORKER = "Belay-Worker";

  /** What an agent may work on. */
  record Limits(String name, Set<String> topics, Set<String> environments) {}

  /**
   * @param past entries of all attempts of this execution
   * @param holdsTargets whether the run still holds the targets that it took at its start
   */
  record Execution(
      StepRun run,
      String instanceId,
      String activityId,
      boolean holdsTargets,
      List<JournalEntry> past) {}

  record Begin(@Min(1) int attempt, @Nullable JsonNode input) {}

  record Entry(
      @NotNull Kind kind, @Nullable @Size(max = 4000) String text, @Nullable JsonNode payload) {}

  record State(
      long done, long total, @Nullable @Size(max = 32) String unit, @Nullable String message) {}

  record Beat(@NotNull @Size(max = 1000) List<String> steps) {}

  private final AgentSettings settings;
  private final AgentSteps steps;

  AgentApi(AgentSettings settings, AgentSteps steps) {
    this.settings = settings;
    this.steps = steps;
  }

  @GetMapping
  @Operation(summary = "What this agent may work on")
  Limits limits(Principal agent) {
    AgentSettings.Agent limits = settings.find(agent.getName()).orElseThrow();
    return new Limits(agent.getName(), limits.topics(), limits.environments());
  }

  @GetMapping("/steps/{key}")
  @Operation(
      summary = "A step that is locked for this worker",
      description = "The key is the external task's id. 409 when the lock is not this worker's.")
  Execution open(Principal agent, @RequestHeader(WORKER) String worker, @PathVariable String key) {
    Opened step = steps.open(agent.getName(), worker, key);
    StepJournal journal = step.journal();
    return new Execution(
        journal.run(),
        step.task().instanceId(),
        step.task().activityId(),
        journal.holdsTargets(),
        journal.past());
  }

  @GetMapping("/steps/{key}/earlier")
  @Operation(summary = "What the journal tells of a step in the same run")
  List<JournalEntry> earlier(
      Principal agent,
      @RequestHeader(WORKER) String worker,
      @PathVariable String key,
      @RequestParam String step) {
    return steps.open(agent.getName(), worker, key).journal().ofStep(step);
  }

  @PostMapping("/steps/{key}/begin")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  @Operation(
      summary = "An attempt begins",
      description = "Before any effect: what is not written here, an undo will not take back.")
  void begin(
      Principal agent,
      @RequestHeader(WORKER) String worker,
      @PathVariable String key,
      @Valid @RequestBody Begin begin) {
    if (!steps.open(agent.getName(), worker, key).journal().begin(begin.attempt(), begin.input())) {
      throw new CancellationException("the run does not hold its targets any more");
    }
  }

  @PostMapping("/steps/{key}/end")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  @Operation(
      summary = "The attempt has ended",
      description =
          "RESULT with what the step returns, BUSINESS_STOP, FAILURE or STOPPED. The engine"
              + " accepts the end of a step only if it stands here.")
  void end(
      Principal agent,
      @RequestHeader(WORKER) String worker,
      @PathVariable String key,
      @Valid @RequestBody Entry end) {
    Opened step = steps.begun(agent.getName(), worker, key);
    steps.end(step, end.kind(), end.text(), end.payload());
  }

  @PostMapping("/steps/{key}/notes")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  @Operation(
      summary =
          "A log line, a checkpoint, the manifest of an artifact, or what an undo has taken back")
  void note(
      Principal agent,
      @RequestHeader(WORKER) String worker,
      @PathVariable String key,
      @Valid @RequestBody Entry note) {
    Opened step = steps.begun(agent.getName(), worker, key);
    steps.note(step, note.kind(), note.text(), note.payload());
  }

  @PostMapping("/steps/{key}/targets/{target}")
  @Operation(
      summary = "What a target of the step was found to be",
      description =
          "Before anything is done there. With a `refusal` it is another system than the run's,"
              + " and the attempt must end.")
  CheckedTargets.Answer found(
      Principal agent,
      @RequestHeader(WORKER) String worker,
      @PathVariable String key,
      @PathVariable @Size(max = 64) String target,
      @RequestBody TargetIdentity found) {
    return steps.begun(agent.getName(), worker, key).journal().find(target, found);
  }

  @PutMapping("/steps/{key}/targets/{target}/next")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  @Operation(summary = "What the step is about to put in the target's place")
  void announce(
      Principal agent,
      @RequestHeader(WORKER) String worker,
      @PathVariable String key,
      @PathVariable @Size(max = 64) String target,
      @RequestBody TargetIdentity next) {
    steps.begun(agent.getName(), worker, key).journal().announce(target, next);
  }

  @PostMapping("/steps/{key}/samples")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  @Operation(summary = "Measured values of a gate")
  void sample(
      Principal agent,
      @RequestHeader(WORKER) String worker,
      @PathVariable String key,
      @RequestBody List<Sample> samples) {
    steps.begun(agent.getName(), worker, key).journal().sample(samples);
  }

  @PutMapping("/steps/{key}/progress")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  @Operation(summary = "How far the work has come")
  void progress(
      Principal agent,
      @RequestHeader(WORKER) String worker,
      @PathVariable String key,
      @Valid @RequestBody State state) {
    steps
        .begun(agent.getName(), worker, key)
        .journal()
        .progress(state.done(), state.total(), state.unit(), state.message());
  }

  @PostMapping("/beat")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  @Operation(
      summary = "This worker lives, and works on those steps",
      description = "A step that is not named for 15 seconds counts as stopped.")
  void beat(Principal agent, @RequestHeader(WORKER) String worker, @Valid @RequestBody Beat beat) {
    steps.beat(agent.getName(), worker, beat.steps());
  }

  @ExceptionHandler
  @ResponseStatus(HttpStatus.CONFLICT)
  ProblemDetail notYours(NotYours refusal) {
    return ProblemDetail.forStatusAndDetail(HttpStatus.CONFLICT, refusal.getMessage());
  }

  @ExceptionHandler
  @ResponseStatus(HttpStatus.CONFLICT)
  ProblemDetail replaced(CancellationException refusal) {
    return ProblemDetail.forStatusAndDetail(HttpStatus.CONFLICT, refusal.getMessage());
  }

  @ExceptionHandler
  @ResponseStatus(HttpStatus.CONFLICT)
  ProblemDetail refused(BusinessStop refusal) {
    return ProblemDetail.forStatusAndDetail(HttpStatus.CONFLICT, refusal.getMessage());
  }

  @ExceptionHandler
  @ResponseStatus(HttpStatus.UNPROCESSABLE_ENTITY)
  ProblemDetail unreadable(UnreadableRecord refusal) {
    return ProblemDetail.forStatusAndDetail(HttpStatus.UNPROCESSABLE_ENTITY, refusal.getMessage());
  }

  @ExceptionHandler
  @ResponseStatus(HttpStatus.UNPROCESSABLE_ENTITY)
  ProblemDetail invalid(IllegalArgumentException refusal) {
    return ProblemDetail.forStatusAndDetail(HttpStatus.UNPROCESSABLE_ENTITY, refusal.getMessage());
  }
}
