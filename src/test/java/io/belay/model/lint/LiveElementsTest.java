package io.belay.model.lint;

import static io.belay.model.lint.TestModels.CHANGE;
import static io.belay.model.lint.TestModels.RUNBOOK;
import static io.belay.model.lint.TestModels.good;

import org.junit.jupiter.api.Test;

class LiveElementsTest {

  private static final String UNREACHED = "no way leads here";
  private static final String ENDLESS = "no way leads from here to an end";

  private static String flow(String from, String to) {
    return "sourceRef=\"%s\" targetRef=\"%s\"".formatted(from, to);
  }

  @Test
  void elementThatNoFlowReaches_isRefused() {
    TestModels skipped =
        good()
            .replace(
                CHANGE, flow("Start", "Task_ChangeThings"), flow("Start", "Task_LookAtThings"));
    skipped.isRefused(CHANGE, "Task_ChangeThings", UNREACHED);
    skipped.isNotRefused(CHANGE, "Task_LookAtThings", UNREACHED);
  }

  @Test
  void elementBehindOneThatNobodyReaches_isRefused() {
    TestModels cut =
        good()
            .replace(
                RUNBOOK,
                flow("Gateway_Shifted", "Phase_Approval"),
                flow("Gateway_Shifted", "End_Completed"));
    cut.isRefused(RUNBOOK, "Phase_Approval", UNREACHED);
    cut.isRefused(RUNBOOK, "Phase_Removal", UNREACHED);
  }

  @Test
  void cycleWithoutAWayOut_isRefused() {
    TestModels round =
        good()
            .replace(
                CHANGE,
                flow("Task_LookAtThings", "Decide_Gate"),
                flow("Task_LookAtThings", "Task_ChangeThings"));
    round.isRefused(CHANGE, "Task_ChangeThings", ENDLESS);
    round.isRefused(CHANGE, "Start", ENDLESS);
    round.isRefused(CHANGE, "Decide_Gate", UNREACHED);
  }

  @Test
  void elementWithoutAWayOn_isRefused() {
    good()
        .replace(
            CHANGE,
            "<bpmn:sequenceFlow id=\"Flow_Task_LookAtThings_Decide_Gate\" "
                + flow("Task_LookAtThings", "Decide_Gate")
                + " />",
            "")
        .isRefused(CHANGE, "Task_LookAtThings", ENDLESS);
  }

  @Test
  void undoHandlersAndEventSubprocesses_areReachedWithoutAFlow() {
    good().isNotRefused(RUNBOOK, "Undo_Change", UNREACHED);
    good().isNotRefused(CHANGE, "OnAbort", UNREACHED);
    good()
        .replace(
            CHANGE,
            flow("Start_OnAbort", "Task_Await_OnAbort"),
            flow("Start_OnAbort", "End_Aborted"))
        .isRefused(CHANGE, "Task_Await_OnAbort", UNREACHED);
  }
}
