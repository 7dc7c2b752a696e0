package io.belay.model.mutation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.belay.engine.control.RunControl;
import io.belay.journal.Journal;
import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import io.belay.journal.RunRecords;
import io.belay.journal.RunRecords.State;
import io.belay.model.RunRefused;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import org.camunda.bpm.engine.ProcessEngine;
import org.camunda.bpm.engine.runtime.Job;
import org.camunda.bpm.engine.task.Task;
import org.springframework.boot.test.context.TestComponent;

/**
 * Drives one run to its end on one thread: jobs and steps first, then what people are asked, then
 * the timer that is due first. Nothing is waited for by the clock.
 */
@TestComponent
final class ScriptedRun {

  static final String STARTER = "olga";
  private static final Set<String> DECISIONS = Set.of("go", "decommission", "remove");

  private final ObjectMapper json = new ObjectMapper();
  private final ProcessEngine engine;
  private final RunControl control;
  private final RunRecords runs;
  private final Journal journal;
  private final ScriptedWorld world;

  ScriptedRun(
      ProcessEngine engine,
      RunControl control,
      RunRecords runs,
      Journal journal,
      ScriptedWorld world) {
    this.engine = engine;
    this.control = control;
    this.runs = runs;
    this.journal = journal;
    this.world = world;
  }

  /**
   * How a run went.
   *
   * @param end the run's state, or {@code REFUSED}, {@code INCIDENT} or {@code ENDLESS}
   * @param reason why it was refused or went back; may be null
   * @param moves jobs, steps, answers and timers
   * @param notPassed phases of the runbook whose last outcome is not a passed one
   * @param violations of Belay's promises
   */
  record Outcome(
      String end, String reason, int moves, Set<String> notPassed, List<String> violations) {}

  Outcome of(
      String runbook,
      Map<String, Object> parameters,
      Map<String, byte[]> models,
      Scenario scenario,
      int limit) {
    world.begin(scenario);
    String run;
    try {
      run = control.start(runbook, null, parameters, STARTER);
    } catch (RunRefused refused) {
      return new Outcome("REFUSED", refused.getMessage(), 0, Set.of(), List.of());
    }
    Drive drive = new Drive(run, models, scenario);
    try {
      String stop = drive.until(limit);
      if (stop != null) {
        drive.abort("it goes on no more");
        drive.until(limit);
      }
      State state = runs.find(run).orElseThrow().state();
      String end = state.isFinal() ? state.name() : stop == null ? "INCIDENT" : stop;
      return outcome(run, end, drive.moves);
    } finally {
      if (!runs.find(run).orElseThrow().state().isFinal()) {
        engine.getRuntimeService().deleteProcessInstance(run, "over", false, true, true);
      }
    }
  }

  private Outcome outcome(String run, String end, int moves) {
    List<String> violations = new ArrayList<>(world.violations());
    Set<String> notPassed = notPassed(run);
    if (end.equals("ENDLESS")) {
      violations.add("it goes round and round, and no abort ends it");
    }
    if (end.equals("STUCK")) {
      violations.add("it stands still without an incident");
    }
    if (end.equals("ROLLED_BACK") && !world.standing().isEmpty()) {
      violations.add("ROLLED_BACK, but there stands " + world.standing());
    }
    if (end.equals("COMPLETED")) {
      saidNo(run).forEach(no -> violations.add("COMPLETED, but " + no));
    }
    return new Outcome(end, runs.find(run).orElseThrow().reason(), moves, notPassed, violations);
  }

  /** Checks and gates, in phases that ended as passed, whose last verdict was another than PASS. */
  private Set<String> saidNo(String run) {
    Map<String, String> last = new TreeMap<>();
    Set<String> passed = new HashSet<>();
    for (JournalEntry entry : journal.entries(run, 0, 100_000)) {
      String place = entry.instanceId() + " " + entry.activityId();
      switch (entry.kind()) {
        case RESULT -> {
          String verdict = world.verdicts().get(entry.stepKey());
          if (verdict != null) {
            last.put(place, verdict);
          }
        }
        case GATE -> last.put(place, entry.payload().path("verdict").asText());
        case PHASE_ENDED -> {
          if (entry.payload().path("outcome").asText().equals("passed")) {
            passed.add(entry.instanceId());
          }
        }
        default -> {
          // says nothing of that
        }
      }
    }
    Set<String> no = new TreeSet<>();
    last.forEach(
        (place, verdict) -> {
          if (!verdict.equals("PASS") && passed.contains(place.substring(0, place.indexOf(' ')))) {
            no.add(place.substring(place.indexOf(' ') + 1) + " said " + verdict);
          }
        });
    return no;
  }

  private Set<String> notPassed(String run) {
    Map<String, String> last = new TreeMap<>();
    journal.entries(run, Kind.PHASE_ENDED).stream()
        .filter(entry -> run.equals(entry.payload().path("caller").asText()))
        .forEach(
            entry ->
                last.put(
                    entry.payload().path("calledBy").asText(),
                    entry.payload().path("outcome").asText()));
    last.values().removeIf(outcome -> outcome.equals("passed") || outcome.equals("undone"));
    return last.keySet();
  }

  private final class Drive {

    private final String run;
    private final Map<String, byte[]> models;
    private final Scenario scenario;
    private boolean aborted;
    private int moves;

    Drive(String run, Map<String, byte[]> models, Scenario scenario) {
      this.run = run;
      this.models = models;
      this.scenario = scenario;
    }

    /** Null when it has ended or has an incident; otherwise why it goes on no more. */
    String until(int limit) {
      int most = moves + limit;
      while (!runs.find(run).orElseThrow().state().isFinal()) {
        if (moves++ > most) {
          return "ENDLESS";
        }
        // The worker's steps first: when there are none left, nobody else moves the run.
        if (!steps() && !jobs() && !people() && !timer()) {
          return hasIncident() ? "INCIDENT" : "STUCK";
        }
      }
      return null;
    }

    private boolean hasIncident() {
      return engine.getRuntimeService().createIncidentQuery().count() > 0;
    }

    private boolean jobs() {
      boolean any = false;
      for (Job job :
          engine.getManagementService().createJobQuery().messages().withRetriesLeft().list()) {
        any |= execute(job);
      }
      return any;
    }

    private boolean execute(Job job) {
      try {
        engine.getManagementService().executeJob(job.getId());
      } catch (RuntimeException failure) {
        // Its retries go down, until it is an incident.
        engine.getManagementService().setJobRetries(job.getId(), 0);
      }
      return true;
    }

    /** The worker does them; it is woken by each. */
    private boolean steps() {
      boolean any = false;
      while (engine.getExternalTaskService().createExternalTaskQuery().withRetriesLeft().count()
          > 0) {
        any = true;
        LockSupport.parkNanos(1_000_000);
      }
      return any;
    }

    private boolean people() {
      List<Task> tasks = engine.getTaskService().createTaskQuery().initializeFormKeys().list();
      for (Task task : tasks) {
        String key = task.getTaskDefinitionKey();
        if (abortAt(key)) {
          return true;
        }
        if (!scenario.is(Scenario.Kind.UNANSWERED, key) && answer(task)) {
          return true;
        }
      }
      return false;
    }

    private boolean answer(Task task) {
      JsonNode form = form(task);
      Map<String, Object> values = new HashMap<>();
      boolean decides = false;
      for (JsonNode field : form.path("components")) {
        String key = field.path("key").asText("");
        if (!key.isEmpty() && !field.path("disabled").asBoolean() && shown(field, task)) {
          List<String> options = field.path("values").findValuesAsText("value");
          if (!options.isEmpty()) {
            decides |= DECISIONS.contains(options.get(0));
            boolean no = scenario.is(Scenario.Kind.DECLINED, task.getTaskDefinitionKey());
            values.put(key, options.get(no ? options.size() - 1 : 0));
          } else {
            values.put(key, field.path("type").asText().equals("checkbox") ? true : "as scripted");
          }
        }
      }
      boolean grants = decides && DECISIONS.contains(String.valueOf(values.get("decision")));
      // The starter tries every task first, the approver after that.
      for (String user : List.of(STARTER, "otto", "anna")) {
        try {
          control.complete(task.getId(), values, user);
          if (grants && user.equals("anna")) {
            world.approved();
          }
          return true;
        } catch (RuntimeException refused) {
          // the next one
        }
      }
      return false;
    }

    /** A field whose label is a variable is there when the variable is. */
    private boolean shown(JsonNode field, Task task) {
      String label = field.path("label").asText();
      if (!label.startsWith("=")) {
        return true;
      }
      Object text = engine.getTaskService().getVariable(task.getId(), label.substring(1));
      return text != null && !text.equals("");
    }

    private JsonNode form(Task task) {
      try {
        return json.readTree(models.get("forms/" + task.getCamundaFormRef().getKey() + ".form"));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private boolean timer() {
      List<Job> timers =
          engine
              .getManagementService()
              .createJobQuery()
              .timers()
              .withRetriesLeft()
              .orderByJobDuedate()
              .asc()
              .listPage(0, 1);
      if (timers.isEmpty()) {
        return false;
      }
      return abortAt(timers.get(0)) || execute(timers.get(0));
    }

    private boolean abortAt(Job timer) {
      return abortAt(
          engine
              .getManagementService()
              .createJobDefinitionQuery()
              .jobDefinitionId(timer.getJobDefinitionId())
              .singleResult()
              .getActivityId());
    }

    private boolean abortAt(String activity) {
      return !aborted && scenario.is(Scenario.Kind.ABORTED, activity) && abort("as scripted");
    }

    boolean abort(String reason) {
      aborted = true;
      try {
        control.abort(run, reason, STARTER);
        return true;
      } catch (RunControl.NotPossible tooLate) {
        return false;
      }
    }
  }
}
