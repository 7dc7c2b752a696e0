package io.belay.playground;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DemoProofTest {

  private static final String SLOW =
      "new-version is worse than old-version: 90 % of 40 responses of new-version took longer than"
          + " 221 ms, 1 % of 300 of old-version longer than 211 ms";

  /** A run that ended otherwise than at its fault is no proof, whichever fault it is. */
  @ParameterizedTest
  @EnumSource(DemoFault.class)
  void runThatNothingNoticed_isNoProof_unlessItIsSurvived(DemoFault fault) throws Exception {
    JsonNode report = report("Phase_Approval", "the operator changed his mind", "", "");
    assertThat(missing(fault, report).isEmpty())
        .isEqualTo(fault.wantedStatus().equals("COMPLETED"));
  }

  @Test
  void gateThatNamesTheFault_isProof() throws Exception {
    assertThat(missing(DemoFault.SLOWER, report("Phase_FlagRollout", SLOW, "service-gate", SLOW)))
        .isEmpty();
  }

  @Test
  void anotherReason_isNone() throws Exception {
    String errors = "Error rate (5xx) is 2.000 %, the limit is 0.1 %";
    assertThat(
            missing(DemoFault.SLOWER, report("Phase_FlagRollout", errors, "service-gate", errors)))
        .hasValueSatisfying(what -> assertThat(what).contains(errors));
  }

  @Test
  void anotherPhase_isNone() throws Exception {
    assertThat(missing(DemoFault.SLOWER, report("Phase_Soak", SLOW, "service-gate", SLOW)))
        .hasValueSatisfying(what -> assertThat(what).contains("Phase_Soak"));
  }

  @Test
  void anotherGate_isNone() throws Exception {
    assertThat(
            missing(DemoFault.SLOWER, report("Phase_FlagRollout", SLOW, "comparison-gate", SLOW)))
        .hasValueSatisfying(what -> assertThat(what).contains("service-gate"));
  }

  @Test
  void runWithoutAFailedPhase_isNone() throws Exception {
    JsonNode report = new JsonMapper().readTree("{\"run\": {\"phases\": [], \"gates\": []}}");
    assertThat(missing(DemoFault.SLOWER, report)).isPresent();
  }

  @Test
  void failedStep_isProofOnlyOfItsOwnFailure() throws Exception {
    JsonNode other =
        incident("Phase_Build", "Task_MakeChange: the command did not end within 120 s");
    assertThat(missing(DemoFault.BUILD, other)).isPresent();
    JsonNode own =
        incident(
            "Phase_Build",
            "Task_MakeChange: exit code 1: NewKeyManager.java:9: cannot find symbol");
    assertThat(missing(DemoFault.BUILD, own)).isEmpty();
  }

  @Test
  void deathInAStep_isTwoAttemptsOfWhichTheFirstHasNoEnd() throws Exception {
    assertThat(DemoProof.diedInAStep(journal("INTENT a", "INTENT b", "INTENT a", "RESULT a")))
        .isTrue();
    assertThat(DemoProof.diedInAStep(journal("INTENT a", "FAILURE a", "INTENT a", "RESULT a")))
        .isFalse();
    assertThat(DemoProof.diedInAStep(journal("INTENT a", "RESULT a", "INTENT b", "RESULT b")))
        .isFalse();
  }

  private static Optional<String> missing(DemoFault fault, JsonNode report) {
    return DemoProof.missing(fault, report);
  }

  private static JsonNode report(String phase, String reason, String gate, String says)
      throws Exception {
    return new JsonMapper()
        .readTree(
            """
            {"run": {"reason": "%s",
              "phases": [
                {"activityId": "Phase_Backup", "undo": false, "outcome": "passed"},
                {"activityId": "%s", "undo": false, "outcome": "failed"},
                {"activityId": "Undo_Backup", "undo": true, "outcome": "undone"},
                {"activityId": "Task_NotifyRolledBack", "undo": false, "outcome": "done"}],
              "gates": [{"decision": "%s", "verdict": "FAIL", "reason": "%s"}]}}
            """
                .formatted(reason, phase, gate, says));
  }

  private static JsonNode incident(String phase, String text) throws Exception {
    return new JsonMapper()
        .readTree(
            """
            {"run": {"reason": "it cannot work", "gates": [],
              "phases": [{"activityId": "%s", "undo": false, "outcome": "aborted"}]},
             "incidents": [{"kind": "INCIDENT", "text": "%s"}]}
            """
                .formatted(phase, text));
  }

  private static JsonNode journal(String... entries) throws Exception {
    StringBuilder text = new StringBuilder("[");
    for (int i = 0; i < entries.length; i++) {
      String[] words = entries[i].split(" ");
      text.append(i == 0 ? "" : ",")
          .append(
              "{\"id\":%d,\"kind\":\"%s\",\"stepKey\":\"%s\"}".formatted(i, words[0], words[1]));
    }
    return new JsonMapper().readTree(text.append("]").toString());
  }
}
