package io.belay.process;

import io.belay.process.RunbookOutline.PhaseOutline;
import io.belay.process.RunbookOutline.TaskOutline;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.camunda.bpm.model.bpmn.BpmnModelInstance;
import org.camunda.bpm.model.bpmn.instance.Activity;
import org.camunda.bpm.model.bpmn.instance.Association;
import org.camunda.bpm.model.bpmn.instance.BoundaryEvent;
import org.camunda.bpm.model.bpmn.instance.BusinessRuleTask;
import org.camunda.bpm.model.bpmn.instance.CallActivity;
import org.camunda.bpm.model.bpmn.instance.CompensateEventDefinition;
import org.camunda.bpm.model.bpmn.instance.Documentation;
import org.camunda.bpm.model.bpmn.instance.FlowNode;
import org.camunda.bpm.model.bpmn.instance.IntermediateThrowEvent;
import org.camunda.bpm.model.bpmn.instance.Process;
import org.camunda.bpm.model.bpmn.instance.SequenceFlow;
import org.camunda.bpm.model.bpmn.instance.ServiceTask;
import org.camunda.bpm.model.bpmn.instance.StartEvent;
import org.camunda.bpm.model.bpmn.instance.UserTask;
import org.camunda.bpm.model.bpmn.instance.camunda.CamundaInputOutput;
import org.camunda.bpm.model.bpmn.instance.camunda.CamundaProperties;

/** Reads a runbook's outline from its model and those it calls. */
final class OutlineReader {

  private final Function<String, BpmnModelInstance> called;
  private final KnownBranches branches;

  /**
   * @param called the model of a process that a call activity names
   * @param parameters of the run; branches that they rule out are left out
   */
  OutlineReader(Function<String, BpmnModelInstance> called, Map<String, Object> parameters) {
    this.called = called;
    this.branches = new KnownBranches(parameters);
  }

  RunbookOutline read(BpmnModelInstance runbook) {
    List<PhaseOutline> forward = new ArrayList<>();
    List<PhaseOutline> undo = new ArrayList<>();
    List<FlowNode> nodes = inOrder(runbook);
    for (FlowNode node : nodes) {
      if (node instanceof IntermediateThrowEvent rung) {
        rung.getEventDefinitions().stream()
            .filter(CompensateEventDefinition.class::isInstance)
            .map(definition -> ((CompensateEventDefinition) definition).getActivity())
            .filter(nodes::contains)
            .map(undone -> handler(runbook, undone))
            .forEach(handler -> undo.add(phase(handler)));
      } else if (node instanceof Activity activity) {
        forward.add(phase(activity));
      }
    }
    return new RunbookOutline(forward, undo);
  }

  private PhaseOutline phase(Activity activity) {
    List<TaskOutline> tasks = new ArrayList<>();
    if (activity instanceof CallActivity call) {
      inOrder(called.apply(call.getCalledElement())).forEach(node -> add(node, tasks));
    } else {
      add(activity, tasks);
    }
    return new PhaseOutline(
        activity.getId(), activity.getName(), property(activity, "estimate"), tasks);
  }

  private static void add(FlowNode node, List<TaskOutline> tasks) {
    if (node instanceof ServiceTask task) {
      String step = step(task);
      tasks.add(
          new TaskOutline(
              "step",
              task.getId(),
              task.getName(),
              step,
              inputs(task),
              "true".equals(property(task, "irreversible")),
              null,
              null));
    } else if (node instanceof BusinessRuleTask task) {
      tasks.add(
          new TaskOutline(
              "gate",
              task.getId(),
              task.getName(),
              task.getCamundaDecisionRef(),
              Map.of(),
              false,
              null,
              null));
    } else if (node instanceof UserTask task) {
      String documentation =
          task.getDocumentations().stream()
              .findFirst()
              .map(Documentation::getTextContent)
              .orElse("");
      tasks.add(
          new TaskOutline(
              "approval",
              task.getId(),
              task.getName(),
              null,
              Map.of(),
              false,
              documentation,
              task.getCamundaFormRef()));
    }
  }

  /** The name that the task gives to its step. */
  static String step(ServiceTask task) {
    return task.getCamundaTopic() != null
        ? task.getCamundaTopic()
        : task.getCamundaDelegateExpression().replaceAll("[${}]", "");
  }

  /** The nodes that flows reach from the first start event, breadth first. */
  private List<FlowNode> inOrder(BpmnModelInstance model) {
    Process process = model.getModelElementsByType(Process.class).iterator().next();
    Set<FlowNode> seen = new LinkedHashSet<>();
    Deque<FlowNode> next = new ArrayDeque<>();
    process.getChildElementsByType(StartEvent.class).stream().findFirst().ifPresent(next::add);
    while (!next.isEmpty()) {
      FlowNode node = next.removeFirst();
      if (seen.add(node)) {
        branches.from(node).stream().map(SequenceFlow::getTarget).forEach(next::addLast);
        boundaries(model, node).forEach(next::addLast);
      }
    }
    return new ArrayList<>(seen);
  }

  private static List<FlowNode> boundaries(BpmnModelInstance model, FlowNode node) {
    return model.getModelElementsByType(BoundaryEvent.class).stream()
        .filter(event -> event.getAttachedTo().equals(node))
        .map(FlowNode.class::cast)
        .toList();
  }

  private static Activity handler(BpmnModelInstance model, Activity undone) {
    Collection<Association> associations = model.getModelElementsByType(Association.class);
    return model.getModelElementsByType(BoundaryEvent.class).stream()
        .filter(event -> event.getAttachedTo().equals(undone))
        .flatMap(event -> associations.stream().filter(line -> line.getSource().equals(event)))
        .map(line -> (Activity) line.getTarget())
        .findFirst()
        .orElseThrow(
            () -> new IllegalStateException(undone.getId() + " has no compensation handler"));
  }

  private static Map<String, String> inputs(ServiceTask task) {
    Map<String, String> inputs = new LinkedHashMap<>();
    if (task.getExtensionElements() != null) {
      task.getExtensionElements()
          .getElementsQuery()
          .filterByType(CamundaInputOutput.class)
          .list()
          .forEach(
              mapping ->
                  mapping
                      .getCamundaInputParameters()
                      .forEach(
                          input ->
                              inputs.put(input.getCamundaName(), input.getTextContent().trim())));
    }
    return inputs;
  }

  /** A Camunda property of an activity; null when it has none of that name. */
  static String property(Activity activity, String name) {
    if (activity.getExtensionElements() == null) {
      return null;
    }
    return activity
        .getExtensionElements()
        .getElementsQuery()
        .filterByType(CamundaProperties.class)
        .list()
        .stream()
        .flatMap(properties -> properties.getCamundaProperties().stream())
        .filter(property -> name.equals(property.getCamundaName()))
        .map(property -> property.getCamundaValue())
        .findFirst()
        .orElse(null);
  }
}
