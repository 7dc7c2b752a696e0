package io.belay.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.stream.Stream;
import org.camunda.bpm.engine.delegate.BpmnError;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The way back to a snapshot, which itself can be taken back. */
class DocumentRestoreProcessTest extends ModelRun {

  DocumentRestoreProcessTest() {
    super("document-restore");
  }

  @BeforeEach
  @Override
  void prepare() {
    answer("takeDocumentSnapshot", Map.of("snapshot", "present-state"));
    answer("verifyDocumentSnapshot", Map.of("verdict", "PASS", "reason", "fine"));
  }

  private void begin(Map<String, Object> parameters) {
    start(parameters);
    complete("Task_Approve", Map.of("decision", "go"));
  }

  @Test
  void restoreThatNobodyApproves_changesNothing() {
    start(Map.of());
    complete("Task_Approve", Map.of("decision", "no-go"));

    assertThat(end()).isEqualTo("End_RolledBack");
    assertThat(call("restoreDocumentSnapshot")).isEmpty();
    assertThat(call("takeDocumentSnapshot")).isEmpty();
  }

  @Test
  void restoresTheWantedSnapshot_afterThePresentStateWasSaved() {
    begin(Map.of("snapshot", "of-last-week"));

    assertThat(end()).isEqualTo("End_Completed");
    assertThat(call("verifyDocumentSnapshot").get(0).inputs())
        .containsEntry("documents", "document-store");
    assertThat(call("restoreDocumentSnapshot").get(0).inputs())
        .containsEntry("snapshot", "of-last-week");
  }

  @Test
  void withoutAName_restoresTheNewest() {
    begin(Map.of());

    assertThat(call("restoreDocumentSnapshot").get(0).inputs()).containsEntry("snapshot", "newest");
  }

  @Test
  void presentStateThatCannotBeSaved_isLeftAsItIs() {
    answer("verifyDocumentSnapshot", Map.of("verdict", "FAIL", "reason", "cannot be read back"));
    begin(Map.of());

    assertThat(end()).isEqualTo("End_RolledBack");
    assertThat(call("restoreDocumentSnapshot")).isEmpty();
    assertThat(undone()).isEmpty();
    assertThat(variable("reason")).isEqualTo("cannot be read back");
  }

  @Test
  void restoreThatFails_isTakenBack() {
    answer(
        "restoreDocumentSnapshot",
        call -> {
          throw new BpmnError("STOP", "the snapshot was tampered with");
        });
    begin(Map.of());

    assertThat(end()).isEqualTo("End_RolledBack");
    assertThat(undone()).containsExactly("revertDocumentRestore");
    assertThat(variable("reason")).isEqualTo("the snapshot was tampered with");
  }

  @TestFactory
  Stream<DynamicTest> everyWayOut_goesBack() {
    return new WaysOut(this, Map.of(), Map.of()).all();
  }

  @Test
  void startByMessage_takesTheSameWay() {
    startByMessage();
    complete("Task_Approve", Map.of("decision", "go"));

    assertThat(end()).isEqualTo("End_Completed");
  }
}
