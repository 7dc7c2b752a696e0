package io.belay.model.lint;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.camunda.bpm.model.bpmn.instance.Activity;
import org.camunda.bpm.model.bpmn.instance.EndEvent;
import org.camunda.bpm.model.bpmn.instance.Event;
import org.camunda.bpm.model.bpmn.instance.FlowNode;
import org.camunda.bpm.model.bpmn.instance.SubProcess;

/** A run can reach every element, and an end from every element. */
final class LiveElements implements Rule {

  @Override
  public void check(ModelSet set, Consumer<Finding> out) {
    for (ProcessFile file : set.processes()) {
      List<FlowNode> entries = new ArrayList<>(Flow.entries(file.process()));
      Set<FlowNode> reached = file.flow().reachable(entries, node -> false);
      Set<FlowNode> thrown = handlers(file);
      Set<FlowNode> ending = new HashSet<>();
      for (FlowNode node : file.all(FlowNode.class)) {
        if (thrown.contains(node)) {
          continue;
        }
        if (!reached.contains(node)) {
          out.accept(
              file.finding(node, "no way leads here; connect it, or remove it from the model"));
        } else if (!ends(file, node, ending)) {
          out.accept(file.finding(node, "no way leads from here to an end"));
        }
      }
    }
  }

  /**
   * @param ending nodes that are known to lead to an end; the node is added if it does
   */
  private static boolean ends(ProcessFile file, FlowNode node, Set<FlowNode> ending) {
    AtomicBoolean met =
        new AtomicBoolean(node instanceof Event event && KnownEvents.isUndoMark(event));
    file.flow()
        .reachable(
            List.of(node),
            next -> {
              boolean ends = next instanceof EndEvent || ending.contains(next);
              if (ends) {
                met.set(true);
              }
              return ends;
            });
    return met.get() && ending.add(node);
  }

  /** Undo handlers are started by throws, not by flows; {@link UndoForEachChange} checks them. */
  private static Set<FlowNode> handlers(ProcessFile file) {
    Set<FlowNode> handlers = new HashSet<>();
    for (Activity activity : file.all(Activity.class)) {
      if (activity.isForCompensation()) {
        handlers.add(activity);
        if (activity instanceof SubProcess sub) {
          handlers.addAll(file.flow().reachable(Flow.entries(sub), node -> false));
        }
      }
    }
    return handlers;
  }
}
