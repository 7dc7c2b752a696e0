package io.belay.model.lint;

import static io.belay.model.lint.TestModels.APPROVAL;
import static io.belay.model.lint.TestModels.FORM;
import static io.belay.model.lint.TestModels.RUNBOOK;
import static io.belay.model.lint.TestModels.good;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PersonsDecisionsTest {

  private static final String TASK = "Task_Approve";
  private static final String NO = "sourceRef=\"Gateway_Granted\" targetRef=\"End_Failed_Refused\"";

  private static TestModels asking(String condition) {
    return good().replace(APPROVAL, "${decision == 'go'}", condition);
  }

  @Test
  void decision_isAskedOfApproversOnly() {
    for (String groups : new String[] {"operator", "approver,operator"}) {
      good()
          .replace(
              APPROVAL, "candidateGroups=\"approver\"", "candidateGroups=\"%s\"".formatted(groups))
          .isRefused(APPROVAL, TASK, "asks for a decision, so only approvers answer it");
    }
  }

  @Test
  void formWithoutADecision_isNoApproval() {
    good()
        .replace(APPROVAL, "formRef=\"approve\"", "formRef=\"finish\"")
        .isRefused(APPROVAL, TASK, "form 'finish' has no field 'decision'");
    good()
        .replace(FORM, "\"key\": \"decision\"", "\"key\": \"answer\"")
        .isRefused(APPROVAL, TASK, "form 'approve' has no field 'decision'");
  }

  @Test
  void decisionThatNoGatewayAsks_isRefused() {
    good()
        .replace(
            APPROVAL,
            "sourceRef=\"Task_Approve\" targetRef=\"Gateway_Granted\"",
            "sourceRef=\"Task_Approve\" targetRef=\"End_Passed\"")
        .isRefused(APPROVAL, TASK, "its decision is not asked before End_Passed");
    asking("${changeOutcome == 'passed'}").isRefused(APPROVAL, TASK, "is not asked before");
  }

  @Test
  void decisionThatIsNotKept_isRefused() {
    String output =
        "<bpmn:extensionElements><camunda:inputOutput><camunda:outputParameter name=\"%s\">%s"
            + "</camunda:outputParameter></camunda:inputOutput></bpmn:extensionElements>";
    String documentation = "</bpmn:documentation>";
    good()
        .replace(APPROVAL, documentation, documentation + output.formatted("said", "${reason}"))
        .isRefused(APPROVAL, TASK, "its decision must be kept in one variable");
    good()
        .replace(APPROVAL, documentation, documentation + output.formatted("said", "${decision}"))
        .replace(APPROVAL, "${decision == 'go'}", "${said == 'go'}")
        .isAccepted();
  }

  @ParameterizedTest
  @ValueSource(strings = {"${decision != 'no-go'}", "${decision == 'perhaps'}"})
  void decision_isComparedWithAnOptionOfItsForm(String condition) {
    asking(condition)
        .isRefused(APPROVAL, TASK, "asks its decision otherwise than by == and one of [go, no-go]");
  }

  @Test
  void decisionThatGrantsNothing_doesNotLeadOn() {
    good()
        .replace(APPROVAL, NO, NO.replace("End_Failed_Refused", "End_Passed"))
        .isRefused(
            APPROVAL, TASK, "'Flow_Granted_No' leads on although the decision grants nothing");
    asking("${decision == 'no-go'}")
        .isRefused(APPROVAL, TASK, "'Flow_Granted_Yes' leads on although");
  }

  @Test
  void decisionThatTheCallerAsks_mayPassThePhase() {
    good()
        .replace(APPROVAL, NO, NO.replace("End_Failed_Refused", "End_Passed"))
        .replace(
            RUNBOOK,
            "<camunda:out source=\"outcome\" target=\"approvalOutcome\" />",
            "<camunda:out source=\"outcome\" target=\"approvalOutcome\" />"
                + "<camunda:out source=\"decision\" target=\"decision\" />")
        .isNotRefused(
            APPROVAL,
            TASK,
            "'Flow_Granted_No' leads on although the decision grants nothing; let it fail");
  }
}
