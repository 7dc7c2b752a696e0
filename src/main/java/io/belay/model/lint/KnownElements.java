package io.belay.model.lint;

import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import javax.xml.XMLConstants;
import org.w3c.dom.Attr;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/**
 * Allow-lists: every XML element and attribute of a file must be on them. The engine understands
 * much more (scripts, classes, listeners, connectors, an older vendor namespace), and newer engines
 * will understand yet more.
 */
final class KnownElements implements Rule {

  static final String BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL";
  static final String CAMUNDA = "http://camunda.org/schema/1.0/bpmn";
  static final String MODELER = "http://camunda.org/schema/modeler/1.0";

  /** Diagrams: shapes, bounds, colours. The engine reads only the coordinates. */
  private static final Set<String> DRAWING =
      Set.of(
          "http://www.omg.org/spec/BPMN/20100524/DI",
          "http://www.omg.org/spec/DD/20100524/DI",
          "http://www.omg.org/spec/DD/20100524/DC",
          "http://www.omg.org/spec/BPMN/non-normative/color/1.0",
          "http://bpmn.io/schema/bpmn/biocolor/1.0");

  private static final Map<String, Set<String>> ELEMENTS =
      Map.of(
          BPMN,
          Set.of(
              ("definitions process documentation extensionElements incoming outgoing message error"
                      + " startEvent endEvent boundaryEvent intermediateThrowEvent"
                      + " intermediateCatchEvent messageEventDefinition errorEventDefinition"
                      + " timerEventDefinition compensateEventDefinition timeDuration timeDate"
                      + " serviceTask userTask businessRuleTask callActivity subProcess"
                      + " exclusiveGateway parallelGateway sequenceFlow conditionExpression"
                      + " textAnnotation text association")
                  .split(" ")),
          CAMUNDA,
          Set.of(
              ("inputOutput inputParameter outputParameter in out properties property"
                      + " failedJobRetryTimeCycle formData formField validation constraint value")
                  .split(" ")));

  private static final Map<String, Set<String>> ATTRIBUTES =
      Map.of(
          "",
          Set.of(
              ("id name targetNamespace exporter exporterVersion isExecutable isClosed processType"
                      + " isInterrupting cancelActivity attachedToRef triggeredByEvent activityRef"
                      + " waitForCompletion messageRef errorRef errorCode isForCompensation default"
                      + " startQuantity completionQuantity gatewayDirection calledElement sourceRef"
                      + " targetRef associationDirection parallelMultiple textFormat"
                      // camunda:in, out, property
                      + " source sourceExpression target variables local businessKey value"
                      // camunda:formField, constraint
                      + " label type defaultValue config")
                  .split(" ")),
          CAMUNDA,
          Set.of(
              ("historyTimeToLive versionTag isStartableInTasklist candidateStarterGroups initiator"
                      + " formRef formRefBinding asyncBefore asyncAfter exclusive jobPriority"
                      + " taskPriority delegateExpression type topic candidateGroups dueDate"
                      + " followUpDate priority decisionRef decisionRefBinding mapDecisionResult"
                      + " calledElementBinding errorCodeVariable errorMessageVariable modelerTemplate"
                      + " modelerTemplateVersion modelerTemplateIcon diagramRelationId")
                  .split(" ")));

  /**
   * Attributes that make the engine call code, evaluate a decision or show a form, and the only
   * elements for them.
   */
  private static final Map<String, Set<String>> ONLY_ON =
      Map.of(
          "delegateExpression", Set.of("serviceTask"),
          "type", Set.of("serviceTask"),
          "topic", Set.of("serviceTask"),
          "taskPriority", Set.of("serviceTask"),
          "decisionRef", Set.of("businessRuleTask"),
          "formRef", Set.of("userTask", "startEvent"),
          "candidateGroups", Set.of("userTask"));

  /** Elements that may have local variables. A call may not, because it shows what was approved. */
  private static final Set<String> WITH_LOCAL_VARIABLES =
      Set.of("serviceTask", "userTask", "businessRuleTask");

  private static final String NO_SCRIPT = "scripts are refused; write a step in Java and name it";
  private static final String NO_LISTENER =
      "listeners are refused; Belay attaches its own to every model";
  private static final String NO_CODE =
      "a model names no code; a service task names its step by delegateExpression or topic";

  private static final Map<String, String> INSTEAD =
      Map.ofEntries(
          Map.entry("scriptTask", NO_SCRIPT),
          Map.entry("script", NO_SCRIPT),
          Map.entry("scriptFormat", NO_SCRIPT),
          Map.entry("resource", NO_SCRIPT),
          Map.entry("language", NO_SCRIPT),
          Map.entry("executionListener", NO_LISTENER),
          Map.entry("taskListener", NO_LISTENER),
          Map.entry("class", NO_CODE),
          Map.entry("expression", NO_CODE),
          Map.entry("connector", NO_CODE),
          Map.entry("field", NO_CODE),
          Map.entry(
              "assignee", "a task is for candidate groups, so that somebody else can decide it"),
          Map.entry(
              "multiInstanceLoopCharacteristics",
              "a loop is a gateway with a flow back, so that each turn is seen and can be aborted"));

  @Override
  public void check(ModelSet set, Consumer<Finding> out) {
    set.processes()
        .forEach(file -> checkElement(file.file(), file.xml().getDocumentElement(), out));
  }

  private void checkElement(String file, Element element, Consumer<Finding> out) {
    String namespace = orEmpty(element.getNamespaceURI());
    if (!DRAWING.contains(namespace)
        && !ELEMENTS.getOrDefault(namespace, Set.of()).contains(element.getLocalName())) {
      refuse(file, element, "element <%s>".formatted(element.getNodeName()), out);
      return;
    }
    if (namespace.equals(CAMUNDA)
        && element.getLocalName().equals("inputOutput")
        && !WITH_LOCAL_VARIABLES.contains(element.getParentNode().getParentNode().getLocalName())) {
      out.accept(
          new Finding(
              file,
              SafeXml.idAround(element),
              "<%s> may stand only in a service task, a user task or a business rule task: its"
                      .formatted(element.getNodeName())
                  + " variables would hide those that were approved; a call passes values by"
                  + " <camunda:in>"));
    }
    if (!DRAWING.contains(namespace)) {
      for (int i = 0; i < element.getAttributes().getLength(); i++) {
        Attr attribute = (Attr) element.getAttributes().item(i);
        if (!isKnown(attribute)) {
          refuse(file, attribute, "attribute %s".formatted(attribute.getName()), out);
        }
      }
    }
    for (Node child = element.getFirstChild(); child != null; child = child.getNextSibling()) {
      if (child instanceof Element inner) {
        checkElement(file, inner, out);
      }
    }
  }

  private static boolean isKnown(Attr attribute) {
    String namespace = orEmpty(attribute.getNamespaceURI());
    return namespace.equals(XMLConstants.XMLNS_ATTRIBUTE_NS_URI)
        || namespace.equals(XMLConstants.W3C_XML_SCHEMA_INSTANCE_NS_URI)
        || namespace.equals(MODELER)
        || DRAWING.contains(namespace)
        || ATTRIBUTES.getOrDefault(namespace, Set.of()).contains(attribute.getLocalName())
            && (!namespace.equals(CAMUNDA) || isInPlace(attribute));
  }

  private static boolean isInPlace(Attr attribute) {
    Set<String> places = ONLY_ON.get(attribute.getLocalName());
    return places == null || places.contains(attribute.getOwnerElement().getLocalName());
  }

  private static void refuse(String file, Node node, String what, Consumer<Finding> out) {
    String id =
        SafeXml.idAround(node instanceof Attr attribute ? attribute.getOwnerElement() : node);
    String instead =
        INSTEAD.getOrDefault(node.getLocalName(), "remove it, or use an element that is known");
    out.accept(new Finding(file, id, "%s may not be used in a model: %s".formatted(what, instead)));
  }

  private static String orEmpty(String text) {
    return text == null ? "" : text;
  }
}
