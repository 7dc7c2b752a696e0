package io.belay.engine.control;

import io.belay.model.Outgoing;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;
import org.camunda.bpm.engine.RepositoryService;
import org.camunda.bpm.engine.RuntimeService;
import org.camunda.bpm.engine.repository.ProcessDefinition;
import org.camunda.bpm.engine.runtime.ActivityInstance;
import org.camunda.bpm.engine.runtime.ProcessInstance;
import org.camunda.bpm.engine.runtime.TransitionInstance;
import org.camunda.bpm.model.bpmn.BpmnModelInstance;
import org.camunda.bpm.model.bpmn.instance.CallActivity;
import org.camunda.bpm.model.bpmn.instance.FlowNode;
import org.camunda.bpm.model.bpmn.instance.MessageEventDefinition;
import org.camunda.bpm.model.bpmn.instance.SequenceFlow;
import org.springframework.stereotype.Component;

/** Tells whether a run is between two phases and can still reach one that takes an abort. */
@Component
class AbortablePhases {

  private final RuntimeService runtime;
  private final RepositoryService repository;

  AbortablePhases(RuntimeService runtime, RepositoryService repository) {
    this.runtime = runtime;
    this.repository = repository;
  }

  boolean isAhead(String runId) {
    ProcessInstance run =
        runtime.createProcessInstanceQuery().processInstanceId(runId).singleResult();
    if (run == null) {
      return false;
    }
    String deployment =
        repository.getProcessDefinition(run.getProcessDefinitionId()).getDeploymentId();
    BpmnModelInstance model = repository.getBpmnModelInstance(run.getProcessDefinitionId());
    Outgoing flows = new Outgoing(model);
    ActivityInstance tree = runtime.getActivityInstance(runId);
    Deque<FlowNode> next = new ArrayDeque<>();
    for (TransitionInstance waiting : tree.getChildTransitionInstances()) {
      next.add(model.getModelElementById(waiting.getActivityId()));
    }
    for (ActivityInstance active : tree.getChildActivityInstances()) {
      FlowNode node = model.getModelElementById(active.getActivityId());
      if (node instanceof CallActivity) {
        return false; // a phase that takes no abort: it is stopping already, or irreversible
      }
      behind(node, flows).forEach(next::add);
    }
    Set<FlowNode> seen = new HashSet<>();
    while (!next.isEmpty()) {
      FlowNode node = next.remove();
      if (seen.add(node)) {
        if (node instanceof CallActivity call && takesAborts(call, deployment)) {
          return true;
        }
        behind(node, flows).forEach(next::add);
      }
    }
    return false;
  }

  private static Stream<FlowNode> behind(FlowNode node, Outgoing flows) {
    return flows.of(node).stream().map(SequenceFlow::getTarget);
  }

  private boolean takesAborts(CallActivity call, String deployment) {
    ProcessDefinition phase =
        repository
            .createProcessDefinitionQuery()
            .deploymentId(deployment)
            .processDefinitionKey(call.getCalledElement())
            .singleResult();
    return phase != null
        && repository
            .getBpmnModelInstance(phase.getId())
            .getModelElementsByType(MessageEventDefinition.class)
            .stream()
            .anyMatch(event -> RunControl.ABORT.equals(event.getMessage().getName()));
  }
}
