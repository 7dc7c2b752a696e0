package io.belay.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** A snapshot without a migration. */
class DocumentSnapshotProcessTest extends ModelRun {

  DocumentSnapshotProcessTest() {
    super("document-snapshot");
  }

  @BeforeEach
  @Override
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

  @TestFactory
  Stream<DynamicTest> everyWayOut_goesBack() {
    return new WaysOut(this, Map.of(), Map.of()).all();
  }

  @Test
  void startByMessage_takesTheSameWay() {
    startByMessage();

    assertThat(end()).isEqualTo("End_Completed");
  }
}
