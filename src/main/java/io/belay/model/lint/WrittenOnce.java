package io.belay.model.lint;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.camunda.bpm.model.bpmn.instance.CallActivity;
import org.camunda.bpm.model.bpmn.instance.FlowNode;
import org.camunda.bpm.model.bpmn.instance.StartEvent;
import org.camunda.bpm.model.bpmn.instance.UserTask;
import org.camunda.bpm.model.bpmn.instance.camunda.CamundaIn;
import org.camunda.bpm.model.bpmn.instance.camunda.CamundaOut;

/**
 * A parameter of a run is written once, at its start. No task, call or form of the runbook has it
 * as a result, and no phase writes the copy that it is given: what is read later under that name
 * would no longer be what was approved.
 */
final class WrittenOnce implements Rule {

  @Override
  public void check(ModelSet set, Consumer<Finding> out) {
    for (ProcessFile runbook : set.runbooks()) {
      Set<String> parameters = new HashSet<>();
      for (StartEvent start : runbook.all(StartEvent.class)) {
        parameters.addAll(GivenVariables.fields(set, start.getCamundaFormRef()));
      }
      check(set, runbook, parameters, parameters, Map.of(), out, new HashSet<>());
    }
  }

  /**
   * @param parameters of the run, which no form may ask for anywhere
   * @param given the names under which the process has them
   * @param literals values of the process's variables that the models give
   */
  private static void check(
      ModelSet set,
      ProcessFile file,
      Set<String> parameters,
      Set<String> given,
      Map<String, String> literals,
      Consumer<Finding> out,
      Set<String> callers) {
    if (!callers.add(file.file())) {
      return; // References refuses a process that calls itself
    }
    for (FlowNode node : file.all(FlowNode.class)) {
      Set<String> written = new TreeSet<>(Parameters.outputs(node).keySet());
      Parameters.extensions(node, CamundaOut.class).stream()
          .map(CamundaOut::getCamundaTarget)
          .filter(target -> target != null)
          .forEach(written::add);
      set.steps().namedResults(List.of(node), literals).ifPresent(written::addAll);
      written.retainAll(given);
      refuse(file, node, written, "writes", out);
      if (node instanceof UserTask task) {
        Set<String> asked = new TreeSet<>(GivenVariables.fields(set, task.getCamundaFormRef()));
        asked.retainAll(parameters);
        refuse(file, node, asked, "has a form that asks for", out);
      }
    }
    for (CallActivity call : file.all(CallActivity.class)) {
      set.called(call)
          .ifPresent(
              called ->
                  check(
                      set,
                      called,
                      parameters,
                      passed(call, given),
                      Literals.passed(called, call, literals),
                      out,
                      new HashSet<>(callers)));
    }
  }

  private static Set<String> passed(CallActivity call, Set<String> given) {
    Set<String> passed = new HashSet<>();
    for (CamundaIn in : Parameters.extensions(call, CamundaIn.class)) {
      if ("all".equals(in.getCamundaVariables())) {
        passed.addAll(given);
      } else if (in.getCamundaTarget() != null && given.contains(in.getCamundaSource())) {
        passed.add(in.getCamundaTarget());
      }
    }
    return passed;
  }

  private static void refuse(
      ProcessFile file, FlowNode node, Set<String> names, String how, Consumer<Finding> out) {
    if (!names.isEmpty()) {
      out.accept(
          file.finding(
              node,
              "%s %s, which a parameter of the run is called; it is written once, at the start: take another name"
                  .formatted(how, names)));
    }
  }
}
