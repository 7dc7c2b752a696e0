package io.belay.model.lint;

import static org.assertj.core.api.Assertions.assertThat;

import io.belay.step.StepTypes;
import io.belay.target.ProtectedTargets;
import jakarta.validation.Validation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The delivered models, with ways past the approval and the backup. */
class GuardedChangesTest {

  private static final String RUNBOOK = "runbooks/main-server-v1-to-v2.bpmn";
  private static final String BACKUP = "phases/backup.bpmn";
  private static final String APPROVAL = "phases/approval.bpmn";
  private static final String EARLY = "before an approval";
  private static final String LOST = "before a backup of it was verified";

  private static final Map<String, byte[]> DELIVERED = TestModels.ofDirectory(Path.of("processes"));
  private static final BoundInputs INPUTS =
      new BoundInputs(Validation.buildDefaultValidatorFactory().getValidator());

  @TempDir Path environments;

  private static Map<String, byte[]> leading(String file, String source, String from, String to) {
    String flow = "sourceRef=\"%s\" targetRef=\"%s\"";
    return replacing(file, flow.formatted(source, from), flow.formatted(source, to));
  }

  private static Map<String, byte[]> replacing(String file, String old, String replacement) {
    String text = new String(DELIVERED.get(file), StandardCharsets.UTF_8);
    assertThat(text).contains(old);
    Map<String, byte[]> models = new TreeMap<>(DELIVERED);
    models.put(file, text.replace(old, replacement).getBytes(StandardCharsets.UTF_8));
    return models;
  }

  private static List<String> findings(Map<String, byte[]> models, ProtectedTargets targets) {
    return new ModelLint(StepTypes.idle(), INPUTS, () -> targets)
        .check(models).stream()
            .filter(finding -> finding.rule().startsWith("changes the protected"))
            .map(finding -> finding.file() + " " + finding.element() + " " + finding.rule())
            .toList();
  }

  private ProtectedTargets described(String... files) throws IOException {
    for (int i = 0; i < files.length; i++) {
      Files.writeString(environments.resolve("e%d.yml".formatted(i)), files[i]);
    }
    return ProtectedTargets.in(environments);
  }

  @Test
  void wayPastTheApproval_isRefused() {
    assertThat(
            findings(
                leading(
                    RUNBOOK, "Gateway_BackupPassed", "Phase_Approval", "Phase_DatabaseMigration"),
                ProtectedTargets.byKind()))
        .contains(
            RUNBOOK
                + " Phase_DatabaseMigration changes the protected migration in 'Apply schema changes' before an approval; put a phase that approves first, on every way that leads here")
        .anySatisfy(rule -> assertThat(rule).contains("Phase_ProgressiveRollout", "router", EARLY));
  }

  @Test
  void approvalThatThePhasePassesWithout_isNone() {
    assertThat(
            findings(
                leading(APPROVAL, "Timer_ApprovalExpired", "End_Failed_Expired", "End_Passed"),
                ProtectedTargets.byKind()))
        .anySatisfy(rule -> assertThat(rule).contains("Phase_DatabaseMigration", EARLY));
  }

  @Test
  void wayPastTheBackup_isRefused() {
    assertThat(
            findings(
                leading(RUNBOOK, "Gateway_PreparationPassed", "Phase_Backup", "Phase_Approval"),
                ProtectedTargets.byKind()))
        .anySatisfy(rule -> assertThat(rule).contains("Phase_DatabaseMigration", LOST))
        .noneSatisfy(rule -> assertThat(rule).contains(EARLY));
  }

  @Test
  void backupThatIsNotVerified_isNone() {
    assertThat(
            findings(
                leading(BACKUP, "Join_Backups", "Task_VerifyBackup", "End_Passed"),
                ProtectedTargets.byKind()))
        .anySatisfy(rule -> assertThat(rule).contains("Phase_DatabaseMigration", LOST));
  }

  @Test
  void environments_sayWhatIsProtected() throws IOException {
    Map<String, byte[]> unapproved =
        leading(RUNBOOK, "Gateway_BackupPassed", "Phase_Approval", "Phase_DatabaseMigration");
    String guarded =
        """
        targets:
          database: {type: postgres, protected: true}
          migration: {type: migration, database: database}
        """;
    assertThat(findings(unapproved, described(guarded)))
        .anySatisfy(rule -> assertThat(rule).contains("Phase_DatabaseMigration", "database", EARLY))
        .noneSatisfy(rule -> assertThat(rule).contains("router"));
    assertThat(findings(unapproved, described(guarded, guarded.replace("true", "false"))))
        .isEmpty();
  }

  @Test
  void backupOfAnotherTarget_isNone() throws IOException {
    Map<String, byte[]> other =
        replacing(
            RUNBOOK,
            "<camunda:in sourceExpression=\"database\" target=\"databases\" />",
            "<camunda:in sourceExpression=\"archive\" target=\"databases\" />");
    ProtectedTargets targets =
        described(
            """
            targets:
              database: {type: postgres, protected: true}
              archive: {type: postgres}
              migration: {type: migration, database: database}
            """);
    assertThat(findings(other, targets))
        .anySatisfy(rule -> assertThat(rule).contains("Phase_DatabaseMigration", LOST));
    assertThat(findings(DELIVERED, targets)).isEmpty();
  }
}
