package io.belay.benchmark;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Models for benchmarks: a runbook of one phase, in which the given nodes stand in a row. They pass
 * Belay's lint, and run on a bare engine too.
 */
final class RowOfNodes {

  private static final String DEFINITIONS =
      """
      <?xml version="1.0" encoding="UTF-8"?>
      <bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:di="http://www.omg.org/spec/DD/20100524/DI" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="Definitions" targetNamespace="http://belay.io/benchmark">
        <bpmn:process id="%1$s" name="Benchmark" isExecutable="true" camunda:historyTimeToLive="P30D"%2$s>
          <bpmn:documentation>Measured by a benchmark.</bpmn:documentation>
      %3$s  </bpmn:process>
        <bpmn:message id="Message_Abort" name="Abort" />
        <bpmn:error id="Error_Stop" name="Stop" errorCode="STOP" />
        <bpmndi:BPMNDiagram id="Diagram"><bpmndi:BPMNPlane id="Plane" bpmnElement="%1$s">
      %4$s  </bpmndi:BPMNPlane></bpmndi:BPMNDiagram>
      </bpmn:definitions>
      """;

  private static final String FORM =
      """
      {"type": "default", "id": "start-benchmark", "schemaVersion": 16, "components": [
        {"type": "textfield", "id": "F1", "key": "environment", "label": "Environment",
         "validate": {"required": true, "pattern": "^[a-z0-9][a-z0-9-]*$"},
         "properties": {"type": "environment"}}]}
      """;

  private static final String DECISION =
      """
      {"type": "default", "id": "decide", "schemaVersion": 16, "components": [
        {"type": "select", "id": "F0", "key": "decision", "label": "Decision",
         "validate": {"required": true},
         "values": [{"label": "Go", "value": "go"}, {"label": "No-go", "value": "no-go"}]},
        {"type": "textfield", "id": "F1", "key": "reason", "label": "Reason",
         "validate": {"required": true}}]}
      """;

  private static final String GRANTED = "Gateway_Granted";

  private final StringBuilder elements = new StringBuilder();
  private final StringBuilder shapes = new StringBuilder();
  private final List<String> row = new ArrayList<>();
  private int x = 160;

  private RowOfNodes() {}

  /** A long step, an external task. */
  static String step(String id, String topic) {
    return "<bpmn:serviceTask id=\"%s\" name=\"Do one thing\" camunda:type=\"external\" camunda:topic=\"%s\" />"
        .formatted(id, topic);
  }

  /** A wait. */
  static String timer(String id, String duration) {
    return "<bpmn:intermediateCatchEvent id=\"%1$s\" name=\"Time over\"><bpmn:timerEventDefinition id=\"%1$s_Timer\"><bpmn:timeDuration xsi:type=\"bpmn:tFormalExpression\">%2$s</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>"
        .formatted(id, duration);
  }

  /** A user task for approvers, the last of its row. */
  static String approval(String id) {
    return "<bpmn:userTask id=\"%s\" name=\"Decide how\" camunda:asyncBefore=\"true\" camunda:formRef=\"decide\" camunda:formRefBinding=\"deployment\" camunda:candidateGroups=\"approver\"><bpmn:documentation>Decide.</bpmn:documentation></bpmn:userTask>"
        .formatted(id);
  }

  /**
   * Writes the runbook {@code <name>} with its phase {@code <name>-phase} and forms.
   *
   * @param directory of all models
   */
  static void write(Path directory, String name, List<String> nodes) throws IOException {
    String phase = name + "-phase";
    text(
        directory.resolve("runbooks/%s.bpmn".formatted(name)),
        new RowOfNodes().runbook(name, phase));
    text(
        directory.resolve("phases/%s.bpmn".formatted(phase)), new RowOfNodes().phase(phase, nodes));
    text(directory.resolve("forms/start-benchmark.form"), FORM);
    text(directory.resolve("forms/decide.form"), DECISION);
  }

  /** Names and texts of all models below the directory, as Belay deploys them. */
  static List<Path> files(Path directory) throws IOException {
    try (var files = Files.walk(directory)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }

  private static void text(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text, StandardCharsets.UTF_8);
  }

  private String runbook(String name, String phase) {
    node(
        "Start_Run",
        "<bpmn:startEvent id=\"Start_Run\" name=\"Run wanted\" camunda:formRef=\"start-benchmark\" camunda:formRefBinding=\"deployment\" camunda:initiator=\"starter\" />",
        36);
    node(
        "Phase_Row",
        """
        <bpmn:callActivity id="Phase_Row" name="Row" camunda:asyncBefore="true" calledElement="%s" camunda:calledElementBinding="deployment">
          <bpmn:extensionElements><camunda:properties><camunda:property name="estimate" value="PT2S/PT10S" /></camunda:properties><camunda:in businessKey="#{execution.processBusinessKey}" /><camunda:in variables="all" /><camunda:out source="outcome" target="outcome" /><camunda:out source="reason" target="reason" /></bpmn:extensionElements>
        </bpmn:callActivity>"""
            .formatted(phase),
        100);
    node(
        "Gateway_Passed",
        "<bpmn:exclusiveGateway id=\"Gateway_Passed\" name=\"Passed?\" default=\"Flow_No\" />",
        50);
    node("End_Completed", "<bpmn:endEvent id=\"End_Completed\" name=\"Completed\" />", 36);
    elements.append("<bpmn:endEvent id=\"End_RolledBack\" name=\"Rolled back\" />\n");
    shape("End_RolledBack", x, 300, 36);
    flow("Flow_1", "Start_Run", "Phase_Row", "", "");
    flow("Flow_2", "Phase_Row", "Gateway_Passed", "", "");
    flow(
        "Flow_Yes",
        "Gateway_Passed",
        "End_Completed",
        " name=\"yes\"",
        "<bpmn:conditionExpression xsi:type=\"bpmn:tFormalExpression\">${outcome == 'passed'}</bpmn:conditionExpression>");
    flow("Flow_No", "Gateway_Passed", "End_RolledBack", " name=\"no\"", "");
    return DEFINITIONS.formatted(name, "", elements, shapes);
  }

  private String phase(String name, List<String> nodes) {
    node("Start", "<bpmn:startEvent id=\"Start\" name=\"Wanted\" />", 36);
    for (String node : nodes) {
      node(node.replaceFirst("(?s).*? id=\"([^\"]*)\".*", "$1"), node, 100);
    }
    boolean decides = nodes.stream().anyMatch(node -> node.startsWith("<bpmn:userTask"));
    if (decides) {
      node(
          GRANTED,
          "<bpmn:exclusiveGateway id=\"%s\" name=\"Granted?\" default=\"Flow_Refused\" />"
              .formatted(GRANTED),
          50);
      elements.append("<bpmn:endEvent id=\"End_Failed_Refused\" name=\"Refused\" />\n");
      shape("End_Failed_Refused", x, 200, 36);
      flow("Flow_Refused", GRANTED, "End_Failed_Refused", " name=\"no\"", "");
    }
    node("End_Passed", "<bpmn:endEvent id=\"End_Passed\" name=\"Passed\" />", 36);
    for (int i = 1; i < row.size(); i++) {
      boolean granted = row.get(i - 1).equals(GRANTED);
      flow(
          "Flow_" + i,
          row.get(i - 1),
          row.get(i),
          granted ? " name=\"yes\"" : "",
          granted
              ? "<bpmn:conditionExpression xsi:type=\"bpmn:tFormalExpression\">${decision == 'go'}</bpmn:conditionExpression>"
              : "");
    }
    interrupt(
        "Abort",
        "<bpmn:messageEventDefinition id=\"Abort_Message\" messageRef=\"Message_Abort\" />",
        "End_Aborted");
    interrupt(
        "Deadline",
        "<bpmn:timerEventDefinition id=\"Deadline_Timer\"><bpmn:timeDuration xsi:type=\"bpmn:tFormalExpression\">P1D</bpmn:timeDuration></bpmn:timerEventDefinition>",
        "End_TimedOut");
    interrupt(
        "Stop",
        "<bpmn:errorEventDefinition id=\"Stop_Error\" errorRef=\"Error_Stop\" />",
        "End_Failed");
    return DEFINITIONS.formatted(
        name, " camunda:isStartableInTasklist=\"false\"", elements, shapes);
  }

  private void node(String id, String element, int width) {
    elements.append(element).append('\n');
    shape(id, x, 100, width);
    row.add(id);
    x += width + 50;
  }

  private void interrupt(String on, String event, String end) {
    String sub = "On" + on;
    elements.append(
        """
        <bpmn:subProcess id="%1$s" name="%2$s" triggeredByEvent="true">
          <bpmn:startEvent id="Start_%1$s" name="%2$s wanted">%3$s</bpmn:startEvent>
          <bpmn:serviceTask id="Task_Await_%1$s" name="Await steps stopped" camunda:type="external" camunda:topic="awaitStepsStopped" />
          <bpmn:endEvent id="%4$s" name="Ended by %2$s" />
        """
            .formatted(sub, on, event, end));
    int left = 160 + 400 * List.of("Abort", "Deadline", "Stop").indexOf(on);
    shapes.append(
        "<bpmndi:BPMNShape id=\"%1$s_di\" bpmnElement=\"%1$s\" isExpanded=\"true\"><dc:Bounds x=\"%2$d\" y=\"300\" width=\"380\" height=\"140\" /></bpmndi:BPMNShape>\n"
            .formatted(sub, left));
    shape("Start_" + sub, left + 20, 350, 36);
    shape("Task_Await_" + sub, left + 120, 330, 100);
    shape(end, left + 300, 350, 36);
    flow("Flow_1_" + sub, "Start_" + sub, "Task_Await_" + sub, "", "");
    flow("Flow_2_" + sub, "Task_Await_" + sub, end, "", "");
    elements.append("</bpmn:subProcess>\n");
  }

  private void flow(String id, String from, String to, String name, String content) {
    elements.append(
        "<bpmn:sequenceFlow id=\"%s\"%s sourceRef=\"%s\" targetRef=\"%s\">%s</bpmn:sequenceFlow>\n"
            .formatted(id, name, from, to, content));
    shapes.append(
        "<bpmndi:BPMNEdge id=\"%1$s_di\" bpmnElement=\"%1$s\"><di:waypoint x=\"0\" y=\"0\" /><di:waypoint x=\"10\" y=\"0\" /></bpmndi:BPMNEdge>\n"
            .formatted(id));
  }

  private void shape(String id, int left, int top, int width) {
    shapes.append(
        "<bpmndi:BPMNShape id=\"%1$s_di\" bpmnElement=\"%1$s\"><dc:Bounds x=\"%2$d\" y=\"%3$d\" width=\"%4$d\" height=\"%5$d\" /></bpmndi:BPMNShape>\n"
            .formatted(id, left, top, width, width > 50 ? 80 : width));
  }
}
