package io.belay.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.belay.model.RunbookOutline.PhaseOutline;
import io.belay.model.RunbookOutline.TaskOutline;
import java.util.List;
import java.util.Map;
import org.camunda.bpm.model.bpmn.Bpmn;
import org.camunda.bpm.model.bpmn.BpmnModelInstance;
import org.junit.jupiter.api.Test;

class OutlineReaderTest {

  @Test
  void wayBack_isToldInTheOrderInWhichItRuns() {
    assertThat(undo("main-server-v1-to-v2", Map.of("strategy", "rolling")))
        .containsExactly(
            "Undo_RollingUpdate", "Undo_DatabaseMigration", "Undo_Backup", "Undo_Preparation");
    assertThat(undo("main-server-v1-to-v2", Map.of("strategy", "blue-green")))
        .containsExactly(
            "Undo_ProgressiveRollout", "Undo_DatabaseMigration", "Undo_Backup", "Undo_Preparation");
  }

  @Test
  void everyPhase_comesAfterAllThatLeadToIt() {
    List<String> phases =
        outline("main-server-v1-to-v2", Map.of("strategy", "blue-green")).forward().stream()
            .map(PhaseOutline::activityId)
            .toList();

    assertThat(phases)
        .containsSubsequence(
            "Phase_Preparation",
            "Phase_Backup",
            "Phase_Approval",
            "Phase_DatabaseMigration",
            "Phase_ProgressiveRollout",
            "Phase_Soak",
            "Phase_Cleanup",
            "Phase_Decommission",
            "Task_NotifyCompleted",
            "Task_NotifyRolledBack");
  }

  @Test
  void stepsOfAnUndo_areToldInTheOrderInWhichTheyRun() {
    List<String> steps =
        outline("main-server-v1-to-v2", Map.of("strategy", "rolling")).undo().stream()
            .filter(phase -> phase.activityId().equals("Undo_DatabaseMigration"))
            .flatMap(phase -> phase.tasks().stream())
            .map(TaskOutline::activityId)
            .toList();

    assertThat(steps).containsSubsequence("Task_RevertSchema", "Task_CompareFingerprint");
  }

  private static List<String> undo(String runbook, Map<String, Object> parameters) {
    return outline(runbook, parameters).undo().stream().map(PhaseOutline::activityId).toList();
  }

  private static RunbookOutline outline(String runbook, Map<String, Object> parameters) {
    return new OutlineReader(phase -> read("phases/" + phase), parameters)
        .read(read("runbooks/" + runbook));
  }

  private static BpmnModelInstance read(String model) {
    return Bpmn.readModelFromFile(ModelFiles.PROCESSES.resolve(model + ".bpmn").toFile());
  }
}
