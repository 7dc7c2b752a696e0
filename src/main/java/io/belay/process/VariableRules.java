package io.belay.process;

import io.belay.step.StepCatalog;
import java.util.Set;
import java.util.stream.Collectors;
import org.camunda.bpm.engine.delegate.VariableScope;
import org.camunda.bpm.engine.impl.bpmn.behavior.CallActivityBehavior;
import org.camunda.bpm.engine.impl.bpmn.behavior.ExternalTaskActivityBehavior;
import org.camunda.bpm.engine.impl.bpmn.behavior.UserTaskActivityBehavior;
import org.camunda.bpm.engine.impl.cmd.HandleExternalTaskCmd;
import org.camunda.bpm.engine.impl.context.Context;
import org.camunda.bpm.engine.impl.history.event.HistoryEvent;
import org.camunda.bpm.engine.impl.history.producer.CacheAwareHistoryEventProducer;
import org.camunda.bpm.engine.impl.persistence.entity.ExecutionEntity;
import org.camunda.bpm.engine.impl.persistence.entity.ExternalTaskEntity;
import org.camunda.bpm.engine.impl.persistence.entity.JobEntity;
import org.camunda.bpm.engine.impl.persistence.entity.TaskEntity;
import org.camunda.bpm.engine.impl.persistence.entity.VariableInstanceEntity;
import org.springframework.stereotype.Component;

/**
 * Who may write which variable of a run, whatever the interface. The engine calls this at each
 * write of a variable, before the write counts: it asks for the history event of the write, and an
 * exception in place of the event refuses the whole request.
 *
 * <ul>
 *   <li>A parameter is written once, at the start. Nobody writes or removes it afterwards: neither
 *       a request nor the runbook's model. A phase owns its copy: its model may write it, and a
 *       request may not.
 *   <li>A request, as opposed to a model at work, writes only what the place declares where the run
 *       waits: the fields of a task's form, the results of a step, local to it, and the reason why
 *       the run stops.
 * </ul>
 */
@Component
class VariableRules extends CacheAwareHistoryEventProducer {

  /** Why a step stopped the run, or a person aborted it. */
  static final String REASON = "reason";

  private static final int LONGEST_NAME = 60;

  private final RunbookParameters parameters;
  private final Forms forms;
  private final StepCatalog steps;

  VariableRules(RunbookParameters parameters, Forms forms, StepCatalog steps) {
    this.parameters = parameters;
    this.forms = forms;
    this.steps = steps;
  }

  @Override
  public HistoryEvent createHistoricVariableCreateEvt(
      VariableInstanceEntity variable, VariableScope writer) {
    requireAllowed(variable, writer);
    return super.createHistoricVariableCreateEvt(variable, writer);
  }

  @Override
  public HistoryEvent createHistoricVariableUpdateEvt(
      VariableInstanceEntity variable, VariableScope writer) {
    requireAllowed(variable, writer);
    return super.createHistoricVariableUpdateEvt(variable, writer);
  }

  @Override
  public HistoryEvent createHistoricVariableDeleteEvt(
      VariableInstanceEntity variable, VariableScope writer) {
    requireAllowed(variable, writer);
    return super.createHistoricVariableDeleteEvt(variable, writer);
  }

  /** Whether the run that the execution belongs to was, or could be, started with that value. */
  boolean isParameter(ExecutionEntity execution, String name) {
    ExecutionEntity run =
        Context.getCommandContext()
            .getExecutionManager()
            .findExecutionById(execution.getRootProcessInstanceId());
    return parameters.of(run.getProcessDefinition()).all().stream()
        .anyMatch(parameter -> parameter.name().equals(name));
  }

  private void requireAllowed(VariableInstanceEntity variable, VariableScope writer) {
    ExecutionEntity scope = variable.getExecution();
    if (scope == null || scope.isProcessInstanceStarting()) {
      return; // no run; or its start, which checks all values at once
    }
    boolean byRequest = isRequest(writer);
    boolean ofTheRun = scope.getId().equals(scope.getRootProcessInstanceId());
    boolean ofAnInstance = scope.isProcessInstanceExecution() && variable.getTaskId() == null;
    if ((ofTheRun || byRequest) && ofAnInstance && isParameter(scope, variable.getName())) {
      throw refused(variable, "is a parameter of the run, written once at its start");
    }
    if (byRequest) {
      requireDeclared(variable, writer);
    }
  }

  /** Whether somebody writes from outside, as opposed to a model at work. */
  private static boolean isRequest(VariableScope writer) {
    JobEntity job = Context.getCommandContext().getCurrentJob();
    boolean atWork =
        Context.getBpmnExecutionContext() != null || job != null && job.getExecutionId() != null;
    return !atWork && !passesUp(writer);
  }

  /** A step's stop that its phase does not catch ends the phase, which hands its results over. */
  private static boolean passesUp(VariableScope writer) {
    return Context.getCommandInvocationContext().getCommand() instanceof HandleExternalTaskCmd
        && writer instanceof ExecutionEntity caller
        && caller.getActivity() != null
        && caller.getActivity().getActivityBehavior() instanceof CallActivityBehavior;
  }

  private void requireDeclared(VariableInstanceEntity variable, VariableScope writer) {
    ExecutionEntity at =
        writer instanceof TaskEntity task ? task.getExecution() : (ExecutionEntity) writer;
    Set<String> known = declared(at, variable);
    if (!known.contains(variable.getName())) {
      throw refused(
          variable,
          "is unknown where the run waits (%s); known are %s"
              .formatted(at.getActivityId(), known.stream().sorted().toList()));
    }
  }

  private Set<String> declared(ExecutionEntity at, VariableInstanceEntity variable) {
    if (variable.getTaskId() != null) {
      return Set.of(); // what a task shows is Belay's
    }
    Object waits = at.getActivity() == null ? null : at.getActivity().getActivityBehavior();
    boolean local = variable.getExecution().getId().equals(at.getId());
    if (waits instanceof ExternalTaskActivityBehavior && local) {
      return with(
          at.getExternalTasks().stream()
              .map(ExternalTaskEntity::getTopicName)
              .flatMap(step -> steps.resultsOf(step).stream())
              .collect(Collectors.toSet()));
    }
    if (waits instanceof UserTaskActivityBehavior task) {
      return with(
          forms.of(at, task.getTaskDefinition()).all().stream()
              .map(Parameter::name)
              .collect(Collectors.toSet()));
    }
    return Set.of(REASON);
  }

  private static Set<String> with(Set<String> declared) {
    declared.add(REASON);
    return declared;
  }

  private static VariableRefused refused(VariableInstanceEntity variable, String rule) {
    String name = variable.getName();
    return new VariableRefused(
        name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME) + "…", rule);
  }
}
