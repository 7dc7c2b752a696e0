package io.belay.model.lint;

import java.util.List;
import java.util.function.Consumer;
import org.camunda.bpm.model.bpmn.instance.ExclusiveGateway;
import org.camunda.bpm.model.bpmn.instance.FlowNode;
import org.camunda.bpm.model.bpmn.instance.Gateway;
import org.camunda.bpm.model.bpmn.instance.SequenceFlow;

/**
 * A splitting gateway is named by a question and its flows by the answers; one flow is the default.
 */
final class LabelledGateways implements Rule {

  @Override
  public void check(ModelSet set, Consumer<Finding> out) {
    for (ProcessFile file : set.processes()) {
      for (FlowNode node : file.all(FlowNode.class)) {
        Consumer<String> refuse = rule -> out.accept(file.finding(node, rule));
        List<SequenceFlow> outgoing = file.flow().outgoing(node);
        if (node instanceof Gateway
            && outgoing.size() > 1
            && file.flow().incoming(node).size() > 1) {
          refuse.accept("both joins and splits; put a joining gateway before it");
        }
        if (node instanceof ExclusiveGateway gateway && outgoing.size() > 1) {
          checkQuestion(file, gateway, out);
        } else {
          checkUnconditional(node, outgoing, refuse);
        }
      }
    }
  }

  private static void checkUnconditional(
      FlowNode node, List<SequenceFlow> outgoing, Consumer<String> refuse) {
    if (!(node instanceof Gateway) && outgoing.size() > 1) {
      refuse.accept("has several outgoing flows; let a gateway split them");
    }
    if (outgoing.stream().anyMatch(flow -> flow.getConditionExpression() != null)) {
      refuse.accept("its outgoing flow has a condition; only splitting exclusive gateways ask");
    }
  }

  private static void checkQuestion(
      ProcessFile file, ExclusiveGateway gateway, Consumer<Finding> out) {
    if (gateway.getName() == null || !gateway.getName().trim().endsWith("?")) {
      out.accept(
          file.finding(gateway, "a splitting gateway is named by a question that ends with '?'"));
    }
    SequenceFlow otherwise = gateway.getDefault();
    if (otherwise == null || !file.flow().outgoing(gateway).contains(otherwise)) {
      out.accept(
          file.finding(
              gateway, "has no default flow; mark the one that is taken when nothing else fits"));
    }
    for (SequenceFlow flow : file.flow().outgoing(gateway)) {
      if (flow.getName() == null || flow.getName().isBlank()) {
        out.accept(file.finding(flow, "an answer has no name; name the flow"));
      }
      if (flow.equals(otherwise) && flow.getConditionExpression() != null) {
        out.accept(file.finding(flow, "the default flow has a condition; remove it"));
      }
      if (!flow.equals(otherwise) && flow.getConditionExpression() == null) {
        out.accept(file.finding(flow, "has no condition; only the default flow goes without"));
      }
    }
  }
}
