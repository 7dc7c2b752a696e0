package io.belay.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A snapshot without a migration. */
class DocumentSnapshotProcessTest extends ModelRun {

  DocumentSnapshotProcessTest() {
    super("document-snapshot");
  }

  @BeforeEach
  void prepare() {
    answer("takeDocumentSnapshot", Map.of("snapshot", "snapshot-1"));
    answer("verifyDocumentSnapshot", Map.of("verdict", "PASS", "reason", "fine"));
  }

  @Test
  void verifiedSnapshot_completes() {
    start(Map.of());

    assertThat(end()).isEqualTo("End_Completed");
  }

  @Test
  void snapshotThatCannotBeReadBack_isNone() {
    answer("verifyDocumentSnapshot", Map.of("verdict", "FAIL", "reason", "cannot be read back"));
    start(Map.of());

    assertThat(end()).isEqualTo("End_RolledBack");
    assertThat(variable("reason")).isEqualTo("cannot be read back");
  }

  @Test
  void abort_endsIt() {
    world.held.add("takeDocumentSnapshot");
    start(Map.of());
    abortDuring("takeDocumentSnapshot", "too long");

    assertThat(end()).isEqualTo("End_RolledBack");
    assertThat(variable("documentBackupOutcome")).isEqualTo("aborted");
  }

  @Test
  void deadline_endsIt() {
    world.held.add("takeDocumentSnapshot");
    start(Map.of());
    fireTimer("Start_OnDeadline");

    assertThat(end()).isEqualTo("End_RolledBack");
    assertThat(variable("documentBackupOutcome")).isEqualTo("timedOut");
  }

  @Test
  void startByMessage_takesTheSameWay() {
    startByMessage();

    assertThat(end()).isEqualTo("End_Completed");
  }
}
