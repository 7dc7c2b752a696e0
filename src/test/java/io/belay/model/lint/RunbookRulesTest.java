package io.belay.model.lint;

import static io.belay.model.lint.TestModels.APPROVAL;
import static io.belay.model.lint.TestModels.CHANGE;
import static io.belay.model.lint.TestModels.FORM;
import static io.belay.model.lint.TestModels.REMOVAL;
import static io.belay.model.lint.TestModels.RUNBOOK;
import static io.belay.model.lint.TestModels.good;

import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RunbookRulesTest {

  private static TestModels lead(String source, String from, String to) {
    String flow = "sourceRef=\"%s\" targetRef=\"%s\"";
    return good().replace(RUNBOOK, flow.formatted(source, from), flow.formatted(source, to));
  }

  private static TestModels instead(String element, String id, String replacement) {
    String old =
        good()
            .text(RUNBOOK)
            .replaceAll(
                "(?s).*?(<bpmn:%1$s id=\"%2$s\".*?</bpmn:%1$s>).*".formatted(element, id), "$1");
    return good().replace(RUNBOOK, old, replacement);
  }

  @Test
  void waitOutsideOfAPhase_isRefused() {
    instead(
            "serviceTask",
            "Task_TellPeople",
            "<bpmn:userTask id=\"Task_TellPeople\" name=\"Tell people\" camunda:formRef=\"finish\""
                + " camunda:formRefBinding=\"deployment\" camunda:candidateGroups=\"operator\">"
                + "<bpmn:documentation>Tell them.</bpmn:documentation></bpmn:userTask>")
        .isRefused(RUNBOOK, "Task_TellPeople", "waits outside of a phase");
    good()
        .replace(
            RUNBOOK,
            "camunda:asyncBefore=\"true\" camunda:delegateExpression=\"${lookAtThings}\"",
            "camunda:type=\"external\" camunda:topic=\"lookAtThings\"")
        .isRefused(RUNBOOK, "Task_TellPeople", "waits outside of a phase");
  }

  @Test
  void waitPastThePointOfNoReturn_isAccepted() {
    String end = "<bpmn:endEvent id=\"End_Completed_Kept\" name=\"Old things kept\" />";
    String task =
        "<bpmn:userTask id=\"Task_Finish\" name=\"Finish by hand\" camunda:formRef=\"finish\""
            + " camunda:formRefBinding=\"deployment\" camunda:candidateGroups=\"operator\">"
            + "<bpmn:documentation>Finish it.</bpmn:documentation></bpmn:userTask>"
            + "<bpmn:sequenceFlow id=\"Flow_Finish\" sourceRef=\"Task_Finish\""
            + " targetRef=\"End_Completed_Kept\" />";
    lead("Gateway_Removed", "End_Completed_Kept", "Task_Finish")
        .replace(RUNBOOK, end, task + end)
        .replace(
            RUNBOOK,
            "<bpmndi:BPMNShape id=\"End_Completed_Kept_di\"",
            "<bpmndi:BPMNShape id=\"Finish_di\" bpmnElement=\"Task_Finish\"><dc:Bounds x=\"1100\""
                + " y=\"250\" width=\"100\" height=\"80\" /></bpmndi:BPMNShape><bpmndi:BPMNEdge"
                + " id=\"Finish_Edge\" bpmnElement=\"Flow_Finish\"><di:waypoint x=\"1200\""
                + " y=\"290\" /><di:waypoint x=\"1268\" y=\"236\" /></bpmndi:BPMNEdge>"
                + "<bpmndi:BPMNShape id=\"End_Completed_Kept_di\"")
        .isAccepted();
  }

  @Test
  void changeOutsideOfAPhase_isRefused() {
    good()
        .replace(RUNBOOK, "${lookAtThings}", "${changeThings}")
        .isRefused(RUNBOOK, "Task_TellPeople", "changes something outside of a phase");
  }

  @Test
  void parallelPhases_areRefused() {
    good()
        .replace(
            RUNBOOK,
            "<bpmn:endEvent id=\"End_Completed\"",
            "<bpmn:parallelGateway id=\"Gateway_Both\" /><bpmn:endEvent id=\"End_Completed\"")
        .isRefused(RUNBOOK, "Gateway_Both", "one line of phases");
  }

  @Test
  void phaseThatRunsAgain_isRefused() {
    lead("Gateway_Shifted", "Phase_Approval", "Phase_Change")
        .isRefused(RUNBOOK, "Phase_Change", "loses its first undo");
  }

  @Test
  void phaseWithoutTheRunsName_isRefused() {
    good()
        .replace(RUNBOOK, "<camunda:in businessKey=\"#{execution.processBusinessKey}\" />", "")
        .isRefused(RUNBOOK, "Phase_Shift", "does not pass the run's name on");
  }

  @Test
  void runbookWithoutStartForm_isRefused() {
    good()
        .replace(RUNBOOK, " camunda:formRef=\"start-two-rails\"", "")
        .isRefused(RUNBOOK, "Start", "has no form");
    good()
        .without("forms/start-two-rails.form")
        .isRefused(RUNBOOK, "Start", "'start-two-rails' is not in the set");
  }

  @Test
  void runbookWithNoOrTwoPlainStarts_isRefused() {
    String start = "<bpmn:startEvent id=\"Start\"";
    good()
        .replace(
            RUNBOOK,
            start,
            "<bpmn:startEvent id=\"Start_Again\" name=\"Run wanted again\" />" + start)
        .isRefused(RUNBOOK, "two-rails", "has 2 plain start events; it needs one");
    good()
        .replace(
            RUNBOOK,
            "camunda:formRef=\"start-two-rails\" camunda:formRefBinding=\"deployment\" />",
            "><bpmn:timerEventDefinition id=\"Every\" /></bpmn:startEvent>")
        .isRefused(RUNBOOK, "two-rails", "has 0 plain start events; it needs one");
  }

  @Test
  void runbookWithoutPhases_isRefused() {
    good()
        .with(
            "runbooks/empty.bpmn",
            """
            <bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
              targetNamespace="x"><bpmn:process id="empty" isExecutable="true">
              <bpmn:startEvent id="Start" /></bpmn:process></bpmn:definitions>
            """)
        .isRefused("runbooks/empty.bpmn", "empty", "has no phase; a runbook calls phases");
  }

  @Test
  void secondUndoOfAPhase_isRefused() {
    String undo = "<bpmn:boundaryEvent id=\"Boundary_Change\"";
    good()
        .replace(
            RUNBOOK,
            undo,
            "<bpmn:boundaryEvent id=\"Boundary_Again\" attachedToRef=\"Phase_Change\">"
                + "<bpmn:compensateEventDefinition id=\"Again\" /></bpmn:boundaryEvent>"
                + undo)
        .isRefused(RUNBOOK, "Phase_Change", "a phase has one undo");
  }

  @Test
  void unknownEndOfARun_isRefused() {
    good()
        .replace(RUNBOOK, "End_Completed_Kept", "End_Kept")
        .isRefused(RUNBOOK, "End_Kept", "ends in End_Completed or in End_RolledBack");
    good()
        .replace(RUNBOOK, "End_RolledBack", "End_Completed_Back")
        .isRefused(RUNBOOK, "two-rails", "has no end event End_RolledBack");
  }

  @Test
  void phaseWhoseOutcomeNobodyAsks_isRefused() {
    lead("Phase_Change", "Gateway_Changed", "Phase_Shift")
        .isRefused(RUNBOOK, "Phase_Change", "nobody asks whether the phase passed");
  }

  @Test
  void gateThatPassesOnSomethingElse_isRefused() {
    good()
        .replace(RUNBOOK, "${shiftOutcome == 'passed'}", "${shiftOutcome != 'failed'}")
        .isRefused(RUNBOOK, "Flow_Shifted_Yes", "only on 'passed'");
    good()
        .replace(RUNBOOK, "${shiftOutcome == 'passed'}", "${changeOutcome == 'passed'}")
        .isRefused(RUNBOOK, "Flow_Shifted_Yes", "asks 'changeOutcome', but", "[shiftOutcome]");
  }

  @Test
  void gateWithAThirdAnswer_isRefused() {
    good()
        .replace(
            RUNBOOK,
            "<bpmn:sequenceFlow id=\"Flow_Shifted_Yes\"",
            "<bpmn:sequenceFlow id=\"Flow_Third\" name=\"perhaps\" sourceRef=\"Gateway_Shifted\""
                + " targetRef=\"End_Completed\"><bpmn:conditionExpression"
                + " xsi:type=\"bpmn:tFormalExpression\">${x == true}</bpmn:conditionExpression>"
                + "</bpmn:sequenceFlow><bpmn:sequenceFlow id=\"Flow_Shifted_Yes\"")
        .isRefused(RUNBOOK, "Gateway_Shifted", "two answers");
  }

  @Test
  void changeWithoutUndo_isRefused() {
    instead("boundaryEvent", "Boundary_Shift", "")
        .replace(
            RUNBOOK,
            "<bpmn:association id=\"Association_Shift\" associationDirection=\"One\""
                + " sourceRef=\"Boundary_Shift\" targetRef=\"Undo_Shift\" />",
            "")
        .isRefused(RUNBOOK, "Phase_Shift", "changes something but has no undo");
  }

  @Test
  void boundaryEventWithoutHandler_isRefused() {
    good()
        .replace(
            RUNBOOK,
            "sourceRef=\"Boundary_Shift\" targetRef=\"Undo_Shift\"",
            "sourceRef=\"Boundary_Change\" targetRef=\"Undo_Shift\"")
        .isRefused(RUNBOOK, "Phase_Shift", "changes something but has no undo");
    good()
        .replace(RUNBOOK, "name=\"Undo shift\" isForCompensation=\"true\"", "name=\"Undo shift\"")
        .isRefused(RUNBOOK, "Phase_Shift", "changes something but has no undo");
  }

  @Test
  void temporaryMarkOnAStepThatOnlyLooks_isRefused() {
    good()
        .replace(
            RUNBOOK,
            "camunda:delegateExpression=\"${lookAtThings}\">\n      <bpmn:extensionElements>",
            "camunda:delegateExpression=\"${lookAtThings}\">\n      <bpmn:extensionElements>"
                + "<camunda:properties><camunda:property name=\"temporary\" value=\"true\" />"
                + "</camunda:properties>")
        .isRefused(RUNBOOK, "Task_TellPeople", "is marked temporary, but its step changes nothing");
  }

  @Test
  void changeDeepInsideAPhase_needsAnUndoToo() {
    good()
        .replace(
            APPROVAL,
            "<bpmn:userTask id=\"Task_Approve\"",
            "<bpmn:callActivity id=\"Phase_Deep\" name=\"Deep\" camunda:asyncBefore=\"true\""
                + " calledElement=\"shift\" camunda:calledElementBinding=\"deployment\" />"
                + "<bpmn:userTask id=\"Task_Approve\"")
        .isRefused(RUNBOOK, "Phase_Approval", "changes something but has no undo");
  }

  @Test
  void undoThatIsNeverThrown_isRefused() {
    good()
        .replace(RUNBOOK, "activityRef=\"Phase_Shift\"", "activityRef=\"Phase_Change\"")
        .isRefused(RUNBOOK, "Phase_Shift", "its undo is never thrown", "'Phase_Shift'");
    good()
        .replace(RUNBOOK, "activityRef=\"Phase_Shift\"", "activityRef=\"Phase_Change\"")
        .isRefused(RUNBOOK, "Undone_Change", "throws at 'Phase_Change', and so does Undone_Shift");
  }

  @Test
  void untargetedThrow_isRefused() {
    good()
        .replace(RUNBOOK, " activityRef=\"Phase_Shift\"", "")
        .isRefused(RUNBOOK, "Undone_Shift", "starts all undos at once", "activityRef");
  }

  @Test
  void throwAtAPhaseWithoutUndo_isRefused() {
    good()
        .replace(RUNBOOK, "activityRef=\"Phase_Shift\"", "activityRef=\"Phase_Approval\"")
        .isRefused(RUNBOOK, "Undone_Shift", "throws at 'Phase_Approval', which has no undo");
  }

  @Test
  void noThatLeadsPastItsOwnUndo_isRefused() {
    lead("Gateway_Shifted", "Undone_Shift", "Undone_Change")
        .isRefused(RUNBOOK, "Gateway_Shifted", "past the undo of Phase_Shift");
  }

  @Test
  void noOfAPhaseWithoutUndo_leadsToTheNearestUndoBeforeIt() {
    lead("Gateway_Approved", "Undone_Shift", "Undone_Change")
        .isRefused(RUNBOOK, "Gateway_Approved", "past the undo of the earlier Phase_Shift");
  }

  @Test
  void noThatLeadsToALaterUndo_isRefused() {
    lead("Gateway_Changed", "Undone_Change", "Undone_Shift")
        .isRefused(RUNBOOK, "Gateway_Changed", "undo of Phase_Shift, which comes later");
  }

  @Test
  void brokenChainOfThrows_isRefused() {
    lead("Undone_Shift", "Undone_Change", "Task_TellPeople")
        .isRefused(RUNBOOK, "Gateway_Shifted", "past the undo of the earlier Phase_Change");
  }

  @Test
  void undosInTheOrderOfThePhases_areRefused() {
    good()
        .replace(RUNBOOK, "activityRef=\"Phase_Shift\"", "activityRef=\"Swap\"")
        .replace(RUNBOOK, "activityRef=\"Phase_Change\"", "activityRef=\"Phase_Shift\"")
        .replace(RUNBOOK, "activityRef=\"Swap\"", "activityRef=\"Phase_Change\"")
        .isRefused(RUNBOOK, "Gateway_Shifted", "undoes Phase_Change before the later Phase_Shift");
  }

  @Test
  void noThatDoesNotEndInRolledBack_isRefused() {
    lead("Undone_Change", "Task_TellPeople", "End_Completed")
        .isRefused(RUNBOOK, "Gateway_Shifted", "leads to End_Completed; let it lead to");
    lead("Undone_Change", "Task_TellPeople", "Gateway_Approved")
        .isRefused(RUNBOOK, "Gateway_Shifted", "the way down has only throws");
    lead("Undone_Change", "Task_TellPeople", "Phase_Approval")
        .isRefused(RUNBOOK, "Gateway_Shifted", "leads to Phase_Approval; the way down has only");
  }

  @Test
  void yesThatLeadsDown_isRefused() {
    lead("Gateway_Shifted", "Phase_Approval", "Undone_Shift")
        .isRefused(RUNBOOK, "Gateway_Shifted", "its yes leads to the bottom rail");
  }

  @Test
  void wayDownPastThePointOfNoReturn_isRefused() {
    lead("Gateway_Removed", "End_Completed_Kept", "Undone_Shift")
        .isRefused(RUNBOOK, "Phase_Removal", "yet a way leads from it to the bottom rail");
    lead("Gateway_Removed", "End_Completed_Kept", "End_RolledBack")
        .isRefused(RUNBOOK, "Phase_Removal", "yet a way leads from it to the bottom rail");
  }

  @Test
  void irreversibleStepWithoutApproval_isRefused() {
    good()
        .replace(APPROVAL, "candidateGroups=\"approver\"", "candidateGroups=\"operator\"")
        .isRefused(RUNBOOK, "Phase_Removal", "without an approval of its own");
  }

  @Test
  void approvalBeforeAnotherChange_doesNotCount() {
    good()
        .replace(RUNBOOK, "calledElement=\"change\"", "calledElement=\"swap\"")
        .replace(RUNBOOK, "calledElement=\"approval\"", "calledElement=\"change\"")
        .replace(RUNBOOK, "calledElement=\"swap\"", "calledElement=\"approval\"")
        .isRefused(RUNBOOK, "Phase_Removal", "without an approval of its own");
  }

  @Test
  void approvalInThePhaseItself_counts() {
    String task =
        good().text(APPROVAL).replaceAll("(?s).*(<bpmn:userTask .*</bpmn:userTask>).*", "$1");
    TestModels unapproved =
        good()
            .replace(APPROVAL, "candidateGroups=\"approver\"", "candidateGroups=\"operator\"")
            .replace(APPROVAL, "camunda:formRef=\"approve\"", "camunda:formRef=\"finish\"")
            .replace(APPROVAL, "decision == 'go'", "done == 'yes'");
    TestModels inside =
        unapproved
            .replace(
                REMOVAL,
                "<bpmn:sequenceFlow id=\"Flow_Start_Task_RemoveThings\" sourceRef=\"Start\""
                    + " targetRef=\"Task_RemoveThings\" />",
                task
                    + "<bpmn:sequenceFlow id=\"Flow_Ask\" sourceRef=\"Start\""
                    + " targetRef=\"Task_Approve\" /><bpmn:exclusiveGateway id=\"Gateway_Go\""
                    + " name=\"Go?\" default=\"Flow_No\" /><bpmn:endEvent id=\"End_Failed_No\""
                    + " name=\"Kept\" /><bpmn:sequenceFlow id=\"Flow_Asked\""
                    + " sourceRef=\"Task_Approve\" targetRef=\"Gateway_Go\" /><bpmn:sequenceFlow"
                    + " id=\"Flow_No\" name=\"no\" sourceRef=\"Gateway_Go\""
                    + " targetRef=\"End_Failed_No\" /><bpmn:sequenceFlow id=\"Flow_Yes\""
                    + " name=\"yes\" sourceRef=\"Gateway_Go\" targetRef=\"Task_RemoveThings\">"
                    + "<bpmn:conditionExpression xsi:type=\"bpmn:tFormalExpression\">"
                    + "${decision == 'go'}</bpmn:conditionExpression></bpmn:sequenceFlow>")
            .replace(
                REMOVAL,
                "<bpmndi:BPMNEdge id=\"Flow_Start_Task_RemoveThings_di\""
                    + " bpmnElement=\"Flow_Start_Task_RemoveThings\">",
                Stream.of("Flow_Asked", "Flow_No")
                        .map(
                            flow ->
                                ("<bpmndi:BPMNEdge id=\"%1$s_di\" bpmnElement=\"%1$s\">"
                                        + "<di:waypoint x=\"1\" y=\"1\" /><di:waypoint x=\"2\""
                                        + " y=\"2\" /></bpmndi:BPMNEdge>")
                                    .formatted(flow))
                        .collect(Collectors.joining())
                    + Stream.of("Gateway_Go", "End_Failed_No")
                        .map(
                            node ->
                                ("<bpmndi:BPMNShape id=\"%1$s_di\" bpmnElement=\"%1$s\">"
                                        + "<dc:Bounds x=\"%2$s\" y=\"300\" width=\"36\""
                                        + " height=\"36\" /></bpmndi:BPMNShape>")
                                    .formatted(node, node.startsWith("End") ? 500 : 400))
                        .collect(Collectors.joining())
                    + "<bpmndi:BPMNEdge id=\"Flow_Yes_di\" bpmnElement=\"Flow_Yes\">")
            .replace(
                REMOVAL,
                "<bpmndi:BPMNShape id=\"Start_di\"",
                "<bpmndi:BPMNShape id=\"Approve_di\" bpmnElement=\"Task_Approve\"><dc:Bounds"
                    + " x=\"200\" y=\"300\" width=\"100\" height=\"80\" /></bpmndi:BPMNShape>"
                    + "<bpmndi:BPMNEdge id=\"Ask_di\" bpmnElement=\"Flow_Ask\"><di:waypoint"
                    + " x=\"1\" y=\"1\" /><di:waypoint x=\"2\" y=\"2\" /></bpmndi:BPMNEdge>"
                    + "<bpmndi:BPMNShape id=\"Start_di\"");
    inside.isAccepted();
    // An approval that expires is none.
    inside
        .replace(
            REMOVAL,
            "<bpmn:sequenceFlow id=\"Flow_Ask\"",
            "<bpmn:boundaryEvent id=\"Timer_Late\" name=\"Too late\" attachedToRef=\"Task_Approve\">"
                + "<bpmn:timerEventDefinition id=\"Late\"><bpmn:timeDuration"
                + " xsi:type=\"bpmn:tFormalExpression\">PT1H</bpmn:timeDuration>"
                + "</bpmn:timerEventDefinition></bpmn:boundaryEvent><bpmn:sequenceFlow"
                + " id=\"Flow_Late\" sourceRef=\"Timer_Late\" targetRef=\"Task_RemoveThings\" />"
                + "<bpmn:sequenceFlow id=\"Flow_Ask\"")
        .isRefused(RUNBOOK, "Phase_Removal", "without an approval of its own");
  }

  @Test
  void undoOfSomethingThatCannotBeUndone_isRefused() {
    good()
        .replace(
            "phases/shift.bpmn",
            "camunda:asyncBefore=\"true\" camunda:delegateExpression=\"${changeThings}\"",
            "camunda:type=\"external\" camunda:topic=\"removeThings\"")
        .isRefused(RUNBOOK, "Phase_Shift", "cannot be undone, and so has no undo");
  }

  @Test
  void phaseThatMixesChangesWithTheIrreversible_isRefused() {
    good()
        .replace(
            REMOVAL,
            "<bpmn:endEvent id=\"End_Passed\"",
            "<bpmn:serviceTask id=\"Task_More\" name=\"Change more\" camunda:type=\"external\""
                + " camunda:topic=\"restoreThings\" /><bpmn:endEvent id=\"End_Passed\"")
        .isRefused(RUNBOOK, "Phase_Removal", "mixes steps that can be undone");
  }

  @Test
  void flowsThatOnlyTheDrawingToolBelieves_doNotCount() {
    good()
        .replace(
            RUNBOOK,
            "<bpmn:exclusiveGateway id=\"Gateway_Shifted\" name=\"Shifted?\""
                + " default=\"Flow_Shifted_No\" />",
            "<bpmn:exclusiveGateway id=\"Gateway_Shifted\" name=\"Shifted?\""
                + " default=\"Flow_Shifted_No\"><bpmn:outgoing>Flow_Shifted_Yes</bpmn:outgoing>"
                + "<bpmn:outgoing>Flow_Shifted_No</bpmn:outgoing></bpmn:exclusiveGateway>")
        .replace(
            RUNBOOK,
            "sourceRef=\"Gateway_Shifted\" targetRef=\"Undone_Shift\"",
            "sourceRef=\"Gateway_Approved\" targetRef=\"Undone_Shift\"")
        .isRefused(RUNBOOK, "Phase_Shift", "nobody asks whether the phase passed");
  }

  @Test
  void parameterThatIsWrittenAgain_isRefused() {
    good()
        .replace(RUNBOOK, "target=\"changeOutcome\"", "target=\"errors\"")
        .isRefused(RUNBOOK, "Phase_Change", "writes [errors]", "written once");
    good()
        .replace(CHANGE, "outputParameter name=\"changed\"", "outputParameter name=\"things\"")
        .isRefused(CHANGE, "Task_ChangeThings", "writes [things]", "written once");
    good()
        .replace(
            FORM,
            "\"components\": [",
            "\"components\": [{\"type\": \"textfield\", \"key\": \"wait\"},")
        .isRefused(APPROVAL, "Task_Approve", "asks for [wait]", "written once");
  }

  @Test
  void copyUnderAnotherName_isNotToBeWrittenEither() {
    good()
        .replace(
            RUNBOOK,
            "<camunda:in variables=\"all\" />",
            "<camunda:in variables=\"all\" /><camunda:in source=\"errors\" target=\"changed\" />")
        .isRefused(CHANGE, "Task_ChangeThings", "writes [changed]");
  }

  @Test
  void approvalInAPhaseThatAPhaseCalls_isOne() {
    String task = "<bpmn:userTask id=\"Task_Approve\".*?</bpmn:userTask>";
    TestModels good = good();
    String called = good.text(APPROVAL).replace("\"approval\"", "\"asking\"");
    good.with(
            APPROVAL,
            good.text(APPROVAL)
                .replaceAll(
                    "(?s)" + task,
                    "<bpmn:callActivity id=\"Task_Approve\" name=\"Ask\" calledElement=\"asking\""
                        + " camunda:calledElementBinding=\"deployment\" />"))
        .with("phases/asking.bpmn", called)
        .isNotRefused(RUNBOOK, "Phase_Removal", "without an approval of its own");
  }
}
