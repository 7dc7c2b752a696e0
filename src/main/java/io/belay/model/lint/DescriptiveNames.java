package io.belay.model.lint;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.camunda.bpm.model.bpmn.instance.Activity;
import org.camunda.bpm.model.bpmn.instance.BusinessRuleTask;
import org.camunda.bpm.model.bpmn.instance.CallActivity;
import org.camunda.bpm.model.bpmn.instance.EndEvent;
import org.camunda.bpm.model.bpmn.instance.Event;
import org.camunda.bpm.model.bpmn.instance.FlowNode;
import org.camunda.bpm.model.bpmn.instance.Gateway;
import org.camunda.bpm.model.bpmn.instance.IntermediateThrowEvent;
import org.camunda.bpm.model.bpmn.instance.StartEvent;
import org.camunda.bpm.model.bpmn.instance.SubProcess;
import org.camunda.bpm.model.bpmn.instance.Task;

/** Ids say what an element is; names say what is done there or which state is reached. */
final class DescriptiveNames implements Rule {

  @Override
  public void check(ModelSet set, Consumer<Finding> out) {
    for (ProcessFile file : set.processes()) {
      for (FlowNode node : file.all(FlowNode.class)) {
        nameProblem(node).ifPresent(rule -> out.accept(file.finding(node, rule)));
        List<String> prefixes = prefixes(file, node);
        if (node.getId() == null
            || !prefixes.isEmpty() && prefixes.stream().noneMatch(node.getId()::startsWith)) {
          out.accept(
              file.finding(
                  node,
                  "its id '%s' does not say what it is; begin it with %s"
                      .formatted(node.getId(), String.join(" or ", prefixes))));
        }
      }
    }
  }

  private static Optional<String> nameProblem(FlowNode node) {
    String name = node.getName() == null ? "" : node.getName().trim();
    if (node instanceof Task && name.split("\\s+").length < 2) {
      return Optional.of(
          "a task is named by verb and object, such as 'Take backup', but this one is called '%s'"
              .formatted(name));
    }
    boolean marksUndo = node instanceof Event event && KnownEvents.isUndoMark(event);
    if (node instanceof Event && !marksUndo && name.isEmpty()) {
      return Optional.of("an event is named by the state that is reached; name it");
    }
    if ((node instanceof CallActivity || node instanceof SubProcess) && name.isEmpty()) {
      return Optional.of("has no name; say what it does");
    }
    return Optional.empty();
  }

  private static List<String> prefixes(ProcessFile file, FlowNode node) {
    if (node instanceof Activity activity && activity.isForCompensation()) {
      return List.of("Undo_");
    }
    if (node instanceof BusinessRuleTask) {
      return List.of("Decide_", "Task_");
    }
    if (node instanceof Task) {
      return List.of("Task_");
    }
    if (node instanceof CallActivity) {
      return List.of("Phase_");
    }
    if (node instanceof Gateway) {
      return file.flow().outgoing(node).size() > 1
          ? List.of("Gateway_")
          : List.of("Join_", "Gateway_");
    }
    if (node instanceof IntermediateThrowEvent) {
      return List.of("Undone_");
    }
    if (node instanceof EndEvent) {
      return List.of("End_");
    }
    return node instanceof StartEvent ? List.of("Start") : List.of();
  }
}
