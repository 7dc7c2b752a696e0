package io.belay.model.lint;

import java.util.function.Consumer;
import org.camunda.bpm.model.bpmn.instance.Activity;
import org.camunda.bpm.model.bpmn.instance.BusinessRuleTask;
import org.camunda.bpm.model.bpmn.instance.CallActivity;
import org.camunda.bpm.model.bpmn.instance.FlowNode;
import org.camunda.bpm.model.bpmn.instance.IntermediateThrowEvent;
import org.camunda.bpm.model.bpmn.instance.ServiceTask;

/**
 * An element that may fail starts a transaction of its own: its failure must not roll back what was
 * done before it. The engine ignores asyncBefore on undo handlers, so the throw event has it.
 */
final class AsyncFlags implements Rule {

  @Override
  public void check(ModelSet set, Consumer<Finding> out) {
    for (ProcessFile file : set.processes()) {
      for (FlowNode node : file.all(FlowNode.class)) {
        if (needsFlag(node) && !node.isCamundaAsyncBefore()) {
          out.accept(
              file.finding(
                  node,
                  "has no asyncBefore, so that its failure would take back what was done before it;"
                      + " set it"));
        }
      }
    }
  }

  private static boolean needsFlag(FlowNode node) {
    if (node instanceof Activity activity && activity.isForCompensation()) {
      return false;
    }
    return node instanceof ServiceTask task && task.getCamundaDelegateExpression() != null
        || node instanceof CallActivity
        || node instanceof BusinessRuleTask
        || node instanceof IntermediateThrowEvent;
  }
}
