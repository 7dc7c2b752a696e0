package io.belay.model.lint;

import static io.belay.model.lint.TestModels.APPROVAL;
import static io.belay.model.lint.TestModels.CHANGE;
import static io.belay.model.lint.TestModels.RUNBOOK;
import static io.belay.model.lint.TestModels.good;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExpressionsAndInputsTest {

  private static TestModels condition(String text) {
    return good().replace(CHANGE, "${verdict == 'PASS'}", text);
  }

  private static TestModels parameter(String text) {
    return good().replace(CHANGE, ">${timeout}<", ">" + text + "<");
  }

  @ParameterizedTest
  @ValueSource(strings = {"${n &gt; 0}", "${n &lt;= 0.5}", "${a != b}", "${a==true}"})
  void conditionThatCompares_isAccepted(String text) {
    assertThat(condition(text).check())
        .noneMatch(finding -> finding.rule().startsWith("condition '"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "${a.b()}",
        "${a + b &gt; 0}",
        "${a == 'x' || b}",
        "${execution.setVariable('a', 1)}",
        "${''.getClass()}",
        "${a['b']}",
        "${a ? b : c}",
        "#{a}",
        "true",
        "${good}",
        "${!good}",
        "",
        "${a} ${b}",
        "${x == '${y}'}"
      })
  void conditionWithLogic_isRefused(String text) {
    condition(text).isRefused(CHANGE, "Flow_Good_Yes", "condition '", "only compare a variable");
  }

  @ParameterizedTest
  @ValueSource(strings = {"${changeThings == true}", "${execution == 'x'}", "${x != execution}"})
  void conditionOnSomethingElseThanAVariable_isRefused(String text) {
    condition(text).isRefused(CHANGE, "Flow_Good_Yes", "is no variable");
  }

  @ParameterizedTest
  @ValueSource(strings = {"PT10S", "${wait}", "5s", ""})
  void parameterThatIsAValueOrAVariable_isAccepted(String text) {
    parameter(text).isAccepted();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "${a.b}",
        "${decisionResult.verdict}",
        "#{a}",
        "${a == 'b'}",
        "${'a'}",
        "${${a}}",
        "${a",
        "<![CDATA[${a.b()}]]>"
      })
  void parameterWithLogic_isRefused(String text) {
    parameter(text).isRefused(CHANGE, "Task_ChangeThings", "a parameter is a value");
  }

  @Test
  void parameterThatHandsOutABean_isRefused() {
    parameter("${restoreThings}")
        .isRefused(CHANGE, "Task_ChangeThings", "'restoreThings' is no variable");
  }

  @Test
  void outputWithLogic_isRefused() {
    good()
        .replace(CHANGE, ">${changed}<", ">${changed.size()}<")
        .isRefused(CHANGE, "Task_ChangeThings", "'${changed.size()}' is refused");
    good()
        .replace(CHANGE, "${decisionResult.verdict}", "${decisionResult.x()}")
        .isRefused(CHANGE, "Decide_Gate", "is refused");
  }

  @ParameterizedTest
  @ValueSource(strings = {"${expiry}", "P1D", "PT30S", "P2W", "2030-01-01T00:00:00Z"})
  void timerThatIsIsoOrAVariable_isAccepted(String text) {
    good().replace(APPROVAL, ">PT1H<", ">" + text + "<").isAccepted();
  }

  @ParameterizedTest
  @ValueSource(strings = {"1h", "${a.b()}", "", "tomorrow", "P-1D", "PT"})
  void timerThatIsNoTime_isRefused(String text) {
    good()
        .replace(APPROVAL, ">PT1H<", ">" + text + "<")
        .isRefused(APPROVAL, "ExpiryTimer", "is no time");
  }

  @Test
  void expressionInAnyOtherPlace_isRefused() {
    good()
        .replace(APPROVAL, "name=\"Approve removal\"", "name=\"Approve ${x.y()}\"")
        .isRefused(APPROVAL, "Task_Approve", "name holds the expression 'Approve ${x.y()}'");
    good()
        .replace(APPROVAL, "Decide whether the old things go for good.", "#{x}")
        .isRefused(APPROVAL, "Task_Approve", "<bpmn:documentation> holds an expression");
    good()
        .replace(CHANGE, "topic=\"lookAtThings\"", "topic=\"${topic}\"")
        .isRefused(CHANGE, "Task_LookAtThings", "camunda:topic holds the expression");
    good()
        .replace(RUNBOOK, "calledElement=\"shift\"", "calledElement=\"${phase}\"")
        .isRefused(RUNBOOK, "Phase_Shift", "calledElement holds the expression");
    good()
        .replace(CHANGE, "errorCode=\"STOP\"", "errorCode=\"${x}\"")
        .isRefused(CHANGE, "Error_Stop", "errorCode holds the expression");
    good()
        .replace(
            CHANGE,
            "<bpmn:message id=\"Message_Abort\" name=\"Abort\"",
            "<bpmn:message id=\"Message_Abort\" name=\"${x}\"")
        .isRefused(CHANGE, "Message_Abort", "name holds the expression");
  }

  @Test
  void businessKeyOtherThanTheRunsName_isRefused() {
    good()
        .replace(RUNBOOK, "#{execution.processBusinessKey}", "${x.y()}")
        .isRefused(RUNBOOK, "Phase_Change", "businessKey '${x.y()}' is refused");
  }

  @Test
  void unknownInput_isRefused() {
    good()
        .replace(CHANGE, "name=\"weight\"", "name=\"wait\"")
        .isRefused(CHANGE, "Task_ChangeThings", "no input 'wait'", "[things, weight, timeout]");
  }

  @Test
  void inputGivenTwice_isRefused() {
    good()
        .replace(CHANGE, "name=\"weight\">10", "name=\"things\">10")
        .isRefused(CHANGE, "Task_ChangeThings", "input 'things' is given twice");
  }

  @Test
  void inputOfTheWrongType_isRefused() {
    good()
        .replace(CHANGE, ">10<", ">ten<")
        .isRefused(CHANGE, "Task_ChangeThings", "input weight: 'ten' is no int");
    parameter("soon").isRefused(CHANGE, "Task_ChangeThings", "timeout: 'soon' is no Duration");
  }

  @Test
  void inputThatBreaksAConstraint_isRefused() {
    good()
        .replace(CHANGE, ">10<", ">101<")
        .isRefused(CHANGE, "Task_ChangeThings", "input weight must be less than or equal to 100");
  }

  @Test
  void missingRequiredInput_isRefused() {
    good()
        .replace(CHANGE, "<camunda:inputParameter name=\"things\">all</camunda:inputParameter>", "")
        .isRefused(CHANGE, "Task_LookAtThings", "input things must not be blank");
  }

  @Test
  void requiredInputFromAVariable_isAccepted() {
    good().replace(CHANGE, ">all<", ">${things}<").isAccepted();
  }
}
