package io.belay.engine.law;

import com.fasterxml.jackson.databind.JsonNode;
import io.belay.journal.Journal;
import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import io.belay.journal.RunRecords;
import io.belay.step.StepCatalog;
import io.belay.step.Verdict;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.camunda.bpm.engine.delegate.DelegateExecution;
import org.camunda.bpm.engine.impl.persistence.entity.ExecutionEntity;
import org.camunda.bpm.engine.impl.pvm.process.ActivityImpl;
import org.springframework.stereotype.Component;

/**
 * What the checks and gates of a phase said last, of each target that they judged: in a loop over
 * targets, one that passes makes up for no other. A model may ask an older verdict, or none; the
 * journal knows them all.
 */
@Component
class PhaseVerdicts {

  private static final String PASS = "PASS";

  /** Until a result comes, if it comes. */
  private static final String NOTHING = "nothing";

  private static final List<Kind> TELLING =
      List.of(Kind.INTENT, Kind.RESULT, Kind.GATE, Kind.PHASE_ENDED);

  /** Fields of what a phase's end leaves in the journal. */
  static final String OUTCOME = "outcome";

  /** The outcome of a phase that was ended from outside. */
  static final String CANCELLED = "cancelled";

  static final String CALLER = "caller";
  static final String CALLED_BY = "calledBy";
  static final String TARGETS = "targets";

  private final Journal journal;
  private final RunRecords runs;
  private final StepCatalog steps;
  private final StepPlaces places;

  PhaseVerdicts(Journal journal, RunRecords runs, StepCatalog steps, StepPlaces places) {
    this.journal = journal;
    this.runs = runs;
    this.steps = steps;
    this.places = places;
  }

  /**
   * @param activity id of the check, the gate or the called phase
   * @param targets that it judged, by name; empty when that is not known
   * @param verdict what it said last; never PASS
   */
  record NotPassed(String activity, Set<String> targets, String verdict, String reason) {

    /** Whether it said something; not so while it is at work, or when it was interrupted. */
    boolean isSaid() {
      return !NOTHING.equals(verdict);
    }
  }

  /** A check, gate or called phase of that instance that did not pass last; empty if all did. */
  Optional<NotPassed> notPassed(String runId, String instanceId) {
    return notPassed(runId, instanceId, TELLING.stream()).stream().findFirst();
  }

  /**
   * The checks, gates and phases of the runbook itself that did not pass last. The task to which
   * the runbook leads on the no of one of them answers for that one when a person completes it:
   * behind the last change there is no way back, and a person finishes what a phase left. No other
   * task answers for anything. An administrator who moves the run by hand answers for all before
   * it, and for the phases that this ends.
   */
  List<NotPassed> notPassed(String runId) {
    return notPassed(
        runId,
        runId,
        Stream.concat(TELLING.stream(), Stream.of(Kind.TASK_COMPLETED, Kind.INTERVENTION)));
  }

  /**
   * The phases that an instance of a phase called and that did not pass last. An administrator who
   * moves the run by hand answers for those before it.
   */
  List<NotPassed> callsNotPassed(String runId, String instanceId) {
    return notPassed(runId, instanceId, Stream.of(Kind.PHASE_ENDED, Kind.INTERVENTION));
  }

  private List<NotPassed> notPassed(String runId, String instanceId, Stream<Kind> telling) {
    Said said = new Said(runId, instanceId);
    telling
        .flatMap(kind -> journal.entries(runId, kind).stream())
        .sorted(Comparator.comparingLong(JournalEntry::id))
        .forEach(said::add);
    return said.last.values().stream().filter(one -> !PASS.equals(one.verdict())).toList();
  }

  /** The activity's name in the model of that execution; its id where the model has none. */
  static String name(DelegateExecution execution, NotPassed one) {
    ActivityImpl activity =
        ((ExecutionEntity) execution).getProcessDefinition().findActivity(one.activity());
    return activity == null || activity.getName() == null ? one.activity() : activity.getName();
  }

  /** What was said in one instance of a phase, entry by entry, oldest first. */
  private final class Said {

    private final Map<List<Object>, NotPassed> last = new LinkedHashMap<>();

    /** Of each activity the key of what it said last. */
    private final Map<String, List<Object>> latest = new HashMap<>();

    private final Map<String, Set<String>> targets = new HashMap<>();
    private final String runId;
    private final String instanceId;

    /** Of the step that began last and names some: a gate judges the figures of that step. */
    private Set<String> measured = Set.of();

    /** Whether somebody intervened in the engine. */
    private boolean moved;

    Said(String runId, String instanceId) {
      this.runId = runId;
      this.instanceId = instanceId;
    }

    void add(JournalEntry entry) {
      if (entry.kind() == Kind.INTERVENTION) {
        last.clear();
        moved = true;
      } else if (entry.kind() == Kind.PHASE_ENDED) {
        addCalled(entry);
      } else if (instanceId.equals(entry.instanceId())) {
        addOwn(entry);
      }
    }

    private void addOwn(JournalEntry entry) {
      if (entry.kind() == Kind.TASK_COMPLETED) {
        places
            .answeredBy(runs.find(runId).orElseThrow(), entry.activityId())
            .forEach(activity -> last.remove(latest.getOrDefault(activity, List.of())));
        return;
      }
      if (entry.kind() == Kind.GATE) {
        put(entry, measured, entry.payload().path("verdict").asText("NO_DATA"));
        return;
      }
      if (entry.kind() == Kind.INTENT) {
        Set<String> named = steps.named(entry.step(), entry.payload());
        targets.put(entry.stepKey(), named);
        measured = named.isEmpty() ? measured : named;
      }
      verdictOf(entry.step())
          .ifPresent(
              name ->
                  put(
                      entry,
                      targets.getOrDefault(entry.stepKey(), Set.of()),
                      entry.kind() == Kind.INTENT
                          ? NOTHING
                          : entry.payload().path(name).asText("NO_DATA")));
    }

    private void put(JournalEntry entry, Set<String> of, String verdict) {
      String reason = entry.payload() == null ? "" : entry.payload().path("reason").asText("");
      put(new NotPassed(entry.activityId(), of, verdict, reason));
    }

    private void put(NotPassed said) {
      List<Object> key = List.of(said.activity(), said.targets());
      latest.put(said.activity(), key);
      last.put(key, said);
    }

    private void addCalled(JournalEntry entry) {
      JsonNode payload = entry.payload();
      if (payload != null && instanceId.equals(payload.path(CALLER).asText())) {
        Set<String> of = new TreeSet<>();
        payload.path(TARGETS).forEach(name -> of.add(name.asText()));
        String outcome = payload.path(OUTCOME).asText();
        if (moved && outcome.equals(CANCELLED)) {
          return;
        }
        put(
            new NotPassed(
                payload.path(CALLED_BY).asText(),
                of,
                List.of("passed", "undone").contains(outcome) ? PASS : outcome,
                entry.text()));
      }
    }
  }

  private Optional<String> verdictOf(String step) {
    return steps.find(step).flatMap(delegate -> Verdict.componentOf(delegate.resultType()));
  }
}
