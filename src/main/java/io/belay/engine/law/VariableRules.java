package io.belay.engine.law;

import io.belay.model.Forms;
import io.belay.model.Parameter;
import io.belay.model.PhaseDeclarations;
import io.belay.model.RunbookParameters;
import io.belay.step.StepCatalog;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.camunda.bpm.engine.delegate.VariableScope;
import org.camunda.bpm.engine.impl.bpmn.behavior.CallActivityBehavior;
import org.camunda.bpm.engine.impl.bpmn.behavior.ExternalTaskActivityBehavior;
import org.camunda.bpm.engine.impl.bpmn.behavior.SubProcessActivityBehavior;
import org.camunda.bpm.engine.impl.bpmn.behavior.UserTaskActivityBehavior;
import org.camunda.bpm.engine.impl.cmd.HandleExternalTaskCmd;
import org.camunda.bpm.engine.impl.context.Context;
import org.camunda.bpm.engine.impl.core.model.CallableElementParameter;
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
 *       a request nor a model. So are the variables that a call passes to a phase, and the defaults
 *       of the phase's declared inputs: the call writes them.
 *   <li>Nothing that contains steps, a call or a subprocess, has a variable of its own with the
 *       name of a parameter or of a passed variable: the steps would see another value than was
 *       approved.
 *   <li>A request, as opposed to a model at work, writes only what the place declares where the run
 *       waits: the fields of a task's form, the results of a step, local to it, and the reason why
 *       the run stops. Secrets in the answer to a task are masked ({@link AnswerMasking}).
 * </ul>
 */
@Component
public class VariableRules extends CacheAwareHistoryEventProducer {

  /** Why a step stopped the run, or a person aborted it. */
  static final String REASON = "reason";

  private static final int LONGEST_NAME = 60;

  private final RunbookParameters parameters;
  private final PhaseDeclarations inputs;
  private final Forms forms;
  private final StepCatalog steps;
  private final AnswerMasking masking;

  VariableRules(
      RunbookParameters parameters,
      PhaseDeclarations inputs,
      Forms forms,
      StepCatalog steps,
      AnswerMasking masking) {
    this.parameters = parameters;
    this.inputs = inputs;
    this.forms = forms;
    this.steps = steps;
    this.masking = masking;
  }

  @Override
  public HistoryEvent createHistoricVariableCreateEvt(
      VariableInstanceEntity variable, VariableScope writer) {
    requireAllowed(variable, writer);
    requireNotAbsent(variable);
    requireNothingHidden(variable);
    return super.createHistoricVariableCreateEvt(variable, writer);
  }

  @Override
  public HistoryEvent createHistoricVariableUpdateEvt(
      VariableInstanceEntity variable, VariableScope writer) {
    requireAllowed(variable, writer);
    requireNotPassed(variable);
    return super.createHistoricVariableUpdateEvt(variable, writer);
  }

  @Override
  public HistoryEvent createHistoricVariableDeleteEvt(
      VariableInstanceEntity variable, VariableScope writer) {
    requireAllowed(variable, writer);
    requireNotPassed(variable);
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

  /** Refuses the write, or masks what a person writes; nothing has been kept yet. */
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
      ExecutionEntity at =
          writer instanceof TaskEntity task ? task.getExecution() : (ExecutionEntity) writer;
      requireDeclared(variable, at);
      if (isAtUserTask(at)) {
        masking.mask(variable);
      }
    }
  }

  private static boolean isAtUserTask(ExecutionEntity at) {
    return at.getActivity() != null
        && at.getActivity().getActivityBehavior() instanceof UserTaskActivityBehavior;
  }

  /** A process that was called has what its call passed, and the defaults of its inputs. */
  private void requireNotPassed(VariableInstanceEntity variable) {
    ExecutionEntity call = call(variable);
    if (call != null && isPassed(call, variable)) {
      throw refused(variable, "is an input of the phase, written once at its start");
    }
  }

  /** A call that passes all variables passes none for a parameter that the start did not give. */
  private void requireNotAbsent(VariableInstanceEntity variable) {
    ExecutionEntity call = call(variable);
    if (call != null
        && passesAsParameter(call, variable)
        && !call.hasVariable(variable.getName())) {
      throw refused(variable, "is a parameter of the run, written once at its start");
    }
  }

  private void requireNothingHidden(VariableInstanceEntity variable) {
    ExecutionEntity scope = variable.getExecution();
    if (scope == null
        || scope.isProcessInstanceExecution()
        || scope.getActivity() == null
        || !(scope.getActivity().getActivityBehavior() instanceof CallActivityBehavior
            || scope.getActivity().getActivityBehavior() instanceof SubProcessActivityBehavior)) {
      return;
    }
    ExecutionEntity call = scope.getProcessInstance().getSuperExecution();
    if (isParameter(scope, variable.getName()) || call != null && isPassed(call, variable)) {
      throw refused(
          variable,
          "is a parameter of the run or an input of the phase; '%s' may not hide it"
              .formatted(scope.getActivityId()));
    }
  }

  /** What called the process whose variable it is; null for a variable of anything smaller. */
  private static ExecutionEntity call(VariableInstanceEntity variable) {
    ExecutionEntity scope = variable.getExecution();
    boolean ofAnInstance =
        scope != null && scope.isProcessInstanceExecution() && variable.getTaskId() == null;
    return ofAnInstance && !PhaseLifecycle.OWN.contains(variable.getName())
        ? scope.getSuperExecution()
        : null;
  }

  private boolean isPassed(ExecutionEntity call, VariableInstanceEntity variable) {
    return inputs.isInput(variable.getExecution().getProcessDefinitionId(), variable.getName())
        || inputsOf(call).anyMatch(input -> variable.getName().equals(input.getTarget()))
        || passesAsParameter(call, variable);
  }

  private boolean passesAsParameter(ExecutionEntity call, VariableInstanceEntity variable) {
    return inputsOf(call).anyMatch(CallableElementParameter::isAllVariables)
        && inputs.of(variable.getExecution().getProcessDefinitionId()).isEmpty()
        && isParameter(call, variable.getName());
  }

  private static Stream<CallableElementParameter> inputsOf(ExecutionEntity call) {
    return ((CallActivityBehavior) call.getActivity().getActivityBehavior())
        .getCallableElement().getInputs().stream();
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

  private void requireDeclared(VariableInstanceEntity variable, ExecutionEntity at) {
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
              .flatMap(
                  step -> steps.resultsOf(step, at::getVariableLocal, variable.getName()).stream())
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
