package io.belay.face.web;

import io.belay.model.GateThresholds;
import io.belay.model.GateThresholds.Threshold;
import io.belay.model.Refusal.Problem;
import io.belay.model.RunRefused;
import io.belay.model.Runbooks;
import io.belay.model.Runbooks.Runbook;
import io.belay.run.Planner;
import io.belay.run.RunPlan;
import io.belay.target.Environments;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.http.MediaType;
import org.springframework.util.MultiValueMap;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Runbooks, their models and what they would do. Has no effect. */
@RestController
@RequestMapping("/api")
@Tag(name = "Runbooks", description = "What can be run, and what it would do")
class RunbooksApi {

  private final Runbooks runbooks;
  private final Planner planner;
  private final Environments environments;
  private final GateThresholds thresholds;

  RunbooksApi(
      Runbooks runbooks, Planner planner, Environments environments, GateThresholds thresholds) {
    this.runbooks = runbooks;
    this.planner = planner;
    this.environments = environments;
    this.thresholds = thresholds;
  }

  @GetMapping("/runbooks")
  @Operation(summary = "All runbooks", description = "Each in its latest version, with parameters.")
  List<Runbook> all() {
    return runbooks.all();
  }

  @GetMapping("/runbooks/{key}")
  @Operation(summary = "One runbook", description = "In its latest version, with its parameters.")
  Runbook one(@PathVariable String key) {
    return runbook(key);
  }

  @GetMapping("/runbooks/{key}/plan")
  @Operation(
      summary = "Dry run",
      description =
          "What each step would do to which target: effect class, command or SQL, sizes, expected"
              + " duration. Changes nothing. Each parameter of the runbook is a query parameter;"
              + " 422 when one is given more than once.")
  RunPlan plan(
      @PathVariable String key,
      @Parameter(description = "Parameters of the runbook, environment among them") @RequestParam
          MultiValueMap<String, String> parameters) {
    Runbook runbook = runbook(key);
    return planner.plan(runbook, single(parameters));
  }

  @GetMapping(value = "/runbooks/{key}/model", produces = MediaType.APPLICATION_XML_VALUE)
  @Operation(summary = "The model of a runbook", description = "BPMN 2.0 XML, latest version.")
  String model(@PathVariable String key) {
    return definition(runbook(key).definitionId());
  }

  @GetMapping(value = "/models/{definitionId}", produces = MediaType.APPLICATION_XML_VALUE)
  @Operation(
      summary = "A deployed model",
      description = "BPMN 2.0 XML of a runbook or a phase, in the version with that id.")
  String definition(@PathVariable String definitionId) {
    return runbooks
        .model(definitionId)
        .orElseThrow(() -> new NotFound("process definition", definitionId));
  }

  @GetMapping("/models/{definitionId}/thresholds")
  @Operation(
      summary = "Limits of the gates",
      description = "By decision: the limits in the tables that runs of that runbook version use.")
  Map<String, List<Threshold>> limits(@PathVariable String definitionId) {
    definition(definitionId);
    return thresholds.of(definitionId);
  }

  @GetMapping("/environments")
  @Operation(
      summary = "All environments",
      description =
          "Each as its file says now, with all mistakes by key and rule; no run can start in one that"
              + " is not valid.")
  List<Environments.Checked> environments() {
    return environments.check();
  }

  private Runbook runbook(String key) {
    return runbooks.find(key).orElseThrow(() -> new NotFound("runbook", key));
  }

  private static Map<String, Object> single(MultiValueMap<String, String> parameters) {
    List<Problem> repeated =
        parameters.entrySet().stream()
            .filter(parameter -> parameter.getValue().size() > 1)
            .map(parameter -> new Problem(parameter.getKey(), "is given more than once"))
            .toList();
    if (!repeated.isEmpty()) {
      throw new RunRefused(repeated);
    }
    return new LinkedHashMap<>(parameters.toSingleValueMap());
  }
}
