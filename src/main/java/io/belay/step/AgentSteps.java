package io.belay.step;

import com.fasterxml.jackson.databind.JsonNode;
import io.belay.journal.Kind;
import io.belay.journal.RunRecords;
import io.belay.journal.RunningSteps;
import io.belay.journal.RunningSteps.RunningStep;
import io.belay.step.AgentSettings.Agent;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.camunda.bpm.engine.ExternalTaskService;
import org.camunda.bpm.engine.RuntimeService;
import org.camunda.bpm.engine.externaltask.ExternalTask;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.context.annotation.Profile;
import org.springframework.stereotype.Component;

/**
 * What agents may read and write of the steps that they work on. The step and its run are read from
 * the engine, never taken from the agent.
 */
@Component
@Profile("!agent")
public class AgentSteps implements InitializingBean {

  /** The step is not that agent's, or no longer. */
  public static final class NotYours extends RuntimeException {
    NotYours(String key, String worker) {
      super("step %s is not locked for %s".formatted(key, worker));
    }
  }

  private static final Set<Kind> NOTES =
      Set.of(Kind.LOG, Kind.CHECKPOINT, Kind.ARTIFACT, Kind.TAKEN_BACK);
  private static final Set<Kind> ENDS =
      Set.of(Kind.RESULT, Kind.BUSINESS_STOP, Kind.FAILURE, Kind.STOPPED);

  private final AgentSettings settings;
  private final ExternalTaskService tasks;
  private final RuntimeService runtime;
  private final DatabaseStepJournals journals;
  private final RunningSteps running;
  private final RunRecords runs;
  private final StepCatalog steps;
  private final RecordedEnds ends;

  AgentSteps(
      AgentSettings settings,
      ExternalTaskService tasks,
      RuntimeService runtime,
      DatabaseStepJournals journals,
      RunningSteps running,
      RunRecords runs,
      StepCatalog steps,
      RecordedEnds ends) {
    this.settings = settings;
    this.tasks = tasks;
    this.runtime = runtime;
    this.journals = journals;
    this.running = running;
    this.runs = runs;
    this.steps = steps;
    this.ends = ends;
  }

  @Override
  public void afterPropertiesSet() {
    Set<String> known = steps.allNames();
    settings
        .agents()
        .forEach(
            (name, agent) ->
                agent.topics().stream()
                    .filter(topic -> !known.contains(topic) || steps.isBelaysOwn(topic))
                    .findFirst()
                    .ifPresent(
                        topic -> {
                          throw new IllegalStateException(
                              "belay.agents.%s.topics: '%s' is no step that an agent can do; there are %s"
                                  .formatted(
                                      name,
                                      topic,
                                      known.stream()
                                          .filter(step -> !steps.isBelaysOwn(step))
                                          .toList()));
                        }));
  }

  /** A step that the worker has locked. */
  public record Opened(StepTask task, String step, StepJournal journal) {}

  /**
   * @throws NotYours when the agent has no lock on it, or may not serve it
   */
  public Opened open(String agent, String worker, String key) {
    Agent limits = limits(agent, worker, key);
    ExternalTask task = tasks.createExternalTaskQuery().externalTaskId(key).singleResult();
    if (task == null
        || !worker.equals(task.getWorkerId())
        || task.getLockExpirationTime() == null
        || !task.getLockExpirationTime().after(new Date())) {
      throw new NotYours(key, worker);
    }
    String runId =
        Optional.ofNullable(
                runtime
                    .createProcessInstanceQuery()
                    .processInstanceId(task.getProcessInstanceId())
                    .singleResult())
            .orElseThrow(() -> new NotYours(key, worker))
            .getRootProcessInstanceId();
    if (runs.find(runId)
        .filter(run -> limits.serves(task.getTopicName(), run.environment()))
        .isEmpty()) {
      throw new NotYours(key, worker);
    }
    return opened(
        worker, task.getTopicName(), key, runId, task.getProcessInstanceId(), task.getActivityId());
  }

  /**
   * A step that the worker began and that nobody else has begun since. An abort deletes the task
   * while the worker is on it; the worker must still report that it stopped.
   *
   * @throws NotYours when the worker did not begin it, or somebody else has begun it since
   */
  public Opened begun(String agent, String worker, String key) {
    limits(agent, worker, key);
    RunningStep step =
        running
            .find(key)
            .filter(found -> worker.equals(found.node()))
            .orElseThrow(() -> new NotYours(key, worker));
    return opened(worker, step.step(), key, step.runId(), step.instanceId(), step.activityId());
  }

  private Agent limits(String agent, String worker, String key) {
    return settings
        .find(agent)
        .filter(found -> AgentSettings.isWorkerOf(agent, worker))
        .orElseThrow(() -> new NotYours(key, worker));
  }

  private Opened opened(
      String worker, String step, String key, String runId, String instance, String activity) {
    String name = runs.find(runId).map(RunRecords.RunRecord::name).orElse(runId);
    StepTask task = new StepTask(key, runId, name, instance, activity, java.util.Map.of());
    return new Opened(task, step, journals.of(task, step, worker));
  }

  /**
   * Records how an attempt has ended.
   *
   * @throws IllegalArgumentException when {@code kind} is no end, or {@code payload} not a result
   *     of that step
   */
  public void end(Opened step, Kind kind, String text, JsonNode payload) {
    if (!ENDS.contains(kind)) {
      throw new IllegalArgumentException("kind: %s is not one of %s".formatted(kind, ENDS));
    }
    if (kind == Kind.RESULT) {
      ends.requireResult(step.step(), payload);
    }
    step.journal().end(kind, text, payload);
  }

  /**
   * @throws IllegalArgumentException when an agent may not write that kind
   */
  public void note(Opened step, Kind kind, String text, JsonNode payload) {
    if (!NOTES.contains(kind)) {
      throw new IllegalArgumentException("kind: %s is not one of %s".formatted(kind, NOTES));
    }
    if (kind == Kind.TAKEN_BACK && !steps.isUndo(step.step())) {
      throw new IllegalArgumentException(
          "kind: %s undoes nothing, so it takes nothing back".formatted(step.step()));
    }
    if (kind == Kind.TAKEN_BACK
        && (payload == null || !payload.path(StandingChanges.EXECUTIONS).isArray())) {
      throw new IllegalArgumentException(
          "payload: {%s} is needed, an array of step keys".formatted(StandingChanges.EXECUTIONS));
    }
    step.journal().note(kind, text, payload);
  }

  /** Records that the worker is alive and works on those steps. */
  public void beat(String agent, String worker, Collection<String> keys) {
    limits(agent, worker, "");
    running.beat(worker, List.copyOf(keys));
  }
}
