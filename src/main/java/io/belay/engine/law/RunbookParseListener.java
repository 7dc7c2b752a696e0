package io.belay.engine.law;

import io.belay.model.PhaseDeclarations;
import io.belay.step.StepCatalog;
import io.belay.step.StepDelegate;
import java.util.List;
import org.camunda.bpm.engine.delegate.ExecutionListener;
import org.camunda.bpm.engine.delegate.TaskListener;
import org.camunda.bpm.engine.impl.bpmn.behavior.UserTaskActivityBehavior;
import org.camunda.bpm.engine.impl.bpmn.parser.AbstractBpmnParseListener;
import org.camunda.bpm.engine.impl.persistence.entity.ProcessDefinitionEntity;
import org.camunda.bpm.engine.impl.pvm.process.ActivityImpl;
import org.camunda.bpm.engine.impl.pvm.process.ScopeImpl;
import org.camunda.bpm.engine.impl.util.xml.Element;
import org.springframework.stereotype.Component;

/**
 * Attaches Belay's listeners to every model, so that models stay free of them: a run starts and
 * ends, a phase gets its inputs and named results, starts and ends with an outcome, an undo is
 * reached, a task is created, claimed and decided. They are built-in listeners, because callers of
 * the REST interface can skip all others.
 */
@Component
public class RunbookParseListener extends AbstractBpmnParseListener {

  private final RunLifecycle runs;
  private final PhaseLifecycle phases;
  private final PhaseDeclarations inputs;
  private final UndoListener undo;
  private final ApprovalListener approvals;
  private final StepCatalog steps;

  RunbookParseListener(
      RunLifecycle runs,
      PhaseLifecycle phases,
      PhaseDeclarations inputs,
      UndoListener undo,
      ApprovalListener approvals,
      StepCatalog steps) {
    this.runs = runs;
    this.phases = phases;
    this.inputs = inputs;
    this.undo = undo;
    this.approvals = approvals;
    this.steps = steps;
  }

  @Override
  public void parseProcess(Element element, ProcessDefinitionEntity definition) {
    definition.addBuiltInListener(
        ExecutionListener.EVENTNAME_START,
        (ExecutionListener)
            execution -> {
              if (execution.getSuperExecution() == null) {
                runs.started(execution);
              } else {
                phases.started(execution);
              }
            });
    definition.addBuiltInListener(
        ExecutionListener.EVENTNAME_END,
        (ExecutionListener)
            execution -> {
              if (execution.getSuperExecution() == null) {
                runs.ended(execution);
              } else {
                phases.ended(execution);
              }
            });
  }

  @Override
  public void parseEndEvent(Element element, ScopeImpl scope, ActivityImpl activity) {
    // The engine does not give an end event its name.
    String label = element.attribute("name");
    activity.addBuiltInListener(
        ExecutionListener.EVENTNAME_START,
        (ExecutionListener) execution -> phases.reachedEnd(execution, activity.getId(), label));
  }

  @Override
  public void parseCallActivity(Element element, ScopeImpl scope, ActivityImpl activity) {
    InputsOfCall.add(activity, inputs::of);
  }

  @Override
  public void parseServiceTask(Element element, ScopeImpl scope, ActivityImpl activity) {
    NamedResults.add(
        element,
        activity,
        step -> steps.find(step).map(StepDelegate::namingInputs).orElse(List.of()));
  }

  @Override
  public void parseIntermediateThrowEvent(Element element, ScopeImpl scope, ActivityImpl activity) {
    Element compensation = element.element("compensateEventDefinition");
    if (compensation != null) {
      String undone = compensation.attribute("activityRef");
      activity.addBuiltInListener(
          ExecutionListener.EVENTNAME_START,
          (ExecutionListener) execution -> undo.reached(execution, undone));
      activity.addBuiltInListener(
          ExecutionListener.EVENTNAME_END, (ExecutionListener) undo::passed);
    }
  }

  @Override
  public void parseUserTask(Element element, ScopeImpl scope, ActivityImpl activity) {
    var definition =
        ((UserTaskActivityBehavior) activity.getActivityBehavior()).getTaskDefinition();
    ApprovalTimer.prepare(definition);
    definition.addBuiltInTaskListener(TaskListener.EVENTNAME_CREATE, approvals::created);
    definition.addBuiltInTaskListener(TaskListener.EVENTNAME_ASSIGNMENT, TaskRules::assigned);
    activity.addBuiltInListener(
        ExecutionListener.EVENTNAME_END,
        (ExecutionListener) execution -> approvals.completed(execution, definition));
    definition.addBuiltInTaskListener(TaskListener.EVENTNAME_DELETE, approvals::deleted);
  }
}
