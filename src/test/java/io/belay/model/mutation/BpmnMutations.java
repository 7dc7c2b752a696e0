package io.belay.model.mutation;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.camunda.bpm.model.bpmn.Bpmn;
import org.camunda.bpm.model.bpmn.BpmnModelInstance;
import org.camunda.bpm.model.bpmn.instance.Activity;
import org.camunda.bpm.model.bpmn.instance.Association;
import org.camunda.bpm.model.bpmn.instance.BoundaryEvent;
import org.camunda.bpm.model.bpmn.instance.BusinessRuleTask;
import org.camunda.bpm.model.bpmn.instance.CallActivity;
import org.camunda.bpm.model.bpmn.instance.CompensateEventDefinition;
import org.camunda.bpm.model.bpmn.instance.EndEvent;
import org.camunda.bpm.model.bpmn.instance.ExclusiveGateway;
import org.camunda.bpm.model.bpmn.instance.FlowNode;
import org.camunda.bpm.model.bpmn.instance.IntermediateThrowEvent;
import org.camunda.bpm.model.bpmn.instance.SequenceFlow;
import org.camunda.bpm.model.bpmn.instance.ServiceTask;
import org.camunda.bpm.model.bpmn.instance.StartEvent;
import org.camunda.bpm.model.bpmn.instance.SubProcess;
import org.camunda.bpm.model.bpmn.instance.TimerEventDefinition;
import org.camunda.bpm.model.bpmn.instance.UserTask;
import org.camunda.bpm.model.bpmn.instance.camunda.CamundaIn;
import org.camunda.bpm.model.bpmn.instance.camunda.CamundaInputParameter;
import org.camunda.bpm.model.bpmn.instance.camunda.CamundaOut;
import org.camunda.bpm.model.bpmn.instance.camunda.CamundaOutputParameter;
import org.camunda.bpm.model.xml.impl.util.IoUtil;
import org.camunda.bpm.model.xml.instance.ModelElementInstance;

/** All mutants of one BPMN file: each operator at each place where it fits. */
final class BpmnMutations {

  private final String file;
  private final String text;
  private final BpmnModelInstance original;
  private final List<Mutant> mutants = new ArrayList<>();

  private BpmnMutations(String file, String text) {
    this.file = file;
    this.text = text;
    this.original = read();
  }

  static List<Mutant> of(String file, String text) {
    BpmnMutations mutations = new BpmnMutations(file, text);
    mutations.nodes();
    mutations.flows();
    mutations.calls();
    mutations.parameters();
    mutations.events();
    return mutations.mutants;
  }

  private void nodes() {
    each(
        "undo throw deleted",
        IntermediateThrowEvent.class,
        node -> true,
        (model, node) -> bridge(node));
    each("step deleted", ServiceTask.class, this::canBridge, (model, node) -> bridge(node));
    each(
        "decision deleted", BusinessRuleTask.class, this::canBridge, (model, node) -> bridge(node));
    each("user task deleted", UserTask.class, this::canBridge, (model, node) -> bridge(node));
    each("phase deleted", CallActivity.class, this::canBridge, (model, node) -> bridge(node));
    pairs("steps swapped", ServiceTask.class, (a, b) -> follows(a, b), (a, b) -> swapPlaces(a, b));
    pairs(
        "phases swapped",
        CallActivity.class,
        (a, b) -> !a.isForCompensation() && !b.isForCompensation(),
        BpmnMutations::swapCalls);
    pairs(
        "undos swapped",
        CallActivity.class,
        (a, b) -> a.isForCompensation() && b.isForCompensation(),
        BpmnMutations::swapCalls);
    pairs(
        "undo throws swapped",
        IntermediateThrowEvent.class,
        (a, b) -> true,
        (a, b) -> {
          Activity first = compensation(a).getActivity();
          compensation(a).setActivity(compensation(b).getActivity());
          compensation(b).setActivity(first);
        });
    each(
        "group of a task changed",
        UserTask.class,
        task -> !"operator".equals(task.getCamundaCandidateGroups()),
        (model, task) -> task.setCamundaCandidateGroups("operator"));
    pairs(
        "steps' work exchanged",
        ServiceTask.class,
        (a, b) ->
            a.getCamundaTopic() != null
                && b.getCamundaTopic() != null
                && !a.getCamundaTopic().equals(b.getCamundaTopic())
                && follows(a, b),
        (a, b) -> {
          String first = a.getCamundaTopic();
          a.setCamundaTopic(b.getCamundaTopic());
          b.setCamundaTopic(first);
        });
  }

  private void flows() {
    for (SequenceFlow flow : original.getModelElementsByType(SequenceFlow.class)) {
      boolean splits =
          flow.getSource() instanceof ExclusiveGateway && flow.getSource().getOutgoing().size() > 1;
      if (splits) {
        retargeted(flow, "answer leads to the passed end", end("End_Passed", original));
        retargeted(flow, "answer leads to the completed end", end("End_Completed", original));
        retargeted(
            flow,
            "answer leads back to the start",
            original.getModelElementsByType(StartEvent.class).stream()
                .filter(start -> start.getParentElement().equals(flow.getParentElement()))
                .flatMap(start -> start.getOutgoing().stream())
                .map(SequenceFlow::getTarget)
                .findFirst());
      }
      if (splits && flow.getConditionExpression() != null) {
        conditions(flow);
      }
    }
    each(
        "default and answer exchanged",
        ExclusiveGateway.class,
        gateway -> gateway.getDefault() != null,
        (model, gateway) -> {
          SequenceFlow otherwise = gateway.getDefault();
          SequenceFlow answer =
              gateway.getOutgoing().stream()
                  .filter(flow -> !flow.equals(otherwise))
                  .findFirst()
                  .orElseThrow();
          FlowNode target = otherwise.getTarget();
          otherwise.setTarget(answer.getTarget());
          answer.setTarget(target);
        });
    each(
        "gateway bypassed",
        ExclusiveGateway.class,
        gateway -> gateway.getDefault() != null && gateway.getIncoming().size() == 1,
        (model, gateway) ->
            gateway
                .getIncoming()
                .iterator()
                .next()
                .setTarget(
                    gateway.getOutgoing().stream()
                        .filter(flow -> !flow.equals(gateway.getDefault()))
                        .findFirst()
                        .orElseThrow()
                        .getTarget()));
  }

  private void conditions(SequenceFlow flow) {
    String id = flow.getId();
    String condition = flow.getConditionExpression().getTextContent().trim();
    for (Map.Entry<String, String> change :
        Map.of(
                "condition negated", condition.replace("==", "!="),
                "condition asks another value", condition.replaceAll("'[A-Za-z]*'", "'FAIL'"),
                "condition accepts no data", condition.replace("== 'PASS'", "!= 'FAIL'"),
                "condition asks another variable",
                    condition.replaceAll("\\$\\{([A-Za-z]+)", "\\${other"))
            .entrySet()) {
      if (!change.getValue().equals(condition)) {
        mutate(
            change.getKey(),
            id,
            model ->
                ((SequenceFlow) model.getModelElementById(id))
                    .getConditionExpression()
                    .setTextContent(change.getValue()));
      }
    }
  }

  private void calls() {
    each(
        "variable into a phase dropped",
        CamundaIn.class,
        in -> in.getCamundaBusinessKey() == null,
        (model, in) -> remove(in));
    each(
        "variable out of a phase dropped",
        CamundaOut.class,
        out -> true,
        (model, out) -> remove(out));
    each(
        "undo not hung on a phase",
        Association.class,
        association -> true,
        (model, association) -> remove(association));
  }

  private void parameters() {
    each("input dropped", CamundaInputParameter.class, one -> true, (model, one) -> remove(one));
    each("output dropped", CamundaOutputParameter.class, one -> true, (model, one) -> remove(one));
    List<String> targets =
        original.getModelElementsByType(CamundaInputParameter.class).stream()
            .map(one -> one.getTextContent().trim())
            .filter(value -> value.matches("v1|v2|database|cache|router"))
            .distinct()
            .toList();
    for (String target : targets) {
      for (String other : targets) {
        if (!other.equals(target)) {
          each(
              "other target",
              CamundaInputParameter.class,
              one -> one.getTextContent().trim().equals(target),
              (model, one) -> one.setTextContent(other));
        }
      }
    }
  }

  private void events() {
    each(
        "interrupt made to run beside",
        StartEvent.class,
        start -> start.getParentElement() instanceof SubProcess && start.isInterrupting(),
        (model, start) -> start.setInterrupting(false));
    each(
        "boundary event made to run beside",
        BoundaryEvent.class,
        event -> event.cancelActivity() && !event.getOutgoing().isEmpty(),
        (model, event) -> event.setCancelActivity(false));
    each(
        "interrupt deleted",
        SubProcess.class,
        SubProcess::triggeredByEvent,
        (model, sub) -> {
          sub.getFlowElements().forEach(element -> removeShape(model, element.getId()));
          removeShape(model, sub.getId());
          remove(sub);
        });
    each(
        "boundary event deleted",
        BoundaryEvent.class,
        event -> !event.getOutgoing().isEmpty(),
        (model, event) -> {
          SequenceFlow flow = event.getOutgoing().iterator().next();
          flow.getTarget().getIncoming().remove(flow);
          removeShape(model, flow.getId());
          removeShape(model, event.getId());
          remove(flow);
          remove(event);
        });
    each(
        "timer without end",
        TimerEventDefinition.class,
        timer -> timer.getTimeDuration() != null,
        (model, timer) -> timer.getTimeDuration().setTextContent("P9999D"));
  }

  // ------------------------------------------------------------------ how it is done

  private BpmnModelInstance read() {
    return Bpmn.readModelFromStream(
        new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
  }

  private interface Change {
    void to(BpmnModelInstance model);
  }

  private void mutate(String operator, String place, Change change) {
    mutants.add(
        new Mutant(
            file,
            operator,
            place,
            () -> {
              BpmnModelInstance model = read();
              change.to(model);
              return written(model);
            }));
  }

  /** The file as it is, read and written: what a mutant would be without its change. */
  static byte[] unchanged(String text) {
    return written(new BpmnMutations("", text).read());
  }

  /**
   * Without asking the schema, so that mutants that it refuses reach the lint, too; and without the
   * attributes that reading by the schema has added.
   */
  private static byte[] written(BpmnModelInstance model) {
    return IoUtil.convertXmlDocumentToString(model.getDocument())
        .replaceAll(" (?:implementation|expressionLanguage|typeLanguage)=\"[^\"]*\"", "")
        .getBytes(StandardCharsets.UTF_8);
  }

  private <T extends ModelElementInstance> List<T> all(BpmnModelInstance model, Class<T> type) {
    return new ArrayList<>(model.getModelElementsByType(type));
  }

  private <T extends ModelElementInstance> void each(
      String operator, Class<T> type, Predicate<T> fits, BiConsumer<BpmnModelInstance, T> change) {
    List<T> originals = all(original, type);
    for (int i = 0; i < originals.size(); i++) {
      if (fits.test(originals.get(i))) {
        int index = i;
        mutate(
            operator,
            place(originals.get(i)),
            model -> change.accept(model, all(model, type).get(index)));
      }
    }
  }

  private interface Pair<T> {
    void swap(T first, T second);
  }

  private interface PairFits<T> {
    boolean test(T first, T second);
  }

  private <T extends ModelElementInstance> void pairs(
      String operator, Class<T> type, PairFits<T> fits, Pair<T> change) {
    List<T> originals = all(original, type);
    for (int i = 0; i < originals.size(); i++) {
      for (int j = i + 1; j < originals.size(); j++) {
        if (fits.test(originals.get(i), originals.get(j))) {
          int first = i;
          int second = j;
          mutate(
              operator,
              place(originals.get(i)) + " and " + place(originals.get(j)),
              model -> {
                List<T> now = all(model, type);
                change.swap(now.get(first), now.get(second));
              });
        }
      }
    }
  }

  /** The nearest id, and what the element itself says. */
  private static String place(ModelElementInstance element) {
    String id = element.getAttributeValue("id");
    if (id != null) {
      return id;
    }
    String own =
        Stream.of("name", "source", "target", "sourceExpression")
            .map(element::getAttributeValue)
            .filter(value -> value != null)
            .findFirst()
            .orElse(element.getElementType().getTypeName());
    ModelElementInstance parent = element.getParentElement();
    while (parent.getAttributeValue("id") == null) {
      parent = parent.getParentElement();
    }
    return parent.getAttributeValue("id") + " " + own;
  }

  private boolean canBridge(FlowNode node) {
    return node.getOutgoing().size() == 1 && !node.getIncoming().isEmpty();
  }

  /** Takes the node away, with its boundary events, and leads its ways in to where it led. */
  private static void bridge(FlowNode node) {
    BpmnModelInstance model = (BpmnModelInstance) node.getModelInstance();
    SequenceFlow out = node.getOutgoing().iterator().next();
    FlowNode target = out.getTarget();
    new ArrayList<>(node.getIncoming()).forEach(flow -> flow.setTarget(target));
    for (BoundaryEvent event : new ArrayList<>(model.getModelElementsByType(BoundaryEvent.class))) {
      if (node.equals(event.getAttachedTo())) {
        new ArrayList<>(event.getOutgoing()).forEach(flow -> flow.setSource(node));
        new ArrayList<>(model.getModelElementsByType(Association.class))
            .stream()
                .filter(line -> event.equals(line.getSource()))
                .forEach(
                    line -> {
                      removeShape(model, line.getId());
                      remove(line);
                    });
        removeShape(model, event.getId());
        remove(event);
      }
    }
    for (SequenceFlow flow : new ArrayList<>(node.getOutgoing())) {
      flow.getTarget().getIncoming().remove(flow);
      removeShape(model, flow.getId());
      remove(flow);
    }
    removeShape(model, node.getId());
    remove(node);
  }

  private static void remove(ModelElementInstance element) {
    element.getParentElement().removeChildElement(element);
  }

  private static void removeShape(BpmnModelInstance model, String id) {
    Stream.concat(
            model
                .getModelElementsByType(org.camunda.bpm.model.bpmn.instance.bpmndi.BpmnShape.class)
                .stream()
                .filter(shape -> shape.getBpmnElement() != null)
                .filter(shape -> id.equals(shape.getBpmnElement().getId()))
                .map(ModelElementInstance.class::cast),
            model
                .getModelElementsByType(org.camunda.bpm.model.bpmn.instance.bpmndi.BpmnEdge.class)
                .stream()
                .filter(edge -> edge.getBpmnElement() != null)
                .filter(edge -> id.equals(edge.getBpmnElement().getId()))
                .map(ModelElementInstance.class::cast))
        .toList()
        .forEach(BpmnMutations::remove);
  }

  private static boolean follows(FlowNode first, FlowNode second) {
    return first.getOutgoing().size() == 1
        && second.getOutgoing().size() == 1
        && first.getOutgoing().iterator().next().getTarget().equals(second);
  }

  /** A then B becomes B then A. */
  private static void swapPlaces(FlowNode first, FlowNode second) {
    SequenceFlow between = first.getOutgoing().iterator().next();
    SequenceFlow after = second.getOutgoing().iterator().next();
    new ArrayList<>(first.getIncoming()).forEach(flow -> flow.setTarget(second));
    between.setSource(second);
    between.setTarget(first);
    after.setSource(first);
  }

  private static void swapCalls(CallActivity first, CallActivity second) {
    String called = first.getCalledElement();
    first.setCalledElement(second.getCalledElement());
    second.setCalledElement(called);
    ModelElementInstance one = first.getExtensionElements();
    ModelElementInstance other = second.getExtensionElements();
    if (one != null && other != null) {
      first.removeChildElement(one);
      second.removeChildElement(other);
      first.addChildElement(other);
      second.addChildElement(one);
    }
  }

  private static CompensateEventDefinition compensation(IntermediateThrowEvent event) {
    return (CompensateEventDefinition) event.getEventDefinitions().iterator().next();
  }

  private static Optional<FlowNode> end(String name, BpmnModelInstance model) {
    return model.getModelElementsByType(EndEvent.class).stream()
        .filter(end -> end.getId().equals(name))
        .map(FlowNode.class::cast)
        .findFirst();
  }

  private void retargeted(SequenceFlow flow, String operator, Optional<FlowNode> target) {
    target
        .filter(to -> !to.equals(flow.getTarget()))
        .filter(to -> to.getParentElement().equals(flow.getParentElement()))
        .ifPresent(
            to ->
                mutate(
                    operator,
                    flow.getId(),
                    model ->
                        ((SequenceFlow) model.getModelElementById(flow.getId()))
                            .setTarget(model.getModelElementById(to.getId()))));
  }
}
