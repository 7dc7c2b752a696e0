package io.belay.playground;

import io.belay.playground.PlaygroundRunbook.Break;
import java.util.List;
import java.util.Map;

/** The runbooks that the playground has a world for. */
final class PlaygroundRunbooks {

  private static final Map<String, Object> GO = Map.of("decision", "go", "reason", "rehearsed");

  static final PlaygroundRunbook MAIN_SERVER =
      new PlaygroundRunbook(
          "main-server-v1-to-v2",
          Map.of(
              "environment", "playground",
              "weights", "50,100",
              "gateWindow", "2s",
              "soakWindow", "2s",
              "soakDuration", "2s",
              "keepBaseline", "1s",
              // A shared machine may be slow for a moment; that must not decide a run.
              "allowedFailures", 3,
              "soakAllowedFailures", 3),
          Map.of("allowedFailures", 0, "soakAllowedFailures", 0),
          Map.of(
              "Task_ConfirmChecklist",
              Map.of(
                  "confirmed1", true,
                  "confirmed2", true,
                  "confirmed3", true,
                  "confirmed4", true),
              "Task_Approve",
              GO,
              "Task_UpdateDocumentation",
              Map.of(
                  "confirmed1", true,
                  "confirmed2", true,
                  "confirmed3", true),
              "Task_ApproveDecommission",
              Map.of("decision", "go", "reason", "stable"),
              "Task_ConfirmRestore",
              Map.of("decision", "restore", "reason", "v1 needs its data")),
          List.of(
              Break.of("Phase_Preparation", "", Fault.errorRate("staging", 1)),
              Break.of("Phase_DatabaseMigration", "", Fault.dataCorruption()),
              Break.of("Phase_ProgressiveRollout", "Task_ShiftTraffic", Fault.named("error-rate")),
              new Break(
                  "Phase_RollingUpdate",
                  "Task_ReplaceInstance",
                  Fault.named("error-rate"),
                  Map.of("strategy", "rolling")),
              new Break(
                  "Phase_Soak",
                  "Task_AnnounceSoak",
                  Fault.named("error-rate"),
                  Map.of("allowedFailures", 3, "soakDuration", "20s"))));

  static final PlaygroundRunbook TWO_DATABASES =
      new PlaygroundRunbook(
          "two-database-rolling",
          Map.of(
              "environment", "playground",
              "gateWindow", "2s",
              "soakWindow", "2s",
              "soakDuration", "2s",
              "keepLegacy", "1s",
              "slowdownLimit", 10,
              "allowedFailures", 3,
              "soakAllowedFailures", 3),
          Map.of("allowedFailures", 0, "soakAllowedFailures", 0),
          Map.of(
              "Task_ConfirmChecklist",
              Map.of(
                  "analysisRead", true,
                  "writersStop", true,
                  "stakeholdersInformed", true,
                  "rollbackKnown", true),
              "Task_Approve",
              GO,
              "Task_UpdateApplications",
              Map.of(
                  "servicesUpdated", true,
                  "proceduresUpdated", true,
                  "monitoringUpdated", true,
                  "lessonsWritten", true),
              "Task_ApproveRemoval",
              Map.of("decision", "remove", "reason", "valid and stable"),
              "Task_FinishRemoval",
              Map.of("legacyUnused", true, "reason", "removed by hand")),
          List.of(
              Break.of("Phase_DocumentPreparation", "", Fault.named("unreadable-documents")),
              Break.of("Phase_DocumentMigration", "", Fault.named("plain-password")),
              Break.of("Phase_QueryRollout", "Task_SwitchToHybrid", Fault.named("broken-store")),
              new Break(
                  "Phase_QuerySoak",
                  "Task_AnnounceSoak",
                  Fault.named("broken-store"),
                  Map.of("allowedFailures", 3, "soakDuration", "20s"))));

  static final PlaygroundRunbook BACKEND_IMPROVEMENTS =
      new PlaygroundRunbook(
          "backend-improvements",
          Map.of(
              "environment", BackendWorld.ENVIRONMENT,
              "weights", "50,100",
              "gateWindow", "3s",
              "weightDuration", "3s",
              // The numbers are of the last ten seconds: sooner, a gate would see the same again.
              "compareEvery", "5s",
              "soakWindow", "3s",
              "soakDuration", "3s",
              "allowedFailures", 3,
              "soakAllowedFailures", 3),
          Map.of("allowedFailures", 0, "soakAllowedFailures", 0),
          Map.of(
              "Task_ConfirmChecklist",
              Map.of(
                  "confirmed1", true,
                  "confirmed2", true,
                  "confirmed3", true,
                  "confirmed4", true,
                  "confirmed5", true),
              "Task_Approve",
              GO,
              "Task_CheckByHand",
              Map.of("done", true),
              "Task_ChangeByHand",
              Map.of("done", true)),
          List.of(
              Break.of("Phase_Build", "", Fault.named("build")),
              Break.of("Phase_FlagRollout", "Task_SetFlag", Fault.named("slower")),
              Break.of("Phase_Contract", "", Fault.named("contract"))));

  static final PlaygroundRunbook DOCUMENT_SNAPSHOT =
      new PlaygroundRunbook(
          "document-snapshot", Map.of("environment", "playground"), Map.of(), Map.of(), List.of());

  static final PlaygroundRunbook DOCUMENT_RESTORE =
      new PlaygroundRunbook(
          "document-restore",
          Map.of("environment", "playground"),
          Map.of(),
          Map.of("Task_Approve", GO),
          List.of());

  static final List<PlaygroundRunbook> ALL =
      List.of(
          MAIN_SERVER, TWO_DATABASES, BACKEND_IMPROVEMENTS, DOCUMENT_SNAPSHOT, DOCUMENT_RESTORE);

  private PlaygroundRunbooks() {}
}
