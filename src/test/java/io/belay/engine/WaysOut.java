package io.belay.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.belay.engine.ModelWorld.Call;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.camunda.bpm.engine.history.HistoricActivityInstance;
import org.camunda.bpm.engine.runtime.EventSubscription;
import org.camunda.bpm.engine.runtime.Job;
import org.camunda.bpm.engine.task.Task;
import org.camunda.bpm.model.bpmn.instance.IntermediateCatchEvent;
import org.junit.jupiter.api.DynamicTest;

/**
 * Aborts a runbook at every place at which a run waits inside a phase: where a worker does a step,
 * where a person is asked, where time has to pass. Lets the deadline of each phase pass at the last
 * of its places. The places are those that a run reaches on its way to its good end.
 */
final class WaysOut {

  private static final String ABORT = "Abort";
  private static final String DEADLINE = "Start_OnDeadline";

  /** What people say where more than one answer leads on. */
  private static final Map<String, Object> YES = Map.of("decision", "go");

  private record Place(String phase, String activity) {}

  private final ModelRun run;
  private final Map<String, Object> parameters;
  private final Map<String, Map<String, Object>> answers;

  /**
   * @param answers of people at a task, by its id, other than that it may go on
   */
  WaysOut(ModelRun run, Map<String, Object> parameters, Map<String, Map<String, Object>> answers) {
    this.run = run;
    this.parameters = parameters;
    this.answers = answers;
  }

  Stream<DynamicTest> all() {
    return in(phase -> true);
  }

  Stream<DynamicTest> in(Predicate<String> phases) {
    Set<Place> places = new LinkedHashSet<>();
    goUntil(
        place -> {
          places.add(place);
          return false;
        });
    assertThat(run.end()).isEqualTo("End_Completed");
    places.removeIf(place -> !phases.test(place.phase()));
    Map<String, Place> last = new LinkedHashMap<>();
    places.forEach(place -> last.put(place.phase(), place));
    return Stream.concat(
        places.stream().map(place -> dynamicTest("aborted at " + place, () -> abort(place))),
        last.values().stream()
            .map(place -> dynamicTest("too late at " + place, () -> letTheDeadlinePass(place))));
  }

  private void abort(Place place) {
    goUntil(place::equals);
    String called = callOfThePhase();
    String phase = abortable().getProcessInstanceId();
    run.send(ABORT, phase, "changed my mind");

    isRolledBack(called);
    assertThat(outcome(phase)).isEqualTo("aborted");
    assertThat(run.variable("reason")).isEqualTo("changed my mind");
  }

  private void letTheDeadlinePass(Place place) {
    goUntil(place::equals);
    String called = callOfThePhase();
    String phase = abortable().getProcessInstanceId();
    run.fireTimer(DEADLINE);

    isRolledBack(called);
    assertThat(outcome(phase)).isEqualTo("timedOut");
    assertThat(run.variable("reason")).asString().contains("timed out");
  }

  /**
   * That phase was the last, and each phase that has an undo was taken back, the last one first.
   */
  private void isRolledBack(String lastPhase) {
    assertThat(run.end()).isEqualTo("End_RolledBack");
    assertThat(run.call("awaitStepsStopped")).isNotEmpty();
    List<String> phases = new ArrayList<>();
    List<String> undos = new ArrayList<>();
    for (HistoricActivityInstance activity : run.activities()) {
      String id = activity.getActivityId();
      if (id.startsWith("Phase_")) {
        phases.add(id.substring("Phase_".length()));
      } else if (id.startsWith("Undo_")) {
        undos.add(id.substring("Undo_".length()));
      }
    }
    assertThat(phases).last().isEqualTo(lastPhase.substring("Phase_".length()));
    phases.removeIf(phase -> run.model().getModelElementById("Undo_" + phase) == null);
    Collections.reverse(phases);
    assertThat(undos).isEqualTo(phases);
  }

  private static Object outcome(String phase) {
    return ModelRun.world
        .engine
        .getHistoryService()
        .createHistoricVariableInstanceQuery()
        .processInstanceId(phase)
        .variableName("outcome")
        .singleResult()
        .getValue();
  }

  private String callOfThePhase() {
    List<HistoricActivityInstance> activities = run.activities();
    return activities.stream()
        .filter(activity -> activity.getEndTime() == null)
        .map(HistoricActivityInstance::getActivityId)
        .filter(id -> id.startsWith("Phase_"))
        .findFirst()
        .orElseThrow();
  }

  private void goUntil(Predicate<Place> there) {
    run.renew();
    boolean[] reached = {false};
    Predicate<String> stops =
        activity -> {
          EventSubscription phase = abortable();
          return phase != null
              && (reached[0] |= there.test(new Place(definition(phase), activity)));
        };
    ModelRun.world.stopsAt = (Call call) -> stops.test(call.activity());
    run.start(parameters);
    while (!reached[0] && run.end() == null) {
      Task task = task();
      if (task != null) {
        String key = task.getTaskDefinitionKey();
        if (!stops.test(key)) {
          run.complete(key, answers.getOrDefault(key, YES));
        }
      } else {
        Job pause = pause();
        if (!stops.test(activity(pause))) {
          run.fireTimer(activity(pause));
        }
      }
    }
    ModelRun.world.stopsAt = call -> false;
  }

  /** The phase at work listens; a runbook does one phase after the other. */
  private static EventSubscription abortable() {
    return ModelRun.world
        .engine
        .getRuntimeService()
        .createEventSubscriptionQuery()
        .eventName(ABORT)
        .singleResult();
  }

  private static String definition(EventSubscription phase) {
    return ModelRun.world
        .engine
        .getRuntimeService()
        .createProcessInstanceQuery()
        .processInstanceId(phase.getProcessInstanceId())
        .singleResult()
        .getProcessDefinitionId()
        .split(":")[0];
  }

  private static Task task() {
    List<Task> tasks = ModelRun.world.engine.getTaskService().createTaskQuery().listPage(0, 1);
    return tasks.isEmpty() ? null : tasks.get(0);
  }

  private static Job pause() {
    return ModelRun.world.engine.getManagementService().createJobQuery().timers().list().stream()
        .filter(
            timer ->
                ModelRun.world
                        .engine
                        .getRepositoryService()
                        .getBpmnModelInstance(timer.getProcessDefinitionId())
                        .getModelElementById(activity(timer))
                    instanceof IntermediateCatchEvent)
        .findFirst()
        .orElseThrow(() -> new AssertionError("the run stands still"));
  }

  private static String activity(Job timer) {
    return ModelRun.world
        .engine
        .getManagementService()
        .createJobDefinitionQuery()
        .jobDefinitionId(timer.getJobDefinitionId())
        .singleResult()
        .getActivityId();
  }
}
