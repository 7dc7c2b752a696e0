package io.belay.face.web;

import io.belay.artifact.Artifact;
import io.belay.artifact.ArtifactStore;
import io.belay.engine.control.RunActivities.OpenTask;
import io.belay.engine.control.RunControl;
import io.belay.engine.control.TaskForm;
import io.belay.engine.control.TaskForms;
import io.belay.journal.JournalEntry;
import io.belay.model.Parameter;
import io.belay.model.Refusal.Problem;
import io.belay.model.RunRefused;
import io.belay.model.Runbooks;
import io.belay.model.Runbooks.Runbook;
import io.belay.run.Planner;
import io.belay.run.RunReport;
import io.belay.run.RunReports;
import io.belay.run.RunStatus;
import io.belay.run.RunView;
import io.belay.run.Runs;
import io.belay.security.OidcRefusal;
import io.belay.security.OidcSettings;
import io.belay.security.Role;
import io.belay.security.SecurityHeaders;
import io.belay.target.Environments;
import io.belay.target.InvalidEnvironment;
import io.belay.target.TargetException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.Resource;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.ModelAttribute;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;

/** The pages. They only show; every action of a person goes through the REST interface. */
@Controller
class Pages {

  private static final Resource STYLE = new ClassPathResource("static/belay/belay.css");
  private static final int LISTED = 50;
  private static final int GATES_SHOWN = 30;
  private static final String PARAMETER = "parameters.";

  /** An open task, and whether the viewer may complete it. */
  public record TaskView(OpenTask task, TaskForm form, boolean mayComplete, String why) {}

  /** A part of the report. */
  public record Part(String title, List<JournalEntry> entries) {}

  private final Runs runs;
  private final RunReports reports;
  private final Runbooks runbooks;
  private final Planner planner;
  private final Environments environments;
  private final TaskForms forms;
  private final ArtifactStore artifacts;
  private final Show show;
  private final OidcSettings oidc;

  Pages(
      Runs runs,
      RunReports reports,
      Runbooks runbooks,
      Planner planner,
      Environments environments,
      TaskForms forms,
      ArtifactStore artifacts,
      Show show,
      OidcSettings oidc) {
    this.runs = runs;
    this.reports = reports;
    this.runbooks = runbooks;
    this.planner = planner;
    this.environments = environments;
    this.forms = forms;
    this.artifacts = artifacts;
    this.show = show;
    this.oidc = oidc;
  }

  @ModelAttribute
  void common(Model page, HttpServletRequest request) {
    page.addAttribute("show", show);
    page.addAttribute("user", request.getRemoteUser());
    page.addAttribute(
        "mayOperate",
        Stream.of(Role.OPERATOR, Role.ADMINISTRATOR)
            .anyMatch(role -> request.isUserInRole(role.authority())));
    page.addAttribute("embedded", request.getParameter("embedded") != null);
  }

  @GetMapping(value = "/login", produces = MediaType.TEXT_HTML_VALUE)
  String login(@RequestParam(required = false) String refused, Model page) {
    page.addAttribute("byProvider", oidc.isOn());
    page.addAttribute("refusal", refused == null ? null : OidcRefusal.sentence(refused));
    return "login";
  }

  @GetMapping(value = "/", produces = MediaType.TEXT_HTML_VALUE)
  String runs(Model page) {
    page.addAttribute("runbooks", runbooks.all());
    page.addAttribute("environments", environments.check());
    page.addAttribute("runs", runs.list(LISTED, 0));
    return "runs";
  }

  @GetMapping("/fragments/runs")
  String runList(Model page) {
    page.addAttribute("runs", runs.list(LISTED, 0));
    return "runs :: list";
  }

  @GetMapping(value = "/runbooks/{key}", produces = MediaType.TEXT_HTML_VALUE)
  String runbook(@PathVariable String key, Model page) {
    page.addAttribute("runbook", find(key));
    page.addAttribute("environments", environments.check());
    return "runbook";
  }

  /** The dry run as a page; it includes what would be refused. */
  @GetMapping("/runbooks/{key}/plan")
  String plan(@PathVariable String key, @RequestParam Map<String, String> form, Model page) {
    Runbook runbook = find(key);
    Map<String, Object> given = new LinkedHashMap<>();
    form.forEach(
        (name, value) -> {
          if (name.startsWith(PARAMETER)) {
            given.put(name.substring(PARAMETER.length()), value.equals("on") ? "true" : value);
          }
        });
    runbook.parameters().stream()
        .filter(parameter -> parameter.type() == Parameter.Type.BOOLEAN)
        .forEach(parameter -> given.putIfAbsent(parameter.name(), "false"));
    try {
      page.addAttribute("plan", planner.plan(runbook, given));
    } catch (RunRefused refused) {
      page.addAttribute("problems", refused.problems().stream().map(Problem::toString).toList());
    } catch (InvalidEnvironment | TargetException refused) {
      page.addAttribute("problems", List.of(refused.getMessage()));
    }
    return "plan :: plan";
  }

  @GetMapping(value = "/runs/{id}", produces = MediaType.TEXT_HTML_VALUE)
  String run(@PathVariable String id, Model page, HttpServletRequest request) {
    describe(id, page, request);
    return "run";
  }

  /**
   * A part of the run page, rendered again: {@code head}, {@code tasks}, {@code incidents}, {@code
   * live}.
   */
  @GetMapping("/runs/{id}/{part:head|tasks|incidents|live}")
  String part(
      @PathVariable String id, @PathVariable String part, Model page, HttpServletRequest request) {
    describe(id, page, request);
    return "run-live :: " + part;
  }

  /**
   * @param file whether to return a file to keep: with its style, without links to other pages
   */
  @GetMapping("/runs/{id}/report")
  String report(
      @PathVariable String id,
      @RequestParam(defaultValue = "false") boolean file,
      Model page,
      HttpServletResponse response)
      throws IOException {
    RunReport report = reports.of(id).orElseThrow(() -> new NotFound("run", id));
    page.addAttribute("report", report);
    page.addAttribute("run", report.run());
    page.addAttribute("timeline", TimelineRow.of(report.run().phases(), show));
    if (file) {
      String style = STYLE.getContentAsString(StandardCharsets.UTF_8);
      page.addAttribute("style", style);
      response.setHeader(SecurityHeaders.POLICY, SecurityHeaders.policyWith(style));
    }
    page.addAttribute(
        "parts",
        List.of(
            new Part("Approvals and checklists", report.decisions()),
            new Part("Interventions", report.interventions()),
            new Part("Incidents", report.incidents())));
    return "report";
  }

  @ExceptionHandler
  void missing(NotFound missing, HttpServletResponse response) throws IOException {
    response.sendError(HttpServletResponse.SC_NOT_FOUND);
  }

  private void describe(String id, Model page, HttpServletRequest request) {
    RunView run = runs.find(id).orElseThrow(() -> new NotFound("run", id));
    boolean mayOperate = Boolean.TRUE.equals(page.getAttribute("mayOperate"));
    int gates = run.gates().size();
    List<RunView.GateView> newest =
        new ArrayList<>(run.gates().subList(Math.max(0, gates - GATES_SHOWN), gates));
    Collections.reverse(newest);
    page.addAttribute("run", run);
    page.addAttribute("gates", newest);
    page.addAttribute("timeline", TimelineRow.of(run.phases(), show));
    page.addAttribute("artifacts", reports.artifacts(id));
    page.addAttribute("here", artifacts.ofRun(id).stream().map(Artifact::id).toList());
    page.addAttribute("tasks", tasks(run, request));
    page.addAttribute(
        "mayAbort",
        mayOperate
            && Set.of(RunStatus.RUNNING, RunStatus.WAITING_FOR_PERSON, RunStatus.INCIDENT)
                .contains(run.status()));
  }

  private List<TaskView> tasks(RunView run, HttpServletRequest request) {
    return run.tasks().stream()
        .flatMap(
            task -> {
              try {
                String why = obstacle(run, task, request);
                return Stream.of(new TaskView(task, forms.of(task.id()), why == null, why));
              } catch (RunControl.NotPossible closedMeanwhile) {
                return Stream.empty();
              }
            })
        .toList();
  }

  /** Why the viewer may not complete the task; information only, since the engine decides. */
  private static String obstacle(RunView run, OpenTask task, HttpServletRequest request) {
    boolean forApprovers = task.groups().contains(Role.APPROVER.group());
    if (forApprovers && run.startedBy().equals(request.getRemoteUser())) {
      return "You started this run, so another person must decide: four eyes are needed.";
    }
    boolean member =
        request.isUserInRole(Role.ADMINISTRATOR.authority())
            || task.groups().stream()
                .anyMatch(group -> request.isUserInRole("ROLE_" + group.toUpperCase(Locale.ROOT)));
    return member ? null : "This waits for somebody of: " + String.join(", ", task.groups()) + ".";
  }

  private Runbook find(String key) {
    return runbooks.find(key).orElseThrow(() -> new NotFound("runbook", key));
  }
}
