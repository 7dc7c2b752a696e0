package io.belay.engine;

import io.belay.engine.law.InputsOfCall;
import io.belay.engine.law.NamedResults;
import io.belay.engine.law.PhaseLifecycle;
import io.belay.model.ModelFiles;
import io.belay.model.PhaseInputs;
import io.belay.step.StepDelegate;
import io.belay.step.StepTypes;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.camunda.bpm.engine.ProcessEngine;
import org.camunda.bpm.engine.delegate.BpmnError;
import org.camunda.bpm.engine.delegate.DelegateExecution;
import org.camunda.bpm.engine.delegate.ExecutionListener;
import org.camunda.bpm.engine.delegate.JavaDelegate;
import org.camunda.bpm.engine.externaltask.LockedExternalTask;
import org.camunda.bpm.engine.impl.bpmn.parser.AbstractBpmnParseListener;
import org.camunda.bpm.engine.impl.cfg.StandaloneInMemProcessEngineConfiguration;
import org.camunda.bpm.engine.impl.context.Context;
import org.camunda.bpm.engine.impl.persistence.entity.ProcessDefinitionEntity;
import org.camunda.bpm.engine.impl.pvm.process.ActivityImpl;
import org.camunda.bpm.engine.impl.pvm.process.ScopeImpl;
import org.camunda.bpm.engine.impl.util.xml.Element;
import org.camunda.bpm.engine.repository.DeploymentBuilder;
import org.camunda.bpm.engine.runtime.Job;
import org.springframework.util.StringUtils;

/**
 * The real models in a real engine, with steps that only answer: what flows where, and which values
 * reach a step, without the systems behind it. One thread; jobs run when {@link #settle} says so.
 */
class ModelWorld implements AutoCloseable {

  /** A step as it was called. */
  record Call(String step, String process, String activity, Map<String, Object> inputs) {

    boolean takesBack() {
      return process.startsWith("undo-") || activity.startsWith("Undo_");
    }
  }

  private static final Map<String, List<String>> NAMING_INPUTS =
      StepTypes.idle().stream()
          .collect(
              Collectors.toMap(
                  step -> StringUtils.uncapitalize(step.getClass().getSimpleName()),
                  StepDelegate::namingInputs));

  private static int count;

  final List<Call> calls = new ArrayList<>();
  final Map<String, Function<Call, Map<String, Object>>> answers = new HashMap<>();
  final Set<String> held = new HashSet<>();

  /** Whether a worker's step is begun there and goes no further. */
  Predicate<Call> stopsAt = call -> false;

  final ProcessEngine engine;

  /**
   * @param more models to be deployed together with the delivered ones
   */
  ModelWorld(Path... more) {
    Map<Object, Object> steps = new HashMap<>();
    ModelFiles.stepsInJobs().forEach(step -> steps.put(step, delegate(step)));
    var configuration = new StandaloneInMemProcessEngineConfiguration();
    configuration.setJdbcUrl("jdbc:h2:mem:models" + ++count);
    configuration.setProcessEngineName("models" + count);
    configuration.setJobExecutorActivate(false);
    configuration.setMetricsEnabled(false);
    configuration.setDbMetricsReporterActivate(false);
    configuration.setSkipOutputMappingOnCanceledActivities(true);
    configuration.setEnableExceptionsAfterUnhandledBpmnError(true);
    configuration.setExpressionManager(new ModelExpressions(steps));
    configuration.setVariableTypes(new ScalarVariables());
    configuration.setCustomPostBPMNParseListeners(new ArrayList<>(List.of(new Outcomes())));
    engine = configuration.buildProcessEngine();
    DeploymentBuilder deployment = engine.getRepositoryService().createDeployment();
    for (var file : Stream.concat(ModelFiles.all().stream(), Stream.of(more)).toList()) {
      deployment.addInputStream(file.getFileName().toString(), ModelFiles.open(file));
    }
    deployment.deploy();
  }

  private JavaDelegate delegate(String step) {
    return execution -> {
      Call call =
          new Call(
              step,
              execution.getProcessDefinitionId().split(":")[0],
              execution.getCurrentActivityId(),
              new HashMap<>(execution.getVariablesLocal()));
      try {
        execution.setVariablesLocal(answer(call));
      } catch (BpmnError stop) {
        execution.setVariable("reason", stop.getMessage());
        throw stop;
      }
    };
  }

  private Map<String, Object> answer(Call call) {
    calls.add(call);
    return answers.getOrDefault(call.step(), any -> Map.of()).apply(call);
  }

  /** Runs jobs (but no timers) and external tasks until nothing moves any more. */
  void settle() {
    while (step()) {
      // moves on
    }
  }

  boolean step() {
    List<Job> jobs =
        engine.getManagementService().createJobQuery().messages().withRetriesLeft().list();
    for (Job job : jobs) {
      engine.getManagementService().executeJob(job.getId());
    }
    List<LockedExternalTask> tasks = fetch();
    for (LockedExternalTask task : tasks) {
      Call call =
          new Call(
              task.getTopicName(),
              task.getProcessDefinitionKey(),
              task.getActivityId(),
              new HashMap<>(task.getVariables()));
      if (stopsAt.test(call)) {
        continue;
      }
      try {
        Map<String, Object> result = answer(call);
        engine.getExternalTaskService().complete(task.getId(), "test", null, result);
      } catch (BpmnError stop) {
        engine
            .getExternalTaskService()
            .handleBpmnError(
                task.getId(),
                "test",
                stop.getErrorCode(),
                null,
                Map.of("reason", stop.getMessage()));
      }
    }
    return !jobs.isEmpty() || !tasks.isEmpty();
  }

  private List<LockedExternalTask> fetch() {
    List<String> topics = engine.getExternalTaskService().getTopicNames();
    if (topics.isEmpty()) {
      return List.of();
    }
    var fetch = engine.getExternalTaskService().fetchAndLock(1, "test");
    for (String topic : topics) {
      if (!held.contains(topic)) {
        fetch = fetch.topic(topic, 60_000).localVariables();
      }
    }
    return fetch.execute();
  }

  /** Ends what still runs, and forgets what was called. */
  void forget() {
    engine
        .getRuntimeService()
        .createProcessInstanceQuery()
        .rootProcessInstances()
        .list()
        .forEach(
            run ->
                engine
                    .getRuntimeService()
                    .deleteProcessInstance(run.getId(), "test over", true, true, true));
    calls.clear();
    answers.clear();
    held.clear();
  }

  @Override
  public void close() {
    engine.close();
  }

  /**
   * What the application's own listener does: the end event that a phase reaches is its outcome, a
   * call applies the phase's inputs, and a step's named results are variables of the phase.
   */
  private static final class Outcomes extends AbstractBpmnParseListener {
    @Override
    public void parseEndEvent(Element element, ScopeImpl scope, ActivityImpl activity) {
      String outcome = PhaseLifecycle.outcome(activity.getId());
      if (outcome != null) {
        activity.addListener(
            ExecutionListener.EVENTNAME_START,
            (ExecutionListener) execution -> set(execution, outcome, element.attribute("name")));
      }
    }

    private void set(DelegateExecution execution, String outcome, String label) {
      DelegateExecution phase = execution.getProcessInstance();
      phase.setVariable("outcome", outcome);
      if (outcome.equals("timedOut") || phase.getVariable("reason") == null) {
        phase.setVariable("reason", label);
      }
    }

    @Override
    public void parseServiceTask(Element element, ScopeImpl scope, ActivityImpl activity) {
      NamedResults.add(element, activity, step -> NAMING_INPUTS.getOrDefault(step, List.of()));
    }

    @Override
    public void parseCallActivity(Element element, ScopeImpl scope, ActivityImpl activity) {
      InputsOfCall.add(
          activity,
          phase ->
              PhaseInputs.of(
                  Context.getProcessEngineConfiguration()
                      .getRepositoryService()
                      .getBpmnModelInstance(phase)));
    }

    @Override
    public void parseProcess(Element element, ProcessDefinitionEntity definition) {
      definition.addListener(
          ExecutionListener.EVENTNAME_START,
          (ExecutionListener) execution -> execution.setVariable("reason", null));
    }
  }
}
