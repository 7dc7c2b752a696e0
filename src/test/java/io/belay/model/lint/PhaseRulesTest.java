package io.belay.model.lint;

import static io.belay.model.lint.TestModels.APPROVAL;
import static io.belay.model.lint.TestModels.CHANGE;
import static io.belay.model.lint.TestModels.REMOVAL;
import static io.belay.model.lint.TestModels.UNDO_CHANGE;
import static io.belay.model.lint.TestModels.good;

import org.junit.jupiter.api.Test;

class PhaseRulesTest {

  @Test
  void endEventWithoutOutcome_isRefused() {
    good()
        .replace(CHANGE, "\"End_Failed_Gate\"", "\"End_Gate\"")
        .isRefused(CHANGE, "End_Gate", "says no outcome", "End_Passed, End_Failed");
    good()
        .replace(CHANGE, "\"End_Failed_Gate\"", "\"End_Undone\"")
        .isRefused(CHANGE, "End_Undone", "says no outcome");
    good()
        .replace(UNDO_CHANGE, "\"End_Undone\"", "\"End_Passed\"")
        .isRefused(UNDO_CHANGE, "End_Passed", "says no outcome", "[End_Undone]");
  }

  @Test
  void phaseThatNeverPasses_isRefused() {
    good()
        .replace(CHANGE, "\"End_Passed\"", "\"End_Failed_Too\"")
        .isRefused(CHANGE, "change", "never ends well", "End_Passed");
  }

  @Test
  void phaseThatCannotBeAborted_isRefused() {
    good()
        .replace(CHANGE, "name=\"Abort\" />\n  <bpmn:error", "name=\"Stop\" />\n  <bpmn:error")
        .isRefused(CHANGE, "change", "cannot be stopped by message 'Abort'", "End_Aborted");
    good()
        .replace(
            CHANGE,
            "<bpmn:startEvent id=\"Start_OnAbort\"",
            "<bpmn:startEvent isInterrupting=\"false\" id=\"Start_OnAbort\"")
        .isRefused(CHANGE, "change", "cannot be stopped by message 'Abort'");
  }

  @Test
  void phaseWithoutDeadline_isRefused() {
    String timer =
        good()
            .text(CHANGE)
            .replaceAll("(?s).*(<bpmn:timerEventDefinition.*</bpmn:timerEventDefinition>).*", "$1");
    good()
        .replace(CHANGE, timer, "<bpmn:errorEventDefinition id=\"Other\" errorRef=\"Error_Stop\"/>")
        .isRefused(CHANGE, "change", "cannot be stopped by its deadline");
  }

  @Test
  void phaseThatIgnoresABusinessStop_isRefused() {
    good()
        .replace(CHANGE, "errorCode=\"STOP\"", "errorCode=\"OTHER\"")
        .isRefused(CHANGE, "change", "cannot be stopped by error 'STOP'");
  }

  @Test
  void interruptionThatDoesNotWaitForRunningSteps_isRefused() {
    good()
        .replace(
            CHANGE,
            "sourceRef=\"Start_OnAbort\" targetRef=\"Task_Await_OnAbort\"",
            "sourceRef=\"Start_OnAbort\" targetRef=\"End_Aborted\"")
        .isRefused(CHANGE, "Start_OnAbort", "while a step may still work", "awaitStepsStopped");
    good()
        .replace(
            CHANGE,
            "id=\"Task_Await_OnDeadline\" name=\"Await steps stopped\" camunda:type=\"external\""
                + " camunda:topic=\"awaitStepsStopped\"",
            "id=\"Task_Await_OnDeadline\" name=\"Await steps stopped\" camunda:type=\"external\""
                + " camunda:topic=\"restoreThings\"")
        .isRefused(CHANGE, "Start_OnDeadline", "while a step may still work");
  }

  @Test
  void interruptionThatEndsInAnotherOutcome_isRefused() {
    good()
        .replace(CHANGE, "\"End_Aborted\"", "\"End_Passed_Anyway\"")
        .isRefused(CHANGE, "End_Passed_Anyway", "stopped by message 'Abort' ends in End_Aborted");
  }

  @Test
  void unmarkedIrreversibleStep_isRefused() {
    good()
        .replace(REMOVAL, "value=\"true\"", "value=\"false\"")
        .isRefused(REMOVAL, "Task_RemoveThings", "cannot be undone; mark it", "irreversible=true");
  }

  @Test
  void markOnAStepThatCanBeUndone_isRefused() {
    good()
        .replace(REMOVAL, "\"removeThings\"", "\"lookAtThings\"")
        .isRefused(REMOVAL, "Task_RemoveThings", "is marked irreversible, but");
  }

  @Test
  void undoThatCannotBeUndone_isRefused() {
    good()
        .replace(UNDO_CHANGE, "\"restoreThings\"", "\"removeThings\"")
        .isRefused(UNDO_CHANGE, "undo-change", "an undo does nothing that cannot be undone");
  }

  @Test
  void exclusiveGatewayThatAsksNothing_isRefused() {
    good()
        .replace(CHANGE, "name=\"Good?\"", "name=\"Good\"")
        .isRefused(CHANGE, "Gateway_Good", "a question that ends with '?'");
    good()
        .replace(CHANGE, " default=\"Flow_Good_No\"", "")
        .isRefused(CHANGE, "Gateway_Good", "has no default flow");
    good()
        .replace(CHANGE, " default=\"Flow_Good_No\"", "")
        .isRefused(CHANGE, "Flow_Good_No", "has no condition");
    good()
        .replace(CHANGE, "id=\"Flow_Good_No\" name=\"no\"", "id=\"Flow_Good_No\"")
        .isRefused(CHANGE, "Flow_Good_No", "an answer has no name");
    good()
        .replace(CHANGE, "default=\"Flow_Good_No\"", "default=\"Flow_Good_Yes\"")
        .isRefused(CHANGE, "Flow_Good_Yes", "the default flow has a condition");
  }

  @Test
  void gatewayThatJoinsAndSplits_isRefused() {
    String back = "sourceRef=\"Gateway_Good\" targetRef=\"End_Failed_Gate\"";
    good()
        .replace(CHANGE, back, "sourceRef=\"Gateway_Good\" targetRef=\"Gateway_Good\"")
        .isRefused(CHANGE, "Gateway_Good", "both joins and splits");
  }

  @Test
  void taskThatSplits_isRefused() {
    good()
        .replace(
            CHANGE,
            "sourceRef=\"Start\" targetRef=\"Task_ChangeThings\"",
            "sourceRef=\"Task_ChangeThings\" targetRef=\"Task_LookAtThings\"")
        .isRefused(CHANGE, "Task_ChangeThings", "several outgoing flows");
  }

  @Test
  void phaseThatTriesACalledPhaseAgain_isAccepted_unlessItPassesWithoutThat() {
    String again = "sourceRef=\"Gateway_Again\" targetRef=\"Phase_Inner\"";
    String retrying =
        """
        <bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
          xmlns:camunda="http://camunda.org/schema/1.0/bpmn" targetNamespace="x">
          <bpmn:process id="retrying" isExecutable="true">
          <bpmn:startEvent id="Start" />
          <bpmn:callActivity id="Phase_Inner" calledElement="change"><bpmn:extensionElements>
            <camunda:out source="outcome" target="innerOutcome" />
          </bpmn:extensionElements></bpmn:callActivity>
          <bpmn:exclusiveGateway id="Gateway_Inner" default="Flow_Inner_No" />
          <bpmn:exclusiveGateway id="Gateway_Again" default="Flow_Again_No" />
          <bpmn:endEvent id="End_Passed" /><bpmn:endEvent id="End_Failed" />
          <bpmn:sequenceFlow id="F1" sourceRef="Start" targetRef="Phase_Inner" />
          <bpmn:sequenceFlow id="F2" sourceRef="Phase_Inner" targetRef="Gateway_Inner" />
          <bpmn:sequenceFlow id="Flow_Inner_Yes" sourceRef="Gateway_Inner" targetRef="End_Passed">
            <bpmn:conditionExpression>${innerOutcome == 'passed'}</bpmn:conditionExpression>
          </bpmn:sequenceFlow>
          <bpmn:sequenceFlow id="Flow_Inner_No" sourceRef="Gateway_Inner" targetRef="Gateway_Again" />
          <bpmn:sequenceFlow id="Flow_Again_Yes" %s>
            <bpmn:conditionExpression>${again == true}</bpmn:conditionExpression>
          </bpmn:sequenceFlow>
          <bpmn:sequenceFlow id="Flow_Again_No" sourceRef="Gateway_Again" targetRef="End_Failed" />
          </bpmn:process></bpmn:definitions>
        """
            .formatted(again);
    String file = "phases/retrying.bpmn";
    good().with(file, retrying).isNotRefused(file, "Flow_Inner_No", "leads to a passed end");
    good()
        .with(file, retrying)
        .replace(file, again, again.replace("Phase_Inner", "End_Passed"))
        .isRefused(file, "Flow_Inner_No", "leads to a passed end");
  }

  @Test
  void conditionWithoutAQuestion_isRefused() {
    good()
        .replace(
            CHANGE,
            "targetRef=\"Task_ChangeThings\" />",
            "targetRef=\"Task_ChangeThings\"><bpmn:conditionExpression"
                + " xsi:type=\"bpmn:tFormalExpression\">${x == true}</bpmn:conditionExpression>"
                + "</bpmn:sequenceFlow>")
        .isRefused(CHANGE, "Start", "only splitting exclusive gateways ask");
  }

  @Test
  void nameThatSaysTooLittle_isRefused() {
    good()
        .replace(CHANGE, "name=\"Change things\"", "name=\"Change\"")
        .isRefused(CHANGE, "Task_ChangeThings", "named by verb and object");
    good()
        .replace(CHANGE, " name=\"Things changed\"", "")
        .isRefused(CHANGE, "End_Passed", "an event is named by the state");
    good().replace(CHANGE, " name=\"Deadline\"", "").isRefused(CHANGE, "OnDeadline", "has no name");
  }

  @Test
  void idThatDoesNotSayWhatItIs_isRefused() {
    good()
        .replace(CHANGE, "Task_LookAtThings", "Activity_1x2y")
        .isRefused(CHANGE, "Activity_1x2y", "begin it with Task_");
    good()
        .replace(CHANGE, "Gateway_Good", "Good")
        .isRefused(CHANGE, "Good", "begin it with Gateway_");
    good()
        .replace(CHANGE, "\"Decide_Gate\"", "\"Gate\"")
        .isRefused(CHANGE, "Gate", "begin it with Decide_ or Task_");
    good()
        .replace(TestModels.RUNBOOK, "\"Undone_Shift\"", "\"Throw_Shift\"")
        .isRefused(TestModels.RUNBOOK, "Throw_Shift", "begin it with Undone_");
    good()
        .replace(TestModels.RUNBOOK, "\"Undo_Change\"", "\"Phase_UndoChange\"")
        .isRefused(TestModels.RUNBOOK, "Phase_UndoChange", "begin it with Undo_");
    good()
        .replace(TestModels.RUNBOOK, "\"Phase_Shift\"", "\"Shift\"")
        .isRefused(TestModels.RUNBOOK, "Shift", "begin it with Phase_");
  }

  @Test
  void elementThatIsNotDrawn_isRefused() {
    String shape =
        good()
            .text(APPROVAL)
            .replaceAll("(?s).*(<bpmndi:BPMNShape id=\"Task_Approve_di\".*?BPMNShape>).*", "$1");
    good()
        .replace(APPROVAL, shape, "")
        .isRefused(APPROVAL, "Task_Approve", "is not in the diagram");
    good()
        .replace(APPROVAL, shape, shape + shape.replace("Task_Approve_di", "Again_di"))
        .isRefused(APPROVAL, "Task_Approve", "is drawn twice");
    good()
        .replace(APPROVAL, shape, shape.replace("width=\"100\"", "width=\"0\""))
        .isRefused(APPROVAL, "Task_Approve", "its shape has no size");
    String edge =
        good()
            .text(APPROVAL)
            .replaceAll(
                "(?s).*(<bpmndi:BPMNEdge id=\"Flow_Start_Task_Approve_di\".*?BPMNEdge>).*", "$1");
    good()
        .replace(APPROVAL, edge, "")
        .isRefused(APPROVAL, "Flow_Start_Task_Approve", "is not in the diagram");
  }

  @Test
  void shapesThatOverlap_areRefused() {
    good()
        .replace(APPROVAL, "x=\"420\" y=\"120\"", "x=\"290\" y=\"120\"")
        .isRefused(APPROVAL, "End_Passed", "overlaps Task_Approve");
  }
}
