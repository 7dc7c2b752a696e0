package io.belay.run;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.belay.engine.control.RunActivities;
import io.belay.engine.control.RunActivities.ActivityState;
import io.belay.engine.control.RunActivities.OpenIncident;
import io.belay.engine.control.RunActivities.OpenTask;
import io.belay.journal.Journal;
import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import io.belay.journal.RunRecords;
import io.belay.journal.RunRecords.RunRecord;
import io.belay.journal.RunningSteps;
import io.belay.model.RunbookOutline;
import io.belay.model.RunbookOutline.PhaseOutline;
import io.belay.model.Runbooks;
import io.belay.run.RunView.GateView;
import io.belay.run.RunView.PhaseView;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/** Shows runs, present and past. */
@Component
public class Runs {

  private static final TypeReference<Map<String, Object>> MAP = new TypeReference<>() {};
  private static final TypeReference<List<String>> LIST = new TypeReference<>() {};

  private final RunRecords records;
  private final RunActivities activities;
  private final RunningSteps running;
  private final Journal journal;
  private final Runbooks runbooks;
  private final ObjectMapper json;

  Runs(
      RunRecords records,
      RunActivities activities,
      RunningSteps running,
      Journal journal,
      Runbooks runbooks,
      ObjectMapper json) {
    this.records = records;
    this.activities = activities;
    this.running = running;
    this.journal = journal;
    this.runbooks = runbooks;
    this.json = json;
  }

  /** Newest first; without phases, steps and gates. */
  public List<RunView> list(int limit, int offset) {
    return summarize(records.list(limit, offset), List.of());
  }

  /** Without phases, steps and gates; cheap. */
  public Optional<RunView> summary(String id) {
    Optional<RunRecord> record = records.find(id);
    return summarize(record.stream().toList(), record.map(this::standing).orElse(List.of()))
        .stream()
        .findFirst();
  }

  /** Takes as many statements for all runs as for one. */
  private List<RunView> summarize(List<RunRecord> listed, List<String> standing) {
    List<String> going =
        listed.stream().filter(record -> !record.state().isFinal()).map(RunRecord::id).toList();
    Map<String, List<OpenTask>> tasks = activities.tasks(going);
    Map<String, List<OpenIncident>> incidents = activities.incidents(going);
    return listed.stream()
        .map(
            record ->
                view(
                    record,
                    standing,
                    Map.of(),
                    List.of(),
                    List.of(),
                    tasks.getOrDefault(record.id(), List.of()),
                    incidents.getOrDefault(record.id(), List.of()),
                    List.of()))
        .toList();
  }

  /** An open task and its run. */
  public record TaskOfRun(RunRecord run, OpenTask task) {}

  /** Open tasks of all runs, newest first. */
  public List<TaskOfRun> tasks(int limit, int offset) {
    Map<OpenTask, String> open = activities.newestTasks(limit, offset);
    Map<String, RunRecord> byId =
        records.find(Set.copyOf(open.values())).stream()
            .collect(Collectors.toMap(RunRecord::id, record -> record));
    return open.entrySet().stream()
        .filter(entry -> byId.containsKey(entry.getValue()))
        .map(entry -> new TaskOfRun(byId.get(entry.getValue()), entry.getKey()))
        .toList();
  }

  /** Open tasks of one run, oldest first; empty when there is no such run. */
  public Optional<List<TaskOfRun>> tasks(String id) {
    return records
        .find(id)
        .map(
            record ->
                activities.tasks(id).stream().map(task -> new TaskOfRun(record, task)).toList());
  }

  public Optional<RunView> find(String id) {
    return records.find(id).map(this::describe);
  }

  /** The status alone; cheap. */
  public Optional<RunStatus> status(String id) {
    return records
        .find(id)
        .map(record -> status(record, activities.tasks(id), activities.incidents(id)));
  }

  private RunView describe(RunRecord record) {
    Map<String, Object> parameters =
        journal
            .last(record.id(), Kind.RUN_STARTED)
            .map(entry -> json.convertValue(entry.payload(), MAP))
            .orElse(Map.of());
    List<GateView> gates =
        journal.entries(record.id(), Kind.GATE).stream().map(this::gate).toList();
    return view(
        record,
        standing(record),
        parameters,
        phases(record),
        running.ofRun(record.id()),
        activities.tasks(record.id()),
        activities.incidents(record.id()),
        gates);
  }

  private List<String> standing(RunRecord record) {
    return record.state() != RunRecords.State.ROLLBACK_INCOMPLETE
        ? List.of()
        : journal.last(record.id(), Kind.RUN_ENDED).map(JournalEntry::payload).stream()
            .map(ended -> json.convertValue(ended.path("standing"), LIST))
            .flatMap(List::stream)
            .toList();
  }

  private static RunView view(
      RunRecord record,
      List<String> standing,
      Map<String, Object> parameters,
      List<PhaseView> phases,
      List<RunningSteps.RunningStep> working,
      List<OpenTask> tasks,
      List<OpenIncident> incidents,
      List<GateView> gates) {
    return new RunView(
        record.id(),
        record.name(),
        record.runbook(),
        record.definitionId(),
        record.environment(),
        record.startedBy(),
        record.startedAt(),
        record.endedAt(),
        status(record, tasks, incidents),
        record.reason(),
        standing,
        parameters,
        phases,
        working,
        tasks,
        incidents,
        gates);
  }

  private static RunStatus status(
      RunRecord record, List<OpenTask> tasks, List<OpenIncident> incidents) {
    return switch (record.state()) {
      case RUNNING ->
          !incidents.isEmpty()
              ? RunStatus.INCIDENT
              : tasks.isEmpty() ? RunStatus.RUNNING : RunStatus.WAITING_FOR_PERSON;
      case ROLLING_BACK ->
          incidents.isEmpty() && tasks.isEmpty()
              ? RunStatus.ROLLING_BACK
              : RunStatus.ROLLBACK_INCOMPLETE;
      case ROLLBACK_INCOMPLETE -> RunStatus.ROLLBACK_INCOMPLETE;
      case COMPLETED -> RunStatus.COMPLETED;
      case ROLLED_BACK -> RunStatus.ROLLED_BACK;
      case TAKEN_OVER -> RunStatus.TAKEN_OVER;
      case CANCELLED -> RunStatus.CANCELLED;
    };
  }

  private List<PhaseView> phases(RunRecord record) {
    Map<String, PhaseOutline> forward =
        runbooks
            .outline(record.definitionId(), Map.of())
            .map(RunbookOutline::forward)
            .orElse(List.of())
            .stream()
            .collect(Collectors.toMap(PhaseOutline::activityId, phase -> phase));
    List<ActivityState> all = activities.activities(record.id());
    Map<String, String> outcomes =
        journal.entries(record.id(), Kind.PHASE_ENDED).stream()
            .collect(
                Collectors.toMap(
                    JournalEntry::instanceId,
                    entry -> entry.text().split(":", 2)[0],
                    (first, second) -> second));
    Map<String, String> definitions =
        all.stream()
            .collect(
                Collectors.toMap(
                    ActivityState::instanceId, ActivityState::definitionId, (a, b) -> a));
    return all.stream()
        .filter(activity -> activity.instanceId().equals(record.id()))
        .filter(activity -> isPhase(activity, forward))
        .map(
            activity ->
                new PhaseView(
                    activity.activityId(),
                    activity.calledInstanceId(),
                    definitions.get(activity.calledInstanceId()),
                    activity.name(),
                    !forward.containsKey(activity.activityId()),
                    activity.start(),
                    activity.end(),
                    outcome(activity, outcomes),
                    Optional.ofNullable(forward.get(activity.activityId()))
                        .map(phase -> Estimates.parse(phase.estimate()))
                        .orElse(List.of())))
        .toList();
  }

  private static boolean isPhase(ActivityState activity, Map<String, PhaseOutline> forward) {
    return forward.containsKey(activity.activityId())
        || Stream.of("callActivity", "serviceTask").anyMatch(activity.type()::equals);
  }

  private static String outcome(ActivityState activity, Map<String, String> outcomes) {
    if (activity.end() == null) {
      return null;
    }
    if (activity.calledInstanceId() == null) {
      return activity.cancelled() ? "cancelled" : "done";
    }
    return outcomes.get(activity.calledInstanceId());
  }

  private GateView gate(JournalEntry entry) {
    return new GateView(
        entry.at(),
        entry.activityId(),
        entry.payload().path("decision").asText(),
        entry.payload().path("verdict").asText("NO_DATA"),
        entry.payload().path("reason").asText(""),
        json.convertValue(entry.payload().path("inputs"), MAP));
  }
}
