package io.belay.model.lint;

import static io.belay.model.lint.TestModels.APPROVAL;
import static io.belay.model.lint.TestModels.CHANGE;
import static io.belay.model.lint.TestModels.RUNBOOK;
import static io.belay.model.lint.TestModels.good;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KnownPartsTest {

  private static final String LOOK = "camunda:type=\"external\" camunda:topic=\"lookAtThings\"";
  private static final String STEP =
      "camunda:asyncBefore=\"true\" camunda:delegateExpression=\"${changeThings}\"";

  private static TestModels insideLook(String xml) {
    return good()
        .replace(
            CHANGE,
            LOOK + ">\n      <bpmn:extensionElements>",
            LOOK + ">\n      <bpmn:extensionElements>" + xml);
  }

  @ParameterizedTest
  @CsvSource({
    "scriptTask,scripts are refused",
    "manualTask,remove it",
    "task,remove it",
    "sendTask,remove it",
    "receiveTask,remove it",
    "inclusiveGateway,remove it",
    "eventBasedGateway,remove it",
    "complexGateway,remove it",
    "transaction,remove it",
    "adHocSubProcess,remove it"
  })
  void unknownElement_isRefused(String element, String words) {
    good()
        .replace(
            CHANGE,
            "<bpmn:endEvent id=\"End_Passed\"",
            "<bpmn:%s id=\"Odd\" /><bpmn:endEvent id=\"End_Passed\"".formatted(element))
        .isRefused(CHANGE, "Odd", "<bpmn:" + element + "> may not be used", words);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "<camunda:executionListener event=\"start\" class=\"x.Y\" />|listeners are refused",
        "<camunda:connector />|names no code",
        "<camunda:field name=\"a\" stringValue=\"b\" />|names no code",
        "<camunda:script scriptFormat=\"groovy\">1</camunda:script>|scripts are refused",
        "<other:thing xmlns:other=\"http://zeebe.io/schema\" />|remove it"
      })
  void unknownExtension_isRefused(String xml, String words) {
    insideLook(xml).isRefused(CHANGE, "Task_LookAtThings", "may not be used", words);
  }

  @Test
  void taskListener_isRefused() {
    good()
        .replace(
            APPROVAL,
            "</bpmn:documentation>",
            "</bpmn:documentation><bpmn:extensionElements><camunda:taskListener event=\"create\""
                + " class=\"x.Y\" /></bpmn:extensionElements>")
        .isRefused(APPROVAL, "Task_Approve", "listeners are refused");
  }

  @Test
  void scriptAsInput_isRefused() {
    good()
        .replace(
            CHANGE,
            "<camunda:inputParameter name=\"weight\">10<",
            "<camunda:inputParameter name=\"weight\"><camunda:script"
                + " scriptFormat=\"javascript\">10</camunda:script><")
        .isRefused(CHANGE, "Task_ChangeThings", "<camunda:script>", "scripts are refused");
  }

  @Test
  void scriptAsCondition_isRefused() {
    good()
        .replace(
            CHANGE,
            "<bpmn:conditionExpression xsi:type=\"bpmn:tFormalExpression\">",
            "<bpmn:conditionExpression xsi:type=\"bpmn:tFormalExpression\" language=\"groovy\">")
        .isRefused(CHANGE, "Flow_Good_Yes", "attribute language", "scripts are refused");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "camunda:class=\"java.lang.Runtime\"",
        "camunda:expression=\"${x.y()}\"",
        "camunda:resultVariable=\"x\"",
        "xmlns:activiti=\"http://activiti.org/bpmn\" activiti:class=\"java.lang.Runtime\""
      })
  void attributeThatNamesCode_isRefused(String attribute) {
    String name = attribute.replaceAll("^xmlns:\\S+ ", "").replaceAll("=.*", "");
    good()
        .replace(CHANGE, LOOK, LOOK + " " + attribute)
        .isRefused(CHANGE, "Task_LookAtThings", "attribute " + name + " may not be used");
  }

  @Test
  void stepOutsideOfAServiceTask_isRefused() {
    good()
        .replace(
            CHANGE,
            "camunda:decisionRef=\"things-gate\"",
            "camunda:decisionRef=\"things-gate\" camunda:delegateExpression=\"${x.y()}\"")
        .isRefused(CHANGE, "Decide_Gate", "attribute camunda:delegateExpression may not be used");
  }

  @Test
  void multiInstance_isRefusedInFavourOfALoop() {
    good()
        .replace(
            APPROVAL,
            "</bpmn:userTask>",
            "<bpmn:multiInstanceLoopCharacteristics id=\"Many\" /></bpmn:userTask>")
        .isRefused(APPROVAL, "Many", "a loop is a gateway with a flow back");
  }

  @Test
  void unknownStep_isRefused() {
    good()
        .replace(CHANGE, "${changeThings}", "${burnThings}")
        .isRefused(CHANGE, "Task_ChangeThings", "no step 'burnThings'");
    good()
        .replace(CHANGE, "\"lookAtThings\"", "\"lookAway\"")
        .isRefused(CHANGE, "Task_LookAtThings", "no step 'lookAway'");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"${changeThings.perform()}", "#{changeThings}", "changeThings", "${a}${b}"})
  void delegateExpressionThatIsMoreThanAName_isRefused(String expression) {
    good()
        .replace(CHANGE, "\"${changeThings}\"", "\"" + expression + "\"")
        .isRefused(CHANGE, "Task_ChangeThings", "write \"${step}\" and nothing else");
  }

  @Test
  void localVariablesOfACall_areRefused() {
    good()
        .replace(
            RUNBOOK,
            "<camunda:out source=\"outcome\" target=\"changeOutcome\" />",
            "<camunda:out source=\"outcome\" target=\"changeOutcome\" /><camunda:inputOutput>"
                + "<camunda:inputParameter name=\"timeout\">1h</camunda:inputParameter>"
                + "</camunda:inputOutput>")
        .isRefused(RUNBOOK, "Phase_Change", "only in a service task");
  }

  @Test
  void serviceTaskWithoutOrWithTwoWaysToItsStep_isRefused() {
    good()
        .replace(CHANGE, STEP, "")
        .isRefused(CHANGE, "Task_ChangeThings", "either by delegateExpression");
    good()
        .replace(CHANGE, STEP, STEP + " " + LOOK)
        .isRefused(CHANGE, "Task_ChangeThings", "either by delegateExpression");
    good()
        .replace(CHANGE, LOOK, "camunda:type=\"mail\"")
        .isRefused(CHANGE, "Task_LookAtThings", "type 'mail' is refused");
    good()
        .replace(CHANGE, LOOK, "camunda:type=\"external\"")
        .isRefused(CHANGE, "Task_LookAtThings", "needs the topic");
  }

  @Test
  void eventsThatThrowOut_areRefused() {
    good()
        .replace(
            CHANGE,
            "<bpmn:endEvent id=\"End_Failed\" name=\"Phase stopped\" />",
            "<bpmn:endEvent id=\"End_Failed\" name=\"Phase stopped\"><bpmn:errorEventDefinition"
                + " id=\"Out\" errorRef=\"Error_Stop\" /></bpmn:endEvent>")
        .isRefused(CHANGE, "End_Failed", "a endEvent here is plain, but this one is [error]");
  }

  @Test
  void boundaryEventThatInterruptsAPhase_isRefused() {
    good()
        .replace(
            RUNBOOK,
            "<bpmn:compensateEventDefinition id=\"Boundary_Change_Event\" />",
            "<bpmn:timerEventDefinition id=\"Boundary_Change_Event\"><bpmn:timeDuration"
                + " xsi:type=\"bpmn:tFormalExpression\">PT1H</bpmn:timeDuration>"
                + "</bpmn:timerEventDefinition>")
        .isRefused(RUNBOOK, "Boundary_Change", "one of [compensate], but this one is [timer]");
  }

  @Test
  void missingAsyncFlag_isRefused() {
    good()
        .replace(CHANGE, STEP, STEP.replace("camunda:asyncBefore=\"true\"", ""))
        .isRefused(CHANGE, "Task_ChangeThings", "has no asyncBefore");
    good()
        .replace(CHANGE, "camunda:asyncBefore=\"true\" camunda:decisionRef", "camunda:decisionRef")
        .isRefused(CHANGE, "Decide_Gate", "has no asyncBefore");
    good()
        .replace(RUNBOOK, "name=\"Shift\" camunda:asyncBefore=\"true\"", "name=\"Shift\"")
        .isRefused(RUNBOOK, "Phase_Shift", "has no asyncBefore");
    good()
        .replace(
            RUNBOOK, "name=\"Shift undone\" camunda:asyncBefore=\"true\"", "name=\"Shift undone\"")
        .isRefused(RUNBOOK, "Undone_Shift", "has no asyncBefore");
  }

  @Test
  void calledPhaseThatIsMissingOrNotBound_isRefused() {
    good()
        .without("phases/approval.bpmn")
        .isRefused(RUNBOOK, "Phase_Approval", "'approval', which is not in the set");
    good()
        .replace(RUNBOOK, " camunda:calledElementBinding=\"deployment\"", "")
        .isRefused(RUNBOOK, "Phase_Change", "calledElementBinding is not 'deployment'");
    good()
        .replace(RUNBOOK, "calledElement=\"shift\"", "calledElement=\"two-rails\"")
        .isRefused(RUNBOOK, "Phase_Shift", "calls a runbook");
    good()
        .replace(RUNBOOK, "calledElement=\"shift\"", "calledElement=\"two-rails\"")
        .isRefused(RUNBOOK, "two-rails", "calls itself");
    good()
        .replace(RUNBOOK, "calledElement=\"shift\"", "calledElement=\"undo-change\"")
        .isRefused(RUNBOOK, "Phase_Shift", "calls undo-change on the way up");
    good()
        .replace(RUNBOOK, "calledElement=\"undo-change\"", "calledElement=\"approval\"")
        .isRefused(RUNBOOK, "Undo_Change", "an undo calls a phase named undo-");
  }

  @Test
  void decisionThatIsMissingOrNotBound_isRefused() {
    good()
        .without(TestModels.DECISION)
        .isRefused(CHANGE, "Decide_Gate", "'things-gate', which is not in the set");
    good()
        .replace(CHANGE, " camunda:decisionRefBinding=\"deployment\"", "")
        .isRefused(CHANGE, "Decide_Gate", "decisionRefBinding is not 'deployment'");
  }

  @Test
  void userTaskThatNobodyCanDo_isRefused() {
    good()
        .replace(APPROVAL, "Decide whether the old things go for good.", " ")
        .isRefused(APPROVAL, "Task_Approve", "has no documentation");
    good()
        .replace(APPROVAL, "candidateGroups=\"approver\"", "candidateGroups=\"approver,boss\"")
        .isRefused(APPROVAL, "Task_Approve", "candidate groups [approver, boss]");
    good()
        .replace(APPROVAL, " camunda:candidateGroups=\"approver\"", "")
        .isRefused(APPROVAL, "Task_Approve", "candidate groups []");
    good()
        .replace(APPROVAL, "candidateGroups=\"approver\"", "assignee=\"anna\"")
        .isRefused(APPROVAL, "Task_Approve", "camunda:assignee", "candidate groups");
    good()
        .without(TestModels.FORM)
        .isRefused(APPROVAL, "Task_Approve", "formRef 'approve' is not in the set");
    good()
        .replace(APPROVAL, " camunda:formRef=\"approve\"", "")
        .isRefused(APPROVAL, "Task_Approve", "has no form");
    good()
        .replace(APPROVAL, " camunda:formRefBinding=\"deployment\"", "")
        .isRefused(APPROVAL, "Task_Approve", "formRefBinding is not 'deployment'");
  }

  private static TestModels asking(String form, String... fields) {
    return good()
        .replace(form, "\"components\": [", "\"components\": [" + String.join(",", fields) + ",");
  }

  private static String upload(String key, boolean disabled) {
    return "{\"type\": \"textfield\", \"key\": \"%s\", \"disabled\": %s, \"properties\": {\"type\": \"file\"}}"
        .formatted(key, disabled);
  }

  @Test
  void formThatAsksForAFile_asksForOne_thatNobodyTypes() {
    asking(TestModels.FORM, upload("shot", true), upload("log", true))
        .isRefused(APPROVAL, "Task_Approve", "form 'approve' asks for more than one file");
    asking(TestModels.FORM, upload("shot", false))
        .isRefused(APPROVAL, "Task_Approve", "field 'shot' of form 'approve'", "set disabled");
  }

  @Test
  void approval_takesNoFile() {
    asking(TestModels.FORM, upload("shot", true))
        .isRefused(APPROVAL, "Task_Approve", "asks for a file, and an approval takes none");
    asking(TestModels.FORM, upload("shot", true))
        .replace(APPROVAL, "candidateGroups=\"approver\"", "candidateGroups=\"operator\"")
        .isRefused(APPROVAL, "Task_Approve", "asks for a file, and an approval takes none");
  }

  @Test
  void startForm_asksForNoProof() {
    asking("forms/start-two-rails.form", upload("shot", true))
        .isRefused(RUNBOOK, "Start", "field 'shot' is a proof");
  }

  @Test
  void dueDate_readsAVariableThatIsGiven() {
    String task = "camunda:formRef=\"approve\"";
    good()
        .replace(APPROVAL, task, task + " camunda:dueDate=\"${nothing}\"")
        .isRefused(APPROVAL, "Task_Approve", "nothing");
    good().replace(APPROVAL, task, task + " camunda:dueDate=\"PT2H\"").isAccepted();
  }
}
